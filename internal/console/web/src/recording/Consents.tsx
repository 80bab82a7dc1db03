import { ConsentDecision, type Consent } from "@anteroom/client/recording";
import { useCallback } from "react";
import { meetings } from "../api/client";
import { reasonOf } from "../api/reasons";
import { useLoad } from "../useLoad";
import { maskNumbers } from "../words";
import { Problem } from "../ui/Message";
import { listConsents } from "./listConsents";
import { momentText } from "./words";

/** Consents lists what the people of a meeting said to being recorded, for who may see that. */
export function Consents({ meeting }: { meeting: string }) {
  const { value, problem } = useLoad(useCallback(() => consentsOf(meeting), [meeting]));
  if (problem) return <Problem>{problem}</Problem>;
  if (!value || value.length === 0) return null;
  return (
    <section className="card" aria-label="What people said to being recorded">
      <h2>What people said to being recorded</h2>
      <ul className="recording-files" aria-label="Consents">
        {value.map(({ consent, name }) => (
          <li key={consent.id}>
            <span className="recording-file-name">
              <span>{name}</span>
              <span className="field-hint">{momentText(consent.time)}</span>
            </span>
            {consent.decision === ConsentDecision.DECLINED ? (
              <span className="badge badge-danger">Declined</span>
            ) : (
              <span className="badge">Agreed</span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

interface Answer {
  consent: Consent;
  /** Who it was, as others saw them. */
  name: string;
}

async function consentsOf(meeting: string): Promise<Answer[]> {
  const consents = await listConsents(meeting).catch((error: unknown) => {
    if (reasonOf(error) === "meeting_not_found") return []; // not for this person
    throw error;
  });
  const names = consents.length > 0 ? await namesIn(meeting) : new Map<string, string>();
  return consents.map((consent) => ({ consent, name: names.get(consent.identity) || "Somebody" }));
}

async function namesIn(meeting: string): Promise<Map<string, string>> {
  const { participants } = await meetings.listParticipants({ meeting, pageSize: 100 });
  return new Map(participants.map(({ identity, displayName }) => [identity, maskNumbers(displayName)]));
}
