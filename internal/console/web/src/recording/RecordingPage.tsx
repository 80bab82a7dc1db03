import { RecordingRole, type Recording } from "@anteroom/client/recording";
import { useCallback, useEffect } from "react";
import { recordings } from "../api/client";
import { useIdentity } from "../api/identity";
import { useLive } from "../live/useLive";
import { meetingPath, recordingsPath, roomPath } from "../route";
import { Link } from "../router";
import { SignIn } from "../rooms/SignIn";
import { useLoad } from "../useLoad";
import { useTitle } from "../useTitle";
import { Icon } from "../ui/Icon";
import { Hint, Problem, Waiting } from "../ui/Message";
import { Accesses } from "./Accesses";
import { Consents } from "./Consents";
import { DeleteRecording } from "./DeleteRecording";
import { Files } from "./Files";
import { Processing } from "./Processing";
import { Retention } from "./Retention";
import { Status } from "./Status";
import {
  durationText,
  endedWell,
  isLive,
  isWorthKeeping,
  keptText,
  modeName,
  ownersText,
  recordedAt,
  whyEnded,
} from "./words";

/** RecordingPage plays a recording and, to who may, says who sees it and how long it is kept. */
export function RecordingPage({ id }: { id: string }) {
  const { user } = useIdentity();
  return user ? <SeenRecording id={id} operator={user.operator} /> : <SignIn />;
}

function SeenRecording({ id, operator }: { id: string; operator: boolean }) {
  const load = useCallback(
    () => recordings.getRecording({ recording: id }).then((answer) => answer.recording),
    [id],
  );
  const { value: recording, problem, reload, set } = useLoad(load);
  const news = useLive(recording ? [recording.room] : []).get(recording?.room ?? "")?.recordingNews;
  useEffect(() => {
    if (news) reload();
  }, [news, reload]);
  useTitle(recording?.title ?? "Recording");
  if (problem && !recording) return <NoRecording problem={problem} />;
  if (!recording) return <Waiting>Loading the recording…</Waiting>;
  return <Shown recording={recording} operator={operator} onChange={set} />;
}

interface ShownProps {
  recording: Recording;
  operator: boolean;
  onChange: (recording: Recording) => void;
}

function Shown({ recording, operator, onChange }: ShownProps) {
  const { myRole } = recording;
  const keeps = myRole === RecordingRole.OWNER || operator;
  const shares = myRole === RecordingRole.OWNER || myRole === RecordingRole.ADMIN;
  return (
    <>
      <Title recording={recording} />
      <div className="recording-page">
        <div className="column">
          <State recording={recording} />
          {myRole !== RecordingRole.UNSPECIFIED && recording.availableTime && <Files recording={recording} />}
          <Processing recording={recording} />
          {recording.meeting && <Consents meeting={recording.meeting} />}
        </div>
        <div className="column">
          {keeps && isWorthKeeping(recording) && (
            <Retention
              key={String(recording.expireTime?.seconds)}
              recording={recording}
              onChange={onChange}
            />
          )}
          {(shares || operator) && recording.availableTime && <Accesses recording={recording} />}
          {keeps && !isLive(recording.status) && <DeleteRecording recording={recording} />}
        </div>
      </div>
    </>
  );
}

function Title({ recording }: { recording: Recording }) {
  return (
    <section className="room-title">
      <Link className="back" href={recordingsPath}>
        <Icon name="back" />
        Recordings
      </Link>
      <div className="title-row recording-head">
        <h1>{recording.title}</h1>
        <Status recording={recording} />
      </div>
      <p className="facts">
        <span>
          <Link href={roomPath(recording.room)}>{recording.roomName}</Link>
        </span>
        <span>
          {recording.meeting ? (
            <Link href={meetingPath(recording.room, recording.meeting)}>{recordedAt(recording)}</Link>
          ) : (
            recordedAt(recording)
          )}
        </span>
        <span>{modeName(recording.mode)}</span>
        {recording.duration && <span>{durationText(recording.duration)}</span>}
        {isWorthKeeping(recording) && (
          <>
            <span>{ownersText(recording)}</span>
            <span>{keptText(recording.expireTime)}</span>
          </>
        )}
      </p>
    </section>
  );
}

/** State says why there is nothing to play, where there is nothing. */
function State({ recording }: { recording: Recording }) {
  const { status, error, availableTime, expiredTime, myRole } = recording;
  if (isLive(status))
    return <Hint>It is being recorded. It can be played when it has ended and is saved.</Hint>;
  if (expiredTime) return <Hint>Its time has passed: the store may have removed its files already.</Hint>;
  if (!endedWell(status)) return <Problem>{whyEnded(status, error)}</Problem>;
  if (error) return <Problem>{whyEnded(status, error) || "Its file never arrived in the store."}</Problem>;
  if (!availableTime) return <Hint>It has ended and is being saved. This takes a moment.</Hint>;
  if (myRole === RecordingRole.UNSPECIFIED)
    return (
      <Hint>
        You see as an operator that there is this recording. Only who has an access to it can play it.
      </Hint>
    );
  return null;
}

function NoRecording({ problem }: { problem: string }) {
  return (
    <section className="empty">
      <h1>This recording cannot be shown</h1>
      <Problem>{problem}</Problem>
      <Link className="button" href={recordingsPath}>
        All recordings
      </Link>
    </section>
  );
}
