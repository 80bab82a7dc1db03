import { ConsentDecision, RecordingPolicy, RecordingStatus } from "@anteroom/client/recording";
import type { Room } from "@anteroom/client/room";
import { useCallback } from "react";
import { recordings } from "../api/client";
import type { LiveRoom, RecordingNow } from "../live/follow";
import { whatIsRecorded } from "../recording/words";
import { useAction } from "../useAction";
import { useLoad } from "../useLoad";
import { mayAdminister } from "../words";
import { Hint, Problem } from "../ui/Message";
import type { Consent } from "./consent";
import { Consents } from "./Consents";
import { StartRecording } from "./StartRecording";

interface RecordingPanelProps {
  room: Room;
  live: LiveRoom | undefined;
  consent: Consent | undefined;
}

/** RecordingPanel starts and stops recordings, for a host, and is where anybody changes their mind. */
export function RecordingPanel({ room, live, consent }: RecordingPanelProps) {
  const host = mayAdminister(room.myRole);
  const off = room.settings?.recordingPolicy === RecordingPolicy.OFF;
  return (
    <div className="form">
      {host && <Running room={room} recordings={live?.recordings ?? []} />}
      {host &&
        (off ? (
          <Hint>Recording is switched off in this room.</Hint>
        ) : (
          <StartRecording room={room} live={live} />
        ))}
      {consent && <OwnConsent consent={consent} />}
      {host && consent && <Consents meeting={live?.meeting ?? ""} />}
    </div>
  );
}

function Running({ room, recordings: running }: { room: Room; recordings: RecordingNow[] }) {
  if (running.length === 0) return null;
  return (
    <ul className="form" aria-label="What is being recorded">
      {running.map((recording) => (
        <RunningRow key={recording.id} room={room} recording={recording} />
      ))}
    </ul>
  );
}

function RunningRow({ room, recording }: { room: Room; recording: RecordingNow }) {
  const action = useAction();
  const which = { case: "recording" as const, value: recording.id };
  const stop = () => action.run(() => recordings.stopRecording({ which }));
  const load = useCallback(
    () => recordings.getRecording({ recording: recording.id }).then((answer) => answer.recording),
    [recording.id],
  );
  const startedBy = useLoad(load).value?.startedBy;
  const always = room.settings?.recordingPolicy === RecordingPolicy.COMPLIANCE && startedBy === "";
  return (
    <li className="recording-running">
      <span>{whatIsRecorded(recording.mode, recording.status)}</span>
      {always && <p className="field-hint">This room is always recorded. Nobody can stop this.</p>}
      {!always && recording.status !== RecordingStatus.STOPPING && (
        <button type="button" className="button button-danger-quiet" disabled={action.busy} onClick={stop}>
          Stop recording
        </button>
      )}
      {action.problem && <Problem>{action.problem}</Problem>}
    </li>
  );
}

function OwnConsent({ consent: { decision, decide } }: { consent: Consent }) {
  const agrees = decision === ConsentDecision.GIVEN;
  return (
    <section className="recording-consent" aria-label="Your answer">
      <h3>You</h3>
      <p>{agrees ? "You agreed to be recorded." : "You declined to be recorded."}</p>
      <button
        type="button"
        className="button"
        onClick={() => decide(agrees ? ConsentDecision.DECLINED : ConsentDecision.GIVEN)}
      >
        {agrees ? "Decline from now on" : "Agree after all"}
      </button>
    </section>
  );
}
