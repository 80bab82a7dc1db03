import type { Capabilities } from "@anteroom/client/room";
import { sentenceFor } from "./api/reasons";

/** whyNoRecording says why no recording can be started now; empty where one can. */
export function whyNoRecording(can: Capabilities | undefined): string {
  return whyNot(can?.recordingReason, "Nothing can be recorded now.");
}

/** whyNoDialIn says why nobody can dial in now; empty where people can. */
export function whyNoDialIn(can: Capabilities | undefined): string {
  return whyNot(can?.dialInReason, "Nobody can dial in now.");
}

function whyNot(reason: string | undefined, otherwise: string): string {
  return reason ? (sentenceFor(reason) ?? otherwise) : "";
}
