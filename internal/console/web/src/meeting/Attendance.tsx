import { ParticipantKind, type Meeting, type Participant } from "@anteroom/client/meeting";
import { useCallback } from "react";
import { meetings } from "../api/client";
import { useAction } from "../useAction";
import { useLoad } from "../useLoad";
import { Icon } from "../ui/Icon";
import { Problem, Waiting } from "../ui/Message";
import { came, kindName, left, measured, minutes, mostly } from "./words";

/** Attendance lists who came to a meeting: when, for how long and how well connected. */
export function Attendance({ meeting }: { meeting: Meeting }) {
  const list = useLoad(
    useCallback(() => meetings.listParticipants({ meeting: meeting.id, pageSize: 100 }), [meeting.id]),
  );
  const action = useAction();
  const more = (pageToken: string) =>
    action.run(async () => {
      const page = await meetings.listParticipants({ meeting: meeting.id, pageSize: 100, pageToken });
      list.set({ ...page, participants: [...(list.value?.participants ?? []), ...page.participants] });
    });
  return (
    <section className="card" aria-label="Attendance">
      <h2>Attendance</h2>
      {list.problem && <Problem>{list.problem}</Problem>}
      {!list.value && !list.problem && <Waiting>Loading…</Waiting>}
      {list.value && <Table participants={list.value.participants} />}
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
    </section>
  );
}

function Table({ participants }: { participants: Participant[] }) {
  return (
    <table className="attendance" aria-label="Who was there">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">There</th>
          <th scope="col" className="number">
            <abbr title="Minutes">Min</abbr>
          </th>
          <th scope="col">Connection</th>
        </tr>
      </thead>
      <tbody>
        {participants.map((participant) => (
          <Row key={participant.id} participant={participant} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ participant }: { participant: Participant }) {
  const { client, quality } = participant;
  return (
    <tr>
      <th scope="row">
        <span className="attendance-name">
          {participant.displayName || participant.identity}
          <Kind kind={participant.kind} />
          {participant.samePersonAs && <span className="badge">Again</span>}
        </span>
        {client && (
          <span className="field-hint">{[client.browser, client.device].filter(Boolean).join(", ")}</span>
        )}
      </th>
      <td>
        <span>{came(participant)}</span> {participant.joinTime && <span>– {left(participant)}</span>}
      </td>
      <td className="number">{participant.joinTime ? minutes(participant.duration) : ""}</td>
      <td>
        {mostly(quality) || <span className="field-hint">Not known</span>}
        <span className="field-hint attendance-measured">{measured(quality)}</span>
      </td>
    </tr>
  );
}

function Kind({ kind }: { kind: ParticipantKind }) {
  const word = kindName(kind);
  if (!word) return undefined;
  if (kind !== ParticipantKind.PHONE) return <span className="badge">{word}</span>;
  return (
    <span className="sign" title={word}>
      <Icon name="phone" />
      <span className="visually-hidden">{word}</span>
    </span>
  );
}
