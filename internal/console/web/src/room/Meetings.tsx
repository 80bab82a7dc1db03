import type { Meeting } from "@anteroom/client/meeting";
import type { Room } from "@anteroom/client/room";
import { useCallback } from "react";
import { meetings } from "../api/client";
import { meetingDay, meetingHours, minutes } from "../meeting/words";
import { meetingPath } from "../route";
import { Link } from "../router";
import { useAction } from "../useAction";
import { useLoad } from "../useLoad";
import { Problem, Waiting } from "../ui/Message";

const pageSize = 5;

/** Meetings lists the room's meetings that the person may see, the newest first. */
export function Meetings({ room }: { room: Room }) {
  const list = useLoad(useCallback(() => meetings.listMeetings({ room: room.id, pageSize }), [room.id]));
  const action = useAction();
  const more = (pageToken: string) =>
    action.run(async () => {
      const page = await meetings.listMeetings({ room: room.id, pageSize, pageToken });
      list.set({ ...page, meetings: [...(list.value?.meetings ?? []), ...page.meetings] });
    });
  const { meetings: shown, nextPageToken } = list.value ?? { meetings: [], nextPageToken: "" };
  return (
    <section className="card" aria-label="Meetings">
      <h2>Meetings</h2>
      {list.problem && <Problem>{list.problem}</Problem>}
      {!list.value && !list.problem && <Waiting>Loading…</Waiting>}
      {list.value && shown.length === 0 && <p className="field-hint">None yet that you may see.</p>}
      <ul className="meetings" aria-label="Meetings of this room">
        {shown.map((meeting) => (
          <MeetingRow key={meeting.id} room={room} meeting={meeting} />
        ))}
      </ul>
      {nextPageToken && (
        <button type="button" className="button" disabled={action.busy} onClick={() => more(nextPageToken)}>
          More meetings
        </button>
      )}
      {action.problem && <Problem>{action.problem}</Problem>}
    </section>
  );
}

function MeetingRow({ room, meeting }: { room: Room; meeting: Meeting }) {
  return (
    <li>
      <Link href={meetingPath(room.slug, meeting.id)}>
        {meetingDay(meeting)}, {meetingHours(meeting)}
      </Link>
      <span className="room-card-facts">
        <span>{meeting.people === 1 ? "1 person" : `${meeting.people} people`}</span>
        <span>{minutes(meeting.peopleDuration)} min together</span>
      </span>
    </li>
  );
}
