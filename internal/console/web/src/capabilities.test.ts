import { create } from "@bufbuild/protobuf";
import { CapabilitiesSchema } from "@anteroom/client/room";
import { expect, it } from "vitest";
import { whyNoDialIn, whyNoRecording } from "./capabilities";

it.each([
  ["recording_unavailable", /not set up/],
  ["provider_without_recorder", /does not record/],
  ["no_recorder", /No recorder answers/],
  ["of_a_newer_server", /Nothing can be recorded now/],
])("says why nothing can be recorded: %s", (recordingReason, words) => {
  expect(whyNoRecording(create(CapabilitiesSchema, { recordingReason }))).toMatch(words);
});

it.each([
  ["telephony_off", /switched off/],
  ["provider_without_telephony", /takes no telephone calls/],
  ["no_sip_service", /telephone service does not answer/],
  ["of_a_newer_server", /Nobody can dial in now/],
])("says why nobody can dial in: %s", (dialInReason, words) => {
  expect(whyNoDialIn(create(CapabilitiesSchema, { dialInReason }))).toMatch(words);
});

it("says nothing where all is well, or nothing is known", () => {
  const well = create(CapabilitiesSchema, { recording: true, dialIn: true });
  expect([
    whyNoRecording(well),
    whyNoDialIn(well),
    whyNoRecording(undefined),
    whyNoDialIn(undefined),
  ]).toEqual(["", "", "", ""]);
});
