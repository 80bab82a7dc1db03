import { ParticipantKind, type Participant } from "livekit-client";
import { maskNumbers } from "../words";

/** isCaller tells whether somebody is on a telephone. */
export function isCaller(participant: Participant): boolean {
  return participant.kind === ParticipantKind.SIP;
}

/** shownName is what a tile and the list call somebody; a caller's number is masked. */
export function shownName(participant: Participant): string {
  const name = participant.name || participant.identity;
  return isCaller(participant) ? maskNumbers(name) : name;
}
