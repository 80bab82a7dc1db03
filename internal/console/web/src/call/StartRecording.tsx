import { RecordingMode, RecordingPolicy } from "@anteroom/client/recording";
import type { Room } from "@anteroom/client/room";
import { useState } from "react";
import { recordings } from "../api/client";
import { detailOf, explain, reasonOf } from "../api/reasons";
import { whyNoRecording } from "../capabilities";
import type { LiveRoom } from "../live/follow";
import { newRequestId } from "../newRequestId";
import { modes } from "../recording/words";
import { useAction } from "../useAction";
import { useCapabilities } from "../useCapabilities";
import { maskNumbers, type Choice } from "../words";
import { Confirm } from "../ui/Confirm";
import { ChoiceField } from "../ui/Field";
import { Hint, Problem } from "../ui/Message";

// The media server says after 23 seconds that no recorder answers, and it is better to hear that.
const startTimeout = 60_000;

/** StartRecording starts a recording, of what the host chooses. */
export function StartRecording({ room, live }: { room: Room; live: LiveRoom | undefined }) {
  const [mode, setMode] = useState<RecordingMode>(room.settings?.recordingMode || RecordingMode.SCREEN);
  const [person, setPerson] = useState("");
  const [declined, setDeclined] = useState<string>();
  const action = useAction();
  const why = whyNoRecording(useCapabilities(room));
  const people = peopleChoices(live);
  const one = mode === RecordingMode.PARTICIPANT;
  const chosen = people.find(({ value }) => value === person)?.value ?? people[0]?.value ?? "";
  const same = live?.recordings.some((recording) => recording.mode === mode && !one);
  // The server hears a moment after us that we are in, and refuses until then.
  const begun = live !== undefined && live.meeting !== "";
  const always = room.settings?.recordingPolicy === RecordingPolicy.COMPLIANCE;

  const start = (despiteDeclined: boolean) =>
    action.run(async () => {
      const participant = one ? chosen : "";
      const request = { room: room.id, mode, participant, despiteDeclined, requestId: newRequestId() };
      try {
        await recordings.startRecording(request, { timeoutMs: startTimeout });
        setDeclined(undefined);
      } catch (error) {
        if (reasonOf(error) !== "consent_declined") throw error;
        if (one) throw new Error("This person has declined to be recorded.", { cause: error });
        setDeclined(peopleDeclined(error));
      }
    });

  return (
    <section className="form" aria-label="Start a recording">
      <ChoiceField label="What to record" choices={modes} value={mode} onChoose={setMode} />
      {one && <ChoiceField label="Who" choices={people} value={chosen} onChoose={setPerson} />}
      <button
        type="button"
        className="button button-primary"
        disabled={action.busy || why !== "" || !begun || same === true || (one && !chosen)}
        onClick={() => start(false)}
      >
        {action.busy ? "Starting…" : "Start recording"}
      </button>
      {why && why !== action.problem && <Hint>{why}</Hint>}
      {!begun && <p className="field-hint">The meeting is about to begin.</p>}
      {same && !always && (
        <p className="field-hint">This is being recorded already. Stop that recording first.</p>
      )}
      {action.problem && !declined && <Problem>{action.problem}</Problem>}
      {declined && (
        <Confirm
          title="Record despite that?"
          text={`${declined} Everybody is recorded together, so their picture and voice will be in it too.`}
          verb="Record all the same"
          action={action}
          onConfirm={() => start(true)}
          onClose={() => setDeclined(undefined)}
        />
      )}
    </section>
  );
}

function peopleChoices(live: LiveRoom | undefined): Choice<string>[] {
  const people = live?.people ?? [];
  return people.map(({ participantId, displayName }, index) => ({
    value: participantId,
    label: maskNumbers(displayName) || `Person ${index + 1}`,
    hint: "",
  }));
}

function peopleDeclined(error: unknown): string {
  const people = detailOf(error, "people");
  if (people === undefined) return explain(error);
  return people === "1"
    ? "1 person has declined to be recorded."
    : `${people} people have declined to be recorded.`;
}
