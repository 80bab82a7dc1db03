import { RecordingRole, type Recording } from "@anteroom/client/recording";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { useState, type SubmitEvent } from "react";
import { recordings } from "../api/client";
import { useAction } from "../useAction";
import type { Choice } from "../words";
import { ChoiceField, TextField } from "../ui/Field";
import { Problem } from "../ui/Message";
import { endOfDay, tomorrow } from "./days";
import { recordingRoles } from "./words";

const grantees: Choice<boolean>[] = [
  { value: false, label: "One person", hint: "By e-mail address, whether or not they have ever signed in" },
  { value: true, label: "Everybody who was there", hint: "Every user who was in the meeting" },
];

/** GrantAccess lets somebody see a recording, for ever or until the end of a day. */
export function GrantAccess({ recording, onGrant }: { recording: Recording; onGrant: () => void }) {
  const [everyone, setEveryone] = useState(false);
  const [email, setEmail] = useState("");
  const [chosen, setRole] = useState<RecordingRole>(RecordingRole.MEMBER);
  const [until, setUntil] = useState("");
  const action = useAction();
  const role = everyone ? RecordingRole.MEMBER : chosen;
  const owner = role === RecordingRole.OWNER;
  const roles = recordingRoles.filter(
    ({ value }) => value !== RecordingRole.OWNER || recording.myRole === RecordingRole.OWNER,
  );

  const grant = async (event: SubmitEvent) => {
    event.preventDefault();
    const grantee = everyone
      ? { case: "everyone" as const, value: true }
      : { case: "email" as const, value: email.trim() };
    const expires = until && !owner ? { expireTime: timestampFromDate(endOfDay(until)) } : {};
    const request = { recording: recording.id, grantee, role, ...expires };
    if (!(await action.run(() => recordings.grantRecordingAccess(request)))) return;
    setEmail("");
    setUntil("");
    onGrant();
  };

  return (
    <form className="form grant" onSubmit={grant}>
      <ChoiceField label="For whom" choices={grantees} value={everyone} onChoose={setEveryone} />
      {!everyone && (
        <div className="grant-fields">
          <TextField
            label="E-mail address"
            type="email"
            value={email}
            onChange={(event) => setEmail(event.target.value)}
            maxLength={254}
            required
            autoComplete="off"
          />
          <ChoiceField label="Role" choices={roles} value={role} onChoose={setRole} />
        </div>
      )}
      {!owner && (
        <TextField
          label="Until the end of"
          hint="Empty: for as long as the recording is kept."
          type="date"
          min={tomorrow()}
          value={until}
          onChange={(event) => setUntil(event.target.value)}
        />
      )}
      {action.problem && <Problem>{action.problem}</Problem>}
      <button className="button" disabled={action.busy}>
        Give access
      </button>
    </form>
  );
}
