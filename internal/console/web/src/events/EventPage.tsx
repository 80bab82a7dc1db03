import type { Event } from "@anteroom/client/webhook";
import { useCallback, useState, type ReactNode } from "react";
import { webhooks } from "../api/client";
import { eventPath, eventsPath, roomPath } from "../route";
import { Link } from "../router";
import { useAction } from "../useAction";
import { useLoad } from "../useLoad";
import { useTitle } from "../useTitle";
import { CopyButton } from "../ui/CopyButton";
import { Icon } from "../ui/Icon";
import { Hint, Problem, Waiting } from "../ui/Message";
import { Outcome } from "./Outcome";
import { isTrouble, originName, readable, whenText } from "./words";

/** EventPage shows one event with its body, and applies it once more. */
export function EventPage({ id }: { id: string }) {
  const load = useCallback(() => webhooks.getEvent({ event: id }).then((response) => response.event), [id]);
  const { value: event, problem, reload } = useLoad(load);
  useTitle(event?.type ?? "Event");
  if (problem) return <Problem>{problem}</Problem>;
  if (!event) return <Waiting>Loading the event…</Waiting>;
  return (
    <>
      <section className="room-title">
        <Link className="back" href={eventsPath}>
          <Icon name="back" />
          All events
        </Link>
        <div className="title-row">
          <h1>{event.type}</h1>
          <Outcome event={event} />
        </div>
        {event.error && <Problem>{event.error}</Problem>}
        {event.body && <Replay event={event} onReplay={reload} />}
      </section>
      <div className="columns">
        <Facts event={event} />
        <Body body={event.body} />
      </div>
    </>
  );
}

function Replay({ event, onReplay }: { event: Event; onReplay: () => void }) {
  const [replay, setReplay] = useState<Event>();
  const action = useAction();
  const apply = () =>
    action.run(async () => {
      const answer = await webhooks.replayEvent({ event: event.id });
      setReplay(answer.event);
      onReplay();
    });
  return (
    <>
      <button type="button" className="button event-replay" disabled={action.busy} onClick={apply}>
        Apply once more
      </button>
      <div role="status">
        {replay && (
          <Hint>
            {isTrouble(replay)
              ? "It failed again, and will be tried further: "
              : "It was applied once more: "}
            <Link href={eventPath(replay.id)}>the replay</Link>
          </Hint>
        )}
      </div>
      {action.problem && <Problem>{action.problem}</Problem>}
    </>
  );
}

function Facts({ event }: { event: Event }) {
  return (
    <section className="card" aria-label="Facts">
      <h2>Facts</h2>
      <dl className="event-facts">
        <Fact name="How it came">{originName(event.origin)}</Fact>
        <Fact name="Room">{event.room && <Link href={roomPath(event.room)}>{event.room}</Link>}</Fact>
        <Fact name="Stated time">{whenText(event.statedTime)}</Fact>
        <Fact name="Received">{whenText(event.receivedTime)}</Fact>
        <Fact name="Applied">{whenText(event.appliedTime)}</Fact>
        <Fact name="Tries">{event.attempts}</Fact>
        <Fact name="Provider's id">{event.eventId}</Fact>
        <Fact name="Meeting">{event.roomSid}</Fact>
        <Fact name="Connection">{event.participantSid}</Fact>
        <Fact name="Egress">{event.egressId}</Fact>
      </dl>
    </section>
  );
}

// What is not known is not shown.
function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (!children) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Body({ body }: { body: string }) {
  if (!body) {
    return (
      <section className="card" aria-label="Body">
        <h2>Body</h2>
        <p>It was removed because it was old.</p>
      </section>
    );
  }
  return (
    <section className="card" aria-label="Body">
      <div className="copy-row">
        <h2>Body</h2>
        <CopyButton text={body} label="Copy the body" />
      </div>
      <pre className="event-body" tabIndex={0} aria-label="JSON">
        {readable(body)}
      </pre>
    </section>
  );
}
