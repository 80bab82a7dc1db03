import { ConsentDecision, type Consent } from "@anteroom/client/recording";
import { useParticipants } from "@livekit/components-react";
import { useCallback, useEffect } from "react";
import { listConsents } from "../recording/listConsents";
import { useLoad } from "../useLoad";
import { Problem, Waiting } from "../ui/Message";
import { shownName } from "./participant";

// Nobody tells of decisions, so whoever looks at them asks.
const askAgain = 5_000;

/** Consents lists to a host what the people in the call said to being recorded. */
export function Consents({ meeting }: { meeting: string }) {
  const participants = useParticipants();
  const { value, problem, reload } = useLoad(
    useCallback(async () => (meeting ? await listConsents(meeting) : []), [meeting]),
  );
  useEffect(() => {
    const timer = setInterval(reload, askAgain);
    return () => clearInterval(timer);
  }, [reload]);
  return (
    <section className="recording-consent" aria-label="What people say">
      <h3>Others</h3>
      {problem && <Problem>{problem}</Problem>}
      {!value && !problem && <Waiting>Loading…</Waiting>}
      <ul className="people" aria-label="Answers">
        {participants
          .filter(({ isLocal }) => !isLocal)
          .map((participant) => (
            <li key={participant.identity}>
              <span className="person-name">{shownName(participant)}</span>
              <Answer consent={value?.find(({ identity }) => identity === participant.identity)} />
            </li>
          ))}
      </ul>
    </section>
  );
}

function Answer({ consent }: { consent: Consent | undefined }) {
  switch (consent?.decision) {
    case ConsentDecision.GIVEN:
      return <span className="badge">Agrees</span>;
    case ConsentDecision.DECLINED:
      return <span className="badge badge-danger">Declines</span>;
    default:
      return <span className="field-hint">No answer</span>;
  }
}
