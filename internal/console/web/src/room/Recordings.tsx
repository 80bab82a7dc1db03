import type { Recording } from "@anteroom/client/recording";
import type { Room } from "@anteroom/client/room";
import { useEffect } from "react";
import { useRecordings } from "../recording/RecordingList";
import { Status } from "../recording/Status";
import { durationText, isWorthKeeping, ownersText, recordedAt } from "../recording/words";
import { recordingPath } from "../route";
import { Link } from "../router";
import { Problem, Waiting } from "../ui/Message";

const pageSize = 5;

interface RecordingsProps {
  room: Room;
  /** Changes when there is something new to show. */
  news: string;
}

/** Recordings lists the room's recordings that the person may see, the newest first. */
export function Recordings({ room, news }: RecordingsProps) {
  const { first, next, more } = useRecordings({ all: false, room: room.id, pageSize });
  const { reload, value } = first;
  useEffect(() => {
    if (news) reload();
  }, [news, reload]);
  return (
    <section className="card" aria-label="Recordings">
      <h2>Recordings</h2>
      {first.problem && <Problem>{first.problem}</Problem>}
      {!value && !first.problem && <Waiting>Loading…</Waiting>}
      {value?.recordings.length === 0 && <p className="field-hint">None yet that you may see.</p>}
      <ul className="meetings" aria-label="Recordings of this room">
        {value?.recordings.map((recording) => (
          <Row key={recording.id} recording={recording} />
        ))}
      </ul>
      {more && (
        <button type="button" className="button" disabled={next.busy} onClick={more}>
          More recordings
        </button>
      )}
      {next.problem && <Problem>{next.problem}</Problem>}
    </section>
  );
}

function Row({ recording }: { recording: Recording }) {
  return (
    <li>
      <span className="recording-row-title">
        <Link href={recordingPath(recording.id)}>{recording.title}</Link>
        <Status recording={recording} />
      </span>
      <span className="room-card-facts">
        <span>{recordedAt(recording)}</span>
        {recording.duration && <span>{durationText(recording.duration)}</span>}
        {isWorthKeeping(recording) && <span>{ownersText(recording)}</span>}
      </span>
    </li>
  );
}
