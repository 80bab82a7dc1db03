import type { Pass, Room } from "@anteroom/client/room";
import { ConnectionStateToast, LiveKitRoom, RoomAudioRenderer } from "@livekit/components-react";
import "@livekit/components-styles";
import {
  ConnectionError,
  type DisconnectReason,
  type MediaDeviceFailure,
  type RoomOptions,
} from "livekit-client";
import { useCallback, useRef, useState } from "react";
import { useTitle } from "../useTitle";
import { CallBar } from "./CallBar";
import { Controls } from "./Controls";
import { publishable } from "./grants";
import type { Choices } from "./PreJoin";
import { QualityReports } from "./QualityReports";
import { SidePanel, type Panel } from "./SidePanel";
import { Stage } from "./Stage";
import { deviceProblem, endOfCall } from "./words";

const options: RoomOptions = { adaptiveStream: true, dynacast: true };

interface CallProps {
  room: Room;
  pass: Pass;
  choices: Choices;
  /** The call is over; without words the person left it themselves. */
  onEnd: (words: string | undefined) => void;
  /** The media server did not let the person in. */
  onRefused: () => void;
}

/** Call is the meeting: everybody's picture, the controls, and who is there. */
export function Call({ room, pass, choices, onEnd, onRefused }: CallProps) {
  useTitle(room.name);
  const [panel, setPanel] = useState<Panel>();
  const [deviceTrouble, setDeviceTrouble] = useState<string>();
  const connected = useRef(false);
  const allowed = publishable(pass.token);

  const onConnected = useCallback(() => {
    connected.current = true;
  }, []);
  const onDisconnected = useCallback(
    (reason?: DisconnectReason) => {
      // A failed first connection is told by onError.
      if (connected.current) onEnd(endOfCall(reason));
    },
    [onEnd],
  );
  const onError = useCallback(
    (error: Error) => {
      if (error instanceof ConnectionError && !connected.current) onRefused();
    },
    [onRefused],
  );
  const onMediaDeviceFailure = useCallback((_failure?: MediaDeviceFailure, kind?: MediaDeviceKind) => {
    setDeviceTrouble(deviceProblem(kind === "videoinput" ? "camera" : "microphone", undefined));
  }, []);

  return (
    <LiveKitRoom
      className="call"
      data-lk-theme="default"
      serverUrl={pass.serverUrl}
      token={pass.token}
      options={options}
      audio={allowed.has("microphone") && capture(choices.microphone)}
      video={allowed.has("camera") && capture(choices.camera)}
      onConnected={onConnected}
      onDisconnected={onDisconnected}
      onError={onError}
      onMediaDeviceFailure={onMediaDeviceFailure}
    >
      <CallBar room={room} panel={panel} onPanel={setPanel} />
      <div className="call-middle">
        <Stage />
        {panel && <SidePanel panel={panel} room={room} onClose={() => setPanel(undefined)} />}
      </div>
      {deviceTrouble && (
        <p className="call-trouble" role="alert">
          {deviceTrouble}
        </p>
      )}
      <Controls onDeviceProblem={setDeviceTrouble} />
      <RoomAudioRenderer />
      <QualityReports ticket={pass.ticket} />
      <ConnectionStateToast />
    </LiveKitRoom>
  );
}

function capture(deviceId: string | undefined): { deviceId: string } | false {
  return deviceId !== undefined && { deviceId };
}
