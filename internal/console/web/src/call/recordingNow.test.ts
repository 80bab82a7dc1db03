import { RecordingMode, RecordingStatus } from "@anteroom/client/recording";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import type { RecordingNow } from "../live/follow";
import { minutesLeft, mostTelling, nearLimit } from "./recordingNow";

function recording(mode: RecordingMode, status: RecordingStatus): RecordingNow {
  return {
    id: `${mode}-${status}`,
    mode,
    status,
    error: "",
    startTime: undefined,
    limitTime: undefined,
    limitNear: true,
  };
}

it("speaks of what records before what starts, and of what shows most", () => {
  const voice = recording(RecordingMode.PARTICIPANT, RecordingStatus.ACTIVE);
  const sound = recording(RecordingMode.AUDIO, RecordingStatus.ACTIVE);
  const screen = recording(RecordingMode.SCREEN, RecordingStatus.STARTING);
  expect(mostTelling([screen, voice, sound])).toBe(sound);
  expect(mostTelling([screen])).toBe(screen);
  expect(mostTelling([])).toBeUndefined();
});

it("takes the limit that was told, else counts it from the start, when the server says that it is near", () => {
  const active = recording(RecordingMode.SCREEN, RecordingStatus.ACTIVE);
  const begun = { ...active, startTime: timestampFromMs(1_000) };
  expect(nearLimit({ ...begun, limitTime: timestampFromMs(5_000) }, 100)).toBe(5_000);
  expect(nearLimit(begun, 100)).toBe(1_100);
  expect(nearLimit(begun, 0)).toBeUndefined();
  expect(nearLimit({ ...begun, limitNear: false }, 100)).toBeUndefined();
  expect(nearLimit(active, 100)).toBeUndefined();
  expect(nearLimit({ ...begun, status: RecordingStatus.STOPPING }, 100)).toBeUndefined();
});

it.each([
  [600_000, 10],
  [599_999, 10],
  [60_001, 2],
  [60_000, 1],
  [-5_000, 1],
])("with %s ms left there are %s minutes to warn of", (left, minutes) => {
  expect(minutesLeft(10_000 + left, 10_000)).toBe(minutes);
});
