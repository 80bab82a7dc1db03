import { Role, type Room } from "@anteroom/client/room";
import { usePersistentUserChoices, useTrackVolume } from "@livekit/components-react";
import type { LocalAudioTrack } from "livekit-client";
import { useState, type ReactNode, type SubmitEvent } from "react";
import { useIdentity } from "../api/identity";
import { SwitchField, TextField } from "../ui/Field";
import { Hint, Problem } from "../ui/Message";
import { Camera } from "./Camera";
import { DeviceField } from "./DeviceField";
import { useCameraPreview, useMicrophonePreview } from "./usePreview";

/** Choices is how somebody wants to come in: the ids of the devices that are on. */
export interface Choices {
  name: string;
  camera: string | undefined;
  microphone: string | undefined;
}

interface PreJoinProps {
  room: Room;
  busy: boolean;
  problem: string | undefined;
  onJoin: (choices: Choices) => void;
}

/** PreJoin asks for a name and checks camera and microphone before the call. */
export function PreJoin({ room, busy, problem, onJoin }: PreJoinProps) {
  const { user } = useIdentity();
  const saved = usePersistentUserChoices();
  const { audioEnabled, audioDeviceId, videoEnabled, videoDeviceId, username } = saved.userChoices;
  const [name, setName] = useState(user ? user.fullName : username);
  const listensOnly = room.myRole === Role.VIEWER;
  const camera = useCameraPreview(videoEnabled && !listensOnly, videoDeviceId);
  const microphone = useMicrophonePreview(audioEnabled && !listensOnly, audioDeviceId);

  const join = (event: SubmitEvent) => {
    event.preventDefault();
    if (!user) saved.saveUsername(name);
    onJoin({
      name: name.trim(),
      camera: camera.track && videoDeviceId,
      microphone: microphone.track && audioDeviceId,
    });
  };

  return (
    <form className="pre-join" onSubmit={join}>
      <div className="pre-join-picture">
        <Camera track={camera.track} name={name} />
        {microphone.track && <LevelMeter track={microphone.track} />}
      </div>
      <div className="form">
        <TextField
          label="Your name"
          hint="Everybody in the room sees it."
          value={name}
          onChange={(event) => setName(event.target.value)}
          maxLength={200}
          autoComplete="name"
          required={!user}
        />
        {listensOnly ? (
          <Hint>You watch and listen in this room, so camera and microphone stay off.</Hint>
        ) : (
          <>
            <DeviceSwitch
              label="Microphone on"
              on={audioEnabled}
              problem={microphone.problem}
              onSwitch={saved.saveAudioInputEnabled}
            >
              <DeviceField
                device="microphone"
                chosen={audioDeviceId}
                onChoose={saved.saveAudioInputDeviceId}
              />
            </DeviceSwitch>
            <DeviceSwitch
              label="Camera on"
              on={videoEnabled}
              problem={camera.problem}
              onSwitch={saved.saveVideoInputEnabled}
            >
              <DeviceField device="camera" chosen={videoDeviceId} onChoose={saved.saveVideoInputDeviceId} />
            </DeviceSwitch>
          </>
        )}
        {room.alwaysRecorded && (
          <Hint>Every meeting in this room is recorded, from its beginning to its end.</Hint>
        )}
        {problem && <Problem>{problem}</Problem>}
        <button className="button button-primary button-large" disabled={busy}>
          {busy ? "Joining…" : "Join the call"}
        </button>
      </div>
    </form>
  );
}

interface DeviceSwitchProps {
  label: string;
  on: boolean;
  problem: string | undefined;
  onSwitch: (on: boolean) => void;
  children: ReactNode;
}

function DeviceSwitch({ label, on, problem, onSwitch, children }: DeviceSwitchProps) {
  return (
    <div className="device">
      <SwitchField label={label} checked={on} onSwitch={onSwitch} />
      {on && (problem ? <Problem>{problem}</Problem> : children)}
    </div>
  );
}

function LevelMeter({ track }: { track: LocalAudioTrack }) {
  const level = Math.min(1, useTrackVolume(track) * 1.5);
  return (
    <div
      className="level"
      role="meter"
      aria-label="Microphone level"
      aria-valuemin={0}
      aria-valuemax={1}
      aria-valuenow={level}
    >
      <div style={{ transform: `scaleX(${level})` }} />
    </div>
  );
}
