import type { Meeting } from "@anteroom/client/meeting";
import { useCallback } from "react";
import { meetings } from "../api/client";
import { roomPath } from "../route";
import { Link } from "../router";
import { useLoad } from "../useLoad";
import { useTitle } from "../useTitle";
import { Icon } from "../ui/Icon";
import { Problem, Waiting } from "../ui/Message";
import { Attendance } from "./Attendance";
import { meetingDay, meetingHours, minutes } from "./words";

/** MeetingPage shows one meeting of a room and who was there. */
export function MeetingPage({ room, meeting: id }: { room: string; meeting: string }) {
  const load = useCallback(() => meetings.getMeeting({ meeting: id }).then(({ meeting }) => meeting), [id]);
  const { value: meeting, problem } = useLoad(load);
  useTitle(meeting ? `${meeting.roomName}, ${meetingDay(meeting)}` : "Meeting");
  return (
    <>
      <section className="room-title">
        <Link className="back" href={roomPath(room)}>
          <Icon name="back" />
          Room page
        </Link>
        <h1>{meeting?.roomName ?? "Meeting"}</h1>
        {meeting && <Facts meeting={meeting} />}
      </section>
      {problem && <Problem>{problem}</Problem>}
      {!meeting && !problem && <Waiting>Loading the meeting…</Waiting>}
      {meeting && <Attendance meeting={meeting} />}
    </>
  );
}

function Facts({ meeting }: { meeting: Meeting }) {
  return (
    <p className="facts">
      <span>{meetingDay(meeting)}</span>
      <span>{meetingHours(meeting)}</span>
      <span>{meeting.people === 1 ? "1 person" : `${meeting.people} people`}</span>
      <span>{meeting.peakPeople} at once at most</span>
      {meeting.callers > 0 && <span>{meeting.callers} by telephone</span>}
      <span>{minutes(meeting.peopleDuration)} min together</span>
    </p>
  );
}
