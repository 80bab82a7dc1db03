import { ParticipantKind, type Meeting, type Participant, type Quality } from "@anteroom/client/meeting";
import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";
import { timestampDate } from "@bufbuild/protobuf/wkt";

const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const hour = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });

/** meetingDay is the day on which a meeting began. */
export function meetingDay({ startTime }: Meeting): string {
  return startTime ? day.format(timestampDate(startTime)) : "Unknown day";
}

/** meetingHours is from when to when a meeting went. */
export function meetingHours({ startTime, endTime, endEstimated }: Meeting): string {
  return `${clock(startTime)} – ${endTime ? about(endTime, endEstimated) : "now"}`;
}

/** came says when somebody came in. */
export function came({ joinTime }: Participant): string {
  return joinTime ? clock(joinTime) : "Did not get in";
}

/** left says when somebody left; empty for who never came in. */
export function left({ joinTime, leaveTime, leaveEstimated }: Participant): string {
  if (!joinTime) return "";
  return leaveTime ? about(leaveTime, leaveEstimated) : "Still in";
}

/** minutes are the whole minutes of a duration. */
export function minutes(duration: Duration | undefined): string {
  return String(Math.round(seconds(duration) / 60));
}

const kinds: Record<ParticipantKind, string> = {
  [ParticipantKind.UNSPECIFIED]: "",
  [ParticipantKind.WEB]: "",
  [ParticipantKind.PHONE]: "By telephone",
  [ParticipantKind.AGENT]: "Agent",
  [ParticipantKind.RECORDER]: "Recorder",
  [ParticipantKind.INGRESS]: "Stream",
};

/** kindName says what somebody is who is not a person in a browser; empty for those. */
export function kindName(kind: ParticipantKind): string {
  return kinds[kind];
}

/** mostly is how a connection was for most of the time; empty when nobody said. */
export function mostly(quality: Quality | undefined): string {
  if (!quality) return "";
  const levels: [string, Duration | undefined][] = [
    ["Excellent", quality.excellentDuration],
    ["Good", quality.goodDuration],
    ["Poor", quality.poorDuration],
    ["Lost", quality.lostDuration],
  ];
  const [word] = levels.reduce((most, level) => (seconds(level[1]) > seconds(most[1]) ? level : most));
  return word;
}

/** measured says what was measured of a connection; empty when nothing was. */
export function measured(quality: Quality | undefined): string {
  if (!quality) return "";
  const { roundTripMean, packetLossMean } = quality;
  return [
    roundTripMean && `${Math.round(seconds(roundTripMean) * 1000)} ms`,
    packetLossMean !== undefined && `${(packetLossMean * 100).toFixed(1)} % lost`,
  ]
    .filter(Boolean)
    .join(", ");
}

function clock(time: Timestamp | undefined): string {
  return time ? hour.format(timestampDate(time)) : "?";
}

function about(time: Timestamp, estimated: boolean): string {
  return estimated ? `about ${clock(time)}` : clock(time);
}

function seconds(duration: Duration | undefined): number {
  return duration ? Number(duration.seconds) + duration.nanos / 1e9 : 0;
}
