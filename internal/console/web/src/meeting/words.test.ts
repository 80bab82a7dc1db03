import { MeetingSchema, ParticipantKind, ParticipantSchema, QualitySchema } from "@anteroom/client/meeting";
import { create } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import { came, kindName, left, measured, meetingDay, meetingHours, minutes, mostly } from "./words";

const noon = timestampFromMs(Date.UTC(2026, 2, 20, 12));

it("says of ends whether they are known", () => {
  const joined = create(ParticipantSchema, { joinTime: noon });
  expect(left(joined)).toBe("Still in");
  const estimated = create(ParticipantSchema, { joinTime: noon, leaveTime: noon, leaveEstimated: true });
  expect(left(estimated)).toBe(`about ${came(estimated)}`);
  expect(left({ ...estimated, leaveEstimated: false })).toBe(came(estimated));
  const failed = create(ParticipantSchema, { leaveTime: noon });
  expect([came(failed), left(failed)]).toEqual(["Did not get in", ""]);
});

it("says when a meeting was, even when nobody said when it began", () => {
  expect(meetingHours(create(MeetingSchema, { startTime: noon }))).toMatch(/\d.* – now$/);
  expect(meetingHours(create(MeetingSchema, { startTime: noon, endTime: noon, endEstimated: true }))).toMatch(
    / – about .*\d/,
  );
  expect(meetingDay(create(MeetingSchema, { startTime: noon }))).toContain("2026");
  expect(meetingDay(create(MeetingSchema))).toBe("Unknown day");
});

it("puts quality in words", () => {
  expect([mostly(undefined), measured(undefined)]).toEqual(["", ""]);
  const quality = create(QualitySchema, {
    goodDuration: durationFromMs(5000),
    poorDuration: durationFromMs(6000),
    roundTripMean: durationFromMs(41.6),
    packetLossMean: 0.0123,
  });
  expect([mostly(quality), measured(quality)]).toEqual(["Poor", "42 ms, 1.2 % lost"]);
});

it("counts minutes, and names who is no person in a browser", () => {
  expect(["0", "0", "1", "90"]).toEqual(
    [undefined, durationFromMs(29_000), durationFromMs(30_000), durationFromMs(5_400_000)].map(minutes),
  );
  const kinds = Object.values(ParticipantKind).filter((kind) => typeof kind === "number");
  expect(kinds.map(kindName)).toEqual(["", "", "By telephone", "Agent", "Recorder", "Stream"]);
});
