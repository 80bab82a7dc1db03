import { RecordingMode, RecordingStatus } from "@anteroom/client/recording";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { RecordingNow } from "../live/follow";

// How long before its end people are told that a recording will end by itself.
const warnMinutes = 5;

// The one first that shows most.
const shows = [RecordingMode.SCREEN, RecordingMode.AUDIO, RecordingMode.TRACKS, RecordingMode.PARTICIPANT];

/** mostTelling is the recording to speak of, of several: one that records, and shows most. */
export function mostTelling(recordings: RecordingNow[]): RecordingNow | undefined {
  const rank = ({ mode, status }: RecordingNow) =>
    shows.indexOf(mode) + (status === RecordingStatus.ACTIVE ? 0 : shows.length);
  return recordings.toSorted((a, b) => rank(a) - rank(b))[0];
}

/**
 * limitOf is when a recording will be stopped, in milliseconds: as it was told,
 * else by how long any may be; undefined where nothing stops it.
 */
export function limitOf(recording: RecordingNow, most: number): number | undefined {
  if (recording.status !== RecordingStatus.ACTIVE) return undefined;
  if (recording.limitTime) return timestampMs(recording.limitTime);
  return recording.startTime && most > 0 ? timestampMs(recording.startTime) + most : undefined;
}

/** minutesLeft are the minutes until a limit, where it is near. */
export function minutesLeft(limit: number | undefined, now: number): number | undefined {
  if (limit === undefined) return undefined;
  const minutes = Math.max(1, Math.ceil((limit - now) / 60_000));
  return minutes <= warnMinutes ? minutes : undefined;
}
