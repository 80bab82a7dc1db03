import { Role, type Room } from "@anteroom/client/room";
import { useState, type SubmitEvent } from "react";
import { rooms } from "../api/client";
import { useAction } from "../useAction";
import { grantableRoles } from "../words";
import { ChoiceField, TextField } from "../ui/Field";
import { Problem } from "../ui/Message";

/** GrantAccess gives somebody a role, whether or not they have ever signed in. */
export function GrantAccess({ room, onGrant }: { room: Room; onGrant: () => void }) {
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>(Role.MEMBER);
  const action = useAction();
  const choices = grantableRoles.filter(({ value }) => value !== Role.OWNER || room.myRole === Role.OWNER);

  const grant = async (event: SubmitEvent) => {
    event.preventDefault();
    const grantee = { case: "email" as const, value: email.trim() };
    if (!(await action.run(() => rooms.grantAccess({ room: room.id, grantee, role })))) return;
    setEmail("");
    onGrant();
  };

  return (
    <form className="form grant" onSubmit={grant}>
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
        <ChoiceField label="Role" choices={choices} value={role} onChoose={setRole} />
      </div>
      {action.problem && <Problem>{action.problem}</Problem>}
      <button className="button" disabled={action.busy}>
        Give access
      </button>
    </form>
  );
}
