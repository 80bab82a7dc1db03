import { type Access, Role, type Room } from "@anteroom/client/room";
import { useCallback } from "react";
import { rooms } from "../api/client";
import { useIdentity } from "../api/identity";
import { useAction } from "../useAction";
import { useLoad } from "../useLoad";
import { grantableRoles } from "../words";
import { Icon } from "../ui/Icon";
import { Problem, Waiting } from "../ui/Message";
import { GrantAccess } from "./GrantAccess";

/** Accesses lists who has a role on the room, changes, takes away and grants. */
export function Accesses({ room }: { room: Room }) {
  const list = useLoad(useCallback(() => rooms.listAccesses({ room: room.id, pageSize: 100 }), [room.id]));
  const action = useAction();
  const more = (pageToken: string) =>
    action.run(async () => {
      const page = await rooms.listAccesses({ room: room.id, pageSize: 100, pageToken });
      list.set({ ...page, accesses: [...(list.value?.accesses ?? []), ...page.accesses] });
    });
  const change = (work: () => Promise<unknown>) =>
    action.run(async () => {
      await work();
      list.reload();
    });
  return (
    <section className="card" aria-label="People with access">
      <h2>People with access</h2>
      {list.problem && <Problem>{list.problem}</Problem>}
      {!list.value && !list.problem && <Waiting>Loading…</Waiting>}
      <ul className="accesses">
        {list.value?.accesses.map((access) => (
          <AccessRow
            key={access.id}
            access={access}
            mayMakeOwners={room.myRole === Role.OWNER}
            onRole={(role) => change(() => rooms.updateAccess({ access: access.id, role }))}
            onRevoke={() => change(() => rooms.revokeAccess({ access: access.id }))}
          />
        ))}
      </ul>
      {list.value?.nextPageToken && (
        <button
          type="button"
          className="button"
          disabled={action.busy}
          onClick={() => more(list.value?.nextPageToken ?? "")}
        >
          More people
        </button>
      )}
      {action.problem && <Problem>{action.problem}</Problem>}
      <GrantAccess room={room} onGrant={list.reload} />
    </section>
  );
}

interface AccessRowProps {
  access: Access;
  mayMakeOwners: boolean;
  onRole: (role: Role) => void;
  onRevoke: () => void;
}

function AccessRow({ access, mayMakeOwners, onRole, onRevoke }: AccessRowProps) {
  const { user } = useIdentity();
  const name = access.email || access.user;
  const choose = (role: string) => {
    const choice = grantableRoles.find(({ value }) => String(value) === role);
    if (choice) onRole(choice.value);
  };
  const fixed = !mayMakeOwners && access.role === Role.OWNER;
  return (
    <li>
      <span className="access-name">
        {name}
        {user && access.user === user.id && <span className="badge">You</span>}
      </span>
      <select
        aria-label={`Role of ${name}`}
        value={access.role}
        disabled={fixed}
        onChange={(event) => choose(event.target.value)}
      >
        {grantableRoles.map(({ value, label }) => (
          <option key={value} value={value} disabled={value === Role.OWNER && !mayMakeOwners}>
            {label}
          </option>
        ))}
      </select>
      <button
        type="button"
        className="button button-quiet button-icon"
        aria-label={`Take away the access of ${name}`}
        disabled={fixed}
        onClick={onRevoke}
      >
        <Icon name="close" />
      </button>
    </li>
  );
}
