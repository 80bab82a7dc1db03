import { RecordingRole, type Recording, type RecordingAccess } from "@anteroom/client/recording";
import { useCallback } from "react";
import { recordings } from "../api/client";
import { useIdentity } from "../api/identity";
import { useAction } from "../useAction";
import { useLoad } from "../useLoad";
import { Icon } from "../ui/Icon";
import { Problem, Waiting } from "../ui/Message";
import { GrantAccess } from "./GrantAccess";
import { accessName, momentText, recordingRoleName } from "./words";

/** Accesses lists who sees the recording, takes away and grants. */
export function Accesses({ recording }: { recording: Recording }) {
  const { id, myRole } = recording;
  const list = useLoad(
    useCallback(() => recordings.listRecordingAccesses({ recording: id, pageSize: 100 }), [id]),
  );
  const action = useAction();
  const manages = myRole === RecordingRole.OWNER || myRole === RecordingRole.ADMIN;
  const more = (pageToken: string) =>
    action.run(async () => {
      const page = await recordings.listRecordingAccesses({ recording: id, pageSize: 100, pageToken });
      list.set({ ...page, accesses: [...(list.value?.accesses ?? []), ...page.accesses] });
    });
  const revoke = (access: string) =>
    action.run(async () => {
      await recordings.revokeRecordingAccess({ access });
      list.reload();
    });
  const next = list.value?.nextPageToken;
  return (
    <section className="card" aria-label="Who sees it">
      <h2>Who sees it</h2>
      {list.problem && <Problem>{list.problem}</Problem>}
      {!list.value && !list.problem && <Waiting>Loading…</Waiting>}
      <ul className="accesses recording-accesses" aria-label="Accesses">
        {list.value?.accesses.map((access) => (
          <AccessRow
            key={access.id}
            access={access}
            revokes={manages && (myRole === RecordingRole.OWNER || access.role !== RecordingRole.OWNER)}
            onRevoke={() => revoke(access.id)}
          />
        ))}
      </ul>
      {next && (
        <button type="button" className="button" disabled={action.busy} onClick={() => more(next)}>
          More people
        </button>
      )}
      {action.problem && <Problem>{action.problem}</Problem>}
      {manages && <GrantAccess recording={recording} onGrant={list.reload} />}
    </section>
  );
}

interface AccessRowProps {
  access: RecordingAccess;
  revokes: boolean;
  onRevoke: () => void;
}

function AccessRow({ access, revokes, onRevoke }: AccessRowProps) {
  const { user } = useIdentity();
  const name = accessName(access);
  return (
    <li>
      <span className="access-name">
        {name}
        {user && access.user === user.id && <span className="badge">You</span>}
        {access.expireTime && <span className="field-hint">until {momentText(access.expireTime)}</span>}
      </span>
      <span>{recordingRoleName(access.role)}</span>
      {revokes && (
        <button
          type="button"
          className="button button-quiet button-icon"
          aria-label={`Take away the access of ${name}`}
          onClick={onRevoke}
        >
          <Icon name="close" />
        </button>
      )}
    </li>
  );
}
