import type { Event } from "@anteroom/client/webhook";
import { isTrouble, outcomeName } from "./words";

/** Outcome says what became of an event. */
export function Outcome({ event }: { event: Event }) {
  return (
    <span className={isTrouble(event) ? "badge badge-danger" : "badge"}>{outcomeName(event.outcome)}</span>
  );
}
