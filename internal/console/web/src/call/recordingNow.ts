import { RecordingMode, RecordingStatus } from "@anteroom/client/recording";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { RecordingNow } from "../live/follow";

// The one first that shows most.
const shows = [RecordingMode.SCREEN, RecordingMode.AUDIO, RecordingMode.TRACKS, RecordingMode.PARTICIPANT];

/** mostTelling is the recording to speak of, of several: one that records, and shows most. */
export function mostTelling(recordings: RecordingNow[]): RecordingNow | undefined {
  const rank = ({ mode, status }: RecordingNow) =>
    shows.indexOf(mode) + (status === RecordingStatus.ACTIVE ? 0 : shows.length);
  return recordings.toSorted((a, b) => rank(a) - rank(b))[0];
}

/**
 * nearLimit is when a recording will be stopped whose limit is said to be near, in
 * milliseconds: as it was told, else by how long any may be; undefined for others.
 */
export function nearLimit(recording: RecordingNow, most: number): number | undefined {
  if (recording.status !== RecordingStatus.ACTIVE || !recording.limitNear) return undefined;
  if (recording.limitTime) return timestampMs(recording.limitTime);
  return recording.startTime && most > 0 ? timestampMs(recording.startTime) + most : undefined;
}

/** minutesLeft are the minutes until a limit, the last one until it is reached. */
export function minutesLeft(limit: number, now: number): number {
  return Math.max(1, Math.ceil((limit - now) / 60_000));
}
