import {
  ProcessingStatus,
  RecordingMode,
  RecordingSchema,
  RecordingStatus,
} from "@anteroom/client/recording";
import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import {
  clockText,
  howEnded,
  isLive,
  modeName,
  ownersText,
  processingName,
  sizeText,
  statusName,
  whatIsRecorded,
  whyEnded,
} from "./words";

const values = <T extends number>(of: Record<string, string | number>) =>
  Object.values(of).filter((value): value is T => typeof value === "number");

it("has a word for every status, mode and step of a processor", () => {
  for (const status of values<RecordingStatus>(RecordingStatus)) {
    expect(statusName(create(RecordingSchema, { status }))).not.toBe("");
    if (!isLive(status)) expect(howEnded(status, "odd")).toMatch(/\.$/);
    for (const mode of values<RecordingMode>(RecordingMode))
      expect(whatIsRecorded(mode, status)).not.toBe("");
  }
  for (const mode of values<RecordingMode>(RecordingMode)) expect(modeName(mode)).not.toBe("");
  for (const status of values<ProcessingStatus>(ProcessingStatus))
    expect(processingName(status)).not.toBe("");
});

it("says that a recording is being saved until its file is there", () => {
  const status = RecordingStatus.COMPLETED;
  expect(statusName(create(RecordingSchema, { status }))).toBe("Being saved");
  expect(statusName(create(RecordingSchema, { status, availableTime: {} }))).toBe("Complete");
  expect(statusName(create(RecordingSchema, { status, availableTime: {}, expiredTime: {} }))).toBe("Expired");
});

it.each([
  "nobody_to_record",
  "participant_gone",
  "recorder_disk",
  "upload_failed",
  "recorder_failed",
  "no_recorder",
  "recorder_no_answer",
  "recorder_lost",
  "stopped_early",
  "file_missing",
])("puts %s into a sentence", (reason) => {
  expect(whyEnded(RecordingStatus.FAILED, reason)).toMatch(/^[A-Z].*\.$/);
  expect(whyEnded(RecordingStatus.FAILED, reason)).not.toMatch(/did not say/);
});

it("has a sentence for reasons that are new, and none for what ended well", () => {
  expect(whyEnded(RecordingStatus.FAILED, "constructor")).toMatch(/did not say/);
  expect(whyEnded(RecordingStatus.LIMIT_REACHED, "")).toBe("");
  expect(isLive(RecordingStatus.STOPPING)).toBe(true);
  expect(isLive(RecordingStatus.LIMIT_REACHED)).toBe(false);
});

it.each([
  [[], 0, "No owner yet"],
  [["Ada"], 1, "Ada"],
  [["Ada", "Bob"], 2, "2 owners: Ada, Bob"],
  [["Ada", "Bob", "Cy"], 5, "5 owners: Ada, Bob, Cy and 2 more"],
])("counts the owners %s", (owners, ownerCount, text) => {
  expect(ownersText({ owners, ownerCount })).toBe(text);
});

it.each([
  [0, "0:00"],
  [-3, "0:00"],
  [61.9, "1:01"],
  [3723, "1:02:03"],
])("writes %s seconds", (seconds, text) => {
  expect(clockText(seconds)).toBe(text);
});

it.each([
  [0n, ""],
  [999n, "999 bytes"],
  [1000n, "1.0 KB"],
  [12_345_678n, "12 MB"],
  [9_876_543_210_123_456n, "9877 TB"],
])("writes %s bytes", (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});
