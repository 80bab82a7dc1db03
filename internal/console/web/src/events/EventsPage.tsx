import type { Event, EventOutcome } from "@anteroom/client/webhook";
import { useCallback, useState } from "react";
import { webhooks } from "../api/client";
import { eventPath } from "../route";
import { Link } from "../router";
import { useAction } from "../useAction";
import { useLoad } from "../useLoad";
import { useTitle } from "../useTitle";
import { ChoiceField } from "../ui/Field";
import { Problem, Waiting } from "../ui/Message";
import { Outcome } from "./Outcome";
import { outcomeChoices, whenText } from "./words";

/** EventsPage lists what providers told, for operators. */
export function EventsPage() {
  useTitle("Events");
  const [outcomes, setOutcomes] = useState(() => outcomeChoices[0]?.value ?? []);
  return (
    <>
      <div className="title-row">
        <h1>Events</h1>
      </div>
      <div className="event-filter">
        <ChoiceField label="Show" choices={outcomeChoices} value={outcomes} onChoose={setOutcomes} />
      </div>
      <EventList key={outcomes.join()} outcomes={outcomes} />
    </>
  );
}

function EventList({ outcomes }: { outcomes: EventOutcome[] }) {
  const first = useLoad(useCallback(() => webhooks.listEvents({ outcomes, pageSize: 50 }), [outcomes]));
  const next = useAction();
  if (first.problem) return <Problem>{first.problem}</Problem>;
  if (!first.value) return <Waiting>Loading events…</Waiting>;

  const { events, nextPageToken } = first.value;
  if (events.length === 0) return <p className="empty">No events here.</p>;
  const more = () =>
    next.run(async () => {
      const page = await webhooks.listEvents({ outcomes, pageSize: 50, pageToken: nextPageToken });
      first.set({ ...page, events: [...events, ...page.events] });
    });
  return (
    <>
      <ul className="card events" aria-label="Events">
        {events.map((event) => (
          <EventRow key={event.id} event={event} />
        ))}
      </ul>
      {next.problem && <Problem>{next.problem}</Problem>}
      {nextPageToken && (
        <button type="button" className="button" disabled={next.busy} onClick={more}>
          More events
        </button>
      )}
    </>
  );
}

function EventRow({ event }: { event: Event }) {
  return (
    <li>
      <Link href={eventPath(event.id)}>{event.type}</Link>
      <Outcome event={event} />
      <span className="field-hint">{whenText(event.receivedTime)}</span>
      <span className="field-hint event-id">{event.roomSid}</span>
    </li>
  );
}
