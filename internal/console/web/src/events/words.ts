import { EventOrigin, EventOutcome, type Event } from "@anteroom/client/webhook";
import { timestampDate, type Timestamp } from "@bufbuild/protobuf/wkt";
import type { Choice } from "../words";

const outcomeNames: Record<EventOutcome, string> = {
  [EventOutcome.UNSPECIFIED]: "Unknown",
  [EventOutcome.APPLIED]: "Applied",
  [EventOutcome.IGNORED]: "Ignored",
  [EventOutcome.FAILED]: "Failed",
  [EventOutcome.DEAD]: "Dead",
};

const originNames: Record<EventOrigin, string> = {
  [EventOrigin.UNSPECIFIED]: "Unknown",
  [EventOrigin.WEBHOOK]: "Told by the provider",
  [EventOrigin.RECONCILE]: "Found by asking the provider",
  [EventOrigin.REPLAY]: "Replayed",
};

const everything: EventOutcome[] = [];

/** The outcomes that the list can be restricted to. */
export const outcomeChoices: Choice<EventOutcome[]>[] = [
  { value: everything, label: "All", hint: "The newest first" },
  {
    value: [EventOutcome.FAILED, EventOutcome.DEAD],
    label: "Not applied",
    hint: "Those that failed, and those that are given up",
  },
  { value: [EventOutcome.FAILED], label: "Failed", hint: "They are tried again" },
  { value: [EventOutcome.DEAD], label: "Dead", hint: "Given up until somebody replays them" },
  { value: [EventOutcome.APPLIED], label: "Applied", hint: "They have had their effect" },
  { value: [EventOutcome.IGNORED], label: "Ignored", hint: "About rooms that are not Anteroom's" },
];

/** outcomeName is the word for what became of an event. */
export function outcomeName(outcome: EventOutcome): string {
  return outcomeNames[outcome];
}

/** originName says how an event came. */
export function originName(origin: EventOrigin): string {
  return originNames[origin];
}

/** isTrouble tells whether an event has not had its effect and should have. */
export function isTrouble({ outcome }: Event): boolean {
  return outcome === EventOutcome.FAILED || outcome === EventOutcome.DEAD;
}

const instant = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** whenText is a time for people, in their own time zone; empty for none. */
export function whenText(time: Timestamp | undefined): string {
  return time ? instant.format(timestampDate(time)) : "";
}

/** readable is JSON with lines and indents; what is none stays as it is. */
export function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2);
  } catch {
    return body;
  }
}
