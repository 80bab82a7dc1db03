import { Track } from "livekit-client";

/** Permissions is the part of LiveKit's participant permission that the controls follow. */
export interface Permissions {
  canPublish: boolean;
  /** LiveKit's numbers of the sources; empty means all. */
  canPublishSources: number[];
}

// livekit.TrackSource; the package that names them would weigh more than the console.
const numbers: Partial<Record<Track.Source, number>> = {
  [Track.Source.Camera]: 1,
  [Track.Source.Microphone]: 2,
  [Track.Source.ScreenShare]: 3,
  [Track.Source.ScreenShareAudio]: 4,
};

/** publishes tells whether somebody with these permissions may publish the source. */
export function publishes(permissions: Permissions | undefined, source: Track.Source): boolean {
  const number = numbers[source];
  if (!permissions?.canPublish || number === undefined) return false;
  const named = permissions.canPublishSources;
  return named.length === 0 || named.includes(number);
}
