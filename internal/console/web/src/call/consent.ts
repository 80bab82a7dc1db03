import { ConsentDecision } from "@anteroom/client/recording";
import { useEffect, useState } from "react";
import { recordings } from "../api/client";
import { explain, reasonOf } from "../api/reasons";

// How soon an answer is told again that did not arrive.
const again = 5_000;

/** Consent is what a person in a call says to being recorded. */
export interface Consent {
  decision: ConsentDecision;
  /** Why the server does not know of it, in words. */
  problem: string | undefined;
  decide: (decision: ConsentDecision) => void;
}

/** Bearer is for whom somebody decides: themselves, in a room, by their pass. */
interface Bearer {
  room: string;
  ticket: string;
}

/**
 * decideAtTheDoor tells the server before anything is sent that could be
 * recorded. Who is the first to come has no meeting yet, and says it again inside.
 */
export async function decideAtTheDoor(bearer: Bearer, decision: ConsentDecision): Promise<void> {
  try {
    await recordings.giveConsent({ ...bearer, decision });
  } catch (error) {
    if (reasonOf(error) !== "meeting_not_running") throw error;
  }
}

/**
 * useConsent keeps what the person decides, and tells it in every meeting that
 * they are in: a decision is for one meeting.
 */
export function useConsent({ room, ticket }: Bearer, meeting: string, first: ConsentDecision): Consent {
  const [decision, decide] = useState(first);
  const [problem, setProblem] = useState<string>();
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (decision === ConsentDecision.UNSPECIFIED || !meeting) return;
    let current = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    recordings.giveConsent({ room, ticket, decision }).then(
      () => {
        if (current) setProblem(undefined);
      },
      (error: unknown) => {
        if (!current) return;
        setProblem(explain(error));
        timer = setTimeout(() => setTries((n) => n + 1), again);
      },
    );
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [room, ticket, meeting, decision, tries]);
  return { decision, problem, decide };
}
