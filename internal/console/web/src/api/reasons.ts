import { ErrorInfoSchema } from "@anteroom/client/google/rpc/error_details";
import { Code, ConnectError } from "@connectrpc/connect";

/** What the console says for each reason of google.rpc.ErrorInfo that a person may meet. */
const sentences: Record<string, string> = {
  unauthenticated: "Your sign-in is no longer valid. Sign in again.",
  sign_in_required: "Sign in first.",
  sign_in_ended: "Your sign-in has ended. Sign in again.",
  identity_provider_unavailable: "The identity provider cannot be reached. Try again in a moment.",
  cross_site_request: "The browser did not send this from one of Anteroom's own pages. Reload the page.",
  operator_required: "Only an operator of this installation may do this.",
  permission_denied: "Your role in this room does not allow this.",
  room_not_found: "There is no such room. It may have been deleted, or the link is not complete.",
  room_entry_denied: "You may not enter this room. Ask one of its owners for access.",
  room_full: "The room is full. Try again when somebody has left.",
  slug_taken: "Another room has this link already. Choose another.",
  slug_looks_like_id: "A link must not look like a room's id. Choose another.",
  pins_exhausted: "No free telephone PIN was found. Try again, or ask an operator for longer PINs.",
  invalid_ticket: "This pass is not valid any more. Join once more.",
  provider_unavailable: "The video server cannot be reached. Try again in a moment.",
  provider_refused: "The video server refused. Ask an operator to look at its log.",
  access_exists: "This person has access already. Change their role instead.",
  access_not_found: "This access is gone already.",
  user_not_found: "There is no such user. Give access by e-mail address.",
  last_owner: "A room keeps at least one owner. Make somebody else an owner first.",
  owner_cannot_expire: "An owner's access cannot end by itself.",
  meeting_not_found: "There is no such meeting, or you may not see it.",
  dial_in_disabled: "Dialling in is switched off for this room.",
  telephony_off: "Telephony is switched off on this installation.",
  provider_without_telephony: "The video server of this room takes no telephone calls.",
  no_sip_service: "The telephone service does not answer. Nobody can dial in now.",
  settle_in_progress: "The telephone rule of this room is being mended already. Try again in a moment.",
  event_not_found: "There is no such event, or the link is not complete.",
  event_body_removed: "The event's body was removed because it was old. It cannot be applied once more.",
  webhook_body_invalid: "The event's body cannot be read any more.",
  recording_not_found: "There is no such recording, or you may not see it.",
  recording_off: "Recording is switched off in this room.",
  recording_unavailable: "Recordings are not set up here.",
  recording_running: "This is being recorded already.",
  recording_required: "This room is always recorded. Nobody can stop it.",
  recording_not_available: "The recording's file is not there yet. Try again in a moment.",
  meeting_not_running: "Nobody is in this room. Record when somebody is.",
  participant_not_found: "This person is not in the room any more.",
  consent_declined: "Somebody here has declined to be recorded.",
  provider_without_recorder: "The video server of this room does not record.",
  processing_full: "This recording has as many results as it may have.",
  no_recorder: "No recorder answers. Try again in a minute, or ask an operator.",
  downloads_off: "Recordings of this room can be played, and not saved.",
  file_not_found: "This file is not there any more.",
  retention_in_the_past: "A recording is kept until a time to come. Delete it otherwise.",
  database_unavailable: "The server cannot reach its database. Try again in a moment.",
};

/** reasonOf is the error's machine-readable reason, if the server gave one. */
export function reasonOf(error: unknown): string | undefined {
  return ConnectError.from(error)
    .findDetails(ErrorInfoSchema)
    .find((info) => info.reason)?.reason;
}

/** detailOf is a further fact that the server gave with the error's reason. */
export function detailOf(error: unknown, name: string): string | undefined {
  return ConnectError.from(error)
    .findDetails(ErrorInfoSchema)
    .find((info) => info.reason)?.metadata[name];
}

/** sentenceFor is what to say for a reason, where the console knows it. */
export function sentenceFor(reason: string): string | undefined {
  return Object.hasOwn(sentences, reason) ? sentences[reason] : undefined;
}

/** explain puts an error in words: by its reason, else as the server said it. */
export function explain(error: unknown): string {
  const reason = reasonOf(error);
  const sentence = reason && sentenceFor(reason);
  if (sentence) return sentence;
  const connectError = ConnectError.from(error);
  if (isNetworkFailure(connectError))
    return "The server cannot be reached. Check your connection and try again.";
  if (connectError.code === Code.DeadlineExceeded) return "The server did not answer in time. Try again.";
  return asSentence(connectError.rawMessage) || "Something went wrong. Try again.";
}

// The browser's fetch tells no more than a TypeError when there is no connection.
function isNetworkFailure(error: ConnectError): boolean {
  return error.cause instanceof TypeError || (error.code === Code.Unavailable && !reasonOf(error));
}

function asSentence(message: string): string {
  const text = message.trim();
  if (!text) return "";
  const capitalised = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capitalised) ? capitalised : `${capitalised}.`;
}
