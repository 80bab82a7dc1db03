import type { Recording } from "@anteroom/client/recording";
import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { useState, type SubmitEvent } from "react";
import { recordings } from "../api/client";
import { useAction } from "../useAction";
import type { Choice } from "../words";
import { ChoiceField, TextField } from "../ui/Field";
import { Problem } from "../ui/Message";
import { dayOf, endOfDay, tomorrow } from "./days";

const ways: Choice<boolean>[] = [
  { value: true, label: "For ever", hint: "Until somebody deletes it" },
  { value: false, label: "Until a day", hint: "Then it is deleted, and its files with it" },
];

interface RetentionProps {
  recording: Recording;
  onChange: (recording: Recording) => void;
}

/** Retention says until when a recording is kept, and changes it. */
export function Retention({ recording, onChange }: RetentionProps) {
  const { expireTime } = recording;
  const [keep, setKeep] = useState(expireTime === undefined);
  const [day, setDay] = useState(expireTime ? dayOf(timestampDate(expireTime)) : "");
  const action = useAction();
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    const until = keep
      ? { case: "keep" as const, value: true }
      : { case: "expireTime" as const, value: timestampFromDate(endOfDay(day)) };
    void action.run(async () => {
      const answer = await recordings.setRetention({ recording: recording.id, until });
      if (answer.recording) onChange(answer.recording);
    });
  };
  return (
    <section className="card" aria-label="How long it is kept">
      <h2>How long it is kept</h2>
      <form className="form" onSubmit={save}>
        <ChoiceField label="Keep it" choices={ways} value={keep} onChoose={setKeep} />
        {!keep && (
          <TextField
            label="Until the end of"
            type="date"
            min={tomorrow()}
            value={day}
            onChange={(event) => setDay(event.target.value)}
            required
          />
        )}
        {action.problem && <Problem>{action.problem}</Problem>}
        <button className="button recording-save" disabled={action.busy}>
          Save
        </button>
      </form>
    </section>
  );
}
