import { ConnectionQuality } from "@anteroom/client/meeting";
import {
  ConnectionQuality as Seen,
  LocalTrack,
  RemoteTrack,
  RoomEvent,
  type Participant,
  type Room,
} from "livekit-client";
import { parting } from "../api/client";
import { deviceOf } from "./device";
import { measure, type Counts, type Stats } from "./measure";
import { QualityLog } from "./qualityLog";

const sampleMs = 10_000;
const samplesPerReport = 3;

const levels: Record<Seen, ConnectionQuality> = {
  [Seen.Excellent]: ConnectionQuality.EXCELLENT,
  [Seen.Good]: ConnectionQuality.GOOD,
  [Seen.Poor]: ConnectionQuality.POOR,
  [Seen.Lost]: ConnectionQuality.LOST,
  [Seen.Unknown]: ConnectionQuality.UNSPECIFIED,
};

/**
 * reportQuality reports the room's connection every 30 seconds and when the
 * person leaves, be it by closing the page. It gives what ends it.
 */
export function reportQuality(room: Room, ticket: string): () => void {
  const log = new QualityLog();
  const client = deviceOf(navigator.userAgent);
  let counts: Counts = { lost: 0, received: 0 };
  let sequence = 0;
  let ticks = 0;
  let participantSid = "";

  const turn = (quality: Seen, participant: Participant) => {
    if (!participant.isLocal) return;
    participantSid = participant.sid;
    log.turn(levels[quality], performance.now());
  };
  const send = () => {
    const samples = log.take();
    if (samples.length === 0 || !participantSid) return;
    const report = { participantSid, ticket, sequence: ++sequence, samples, client };
    // A report counts once, however often it arrives; one that is lost twice is not worth more.
    parting.reportQuality(report).catch(() => parting.reportQuality(report).catch(() => undefined));
  };
  const sample = async () => {
    const now = measure(await statsOf(room), counts);
    counts = now.counts;
    log.cut(performance.now(), now.measured);
    if (++ticks % samplesPerReport === 0) send();
  };
  const leave = () => {
    log.cut(performance.now());
    log.turn(ConnectionQuality.UNSPECIFIED, performance.now());
    send();
  };

  const timer = setInterval(() => void sample(), sampleMs);
  room.on(RoomEvent.ConnectionQualityChanged, turn).on(RoomEvent.Disconnected, leave);
  addEventListener("pagehide", leave);
  return () => {
    clearInterval(timer);
    room.off(RoomEvent.ConnectionQualityChanged, turn).off(RoomEvent.Disconnected, leave);
    removeEventListener("pagehide", leave);
    leave();
  };
}

// What cannot be read now, as of a track that ends just then, is left out.
async function statsOf(room: Room): Promise<Stats[]> {
  const tracks = [room.localParticipant, ...room.remoteParticipants.values()]
    .flatMap((participant) => [...participant.trackPublications.values()])
    .map(({ track }) => track)
    .filter((track) => track instanceof LocalTrack || track instanceof RemoteTrack);
  const reports = await Promise.allSettled(tracks.map((track) => track.getRTCStatsReport()));
  return reports.flatMap((report) => {
    const found: Stats[] = [];
    if (report.status === "fulfilled") report.value?.forEach((one: Stats) => found.push(one));
    return found;
  });
}
