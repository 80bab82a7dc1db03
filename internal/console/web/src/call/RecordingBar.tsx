import { RecordingStatus } from "@anteroom/client/recording";
import type { Room } from "@anteroom/client/room";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { useState } from "react";
import type { LiveRoom, RecordingNow } from "../live/follow";
import { clockText, endedWell, howEnded, whatIsRecorded } from "../recording/words";
import { useNow } from "../useNow";
import { Icon } from "../ui/Icon";
import { minutesLeft, mostTelling, nearLimit } from "./recordingNow";
import { useRecordingLimit } from "./useRecordingLimit";

/** RecordingBar tells everybody in the call what is being recorded, and how it ended. */
export function RecordingBar({ room, live }: { room: Room; live: LiveRoom | undefined }) {
  const [dismissed, setDismissed] = useState<string>();
  const recording = live && mostTelling(live.recordings);
  const ended = live?.ended;
  return (
    <>
      <div role="status">
        {recording && (
          <p className="recording-bar">
            <span className="recording-dot" data-active={recording.status === RecordingStatus.ACTIVE} />
            <span>{whatIsRecorded(recording.mode, recording.status)}</span>
            <Clock recording={recording} />
            {room.alwaysRecorded && <span className="recording-bar-more">Always, in this room</span>}
          </p>
        )}
        {recording && <LimitWarning recording={recording} />}
      </div>
      {!recording && ended && ended.id !== dismissed && (
        <div className="recording-bar" data-failed={!endedWell(ended.status)} role="alert">
          <span>{howEnded(ended.status, ended.error)}</span>
          <button
            type="button"
            className="button button-quiet button-icon"
            aria-label="Close this message"
            onClick={() => setDismissed(ended.id)}
          >
            <Icon name="close" />
          </button>
        </div>
      )}
    </>
  );
}

// Hidden from screen readers, which would read it each second.
function Clock({ recording }: { recording: RecordingNow }) {
  const active = recording.status === RecordingStatus.ACTIVE;
  const now = useNow(active);
  if (!active || !recording.startTime) return null;
  return (
    <span className="recording-clock" aria-hidden="true">
      {clockText((now - timestampMs(recording.startTime)) / 1000)}
    </span>
  );
}

function LimitWarning({ recording }: { recording: RecordingNow }) {
  const most = useRecordingLimit();
  const now = useNow(recording.status === RecordingStatus.ACTIVE);
  const limit = nearLimit(recording, most);
  if (limit === undefined) return null;
  const left = minutesLeft(limit, now);
  return (
    <p className="recording-bar recording-warning">
      The recording ends in {left === 1 ? "a minute" : `${left} minutes`}, at its limit.
    </p>
  );
}
