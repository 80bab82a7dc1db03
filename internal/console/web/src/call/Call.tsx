import type { ConsentDecision } from "@anteroom/client/recording";
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
import { useLive } from "../live/useLive";
import { useTitle } from "../useTitle";
import { CallBar } from "./CallBar";
import { useConsent } from "./consent";
import { Controls } from "./Controls";
import { publishable } from "./grants";
import type { Choices } from "./PreJoin";
import { QualityReports } from "./QualityReports";
import { RecordingBar } from "./RecordingBar";
import { SidePanel, type Panel } from "./SidePanel";
import { Stage } from "./Stage";
import { deviceProblem, endOfCall } from "./words";

const options: RoomOptions = { adaptiveStream: true, dynacast: true };

interface CallProps {
  room: Room;
  pass: Pass;
  choices: Choices;
  /** What the person said to being recorded at the door. */
  consent: ConsentDecision;
  /** The call is over; without words the person left it themselves. */
  onEnd: (words: string | undefined) => void;
  /** The media server did not let the person in. */
  onRefused: () => void;
}

/** Call is the meeting: everybody's picture, the controls, and who is there. */
export function Call({ room, pass, choices, consent: first, onEnd, onRefused }: CallProps) {
  useTitle(room.name);
  const [panel, setPanel] = useState<Panel>();
  const [deviceTrouble, setDeviceTrouble] = useState<string>();
  const connected = useRef(false);
  const allowed = publishable(pass.token);
  const live = useLive([room.id], pass.ticket).get(room.id);
  const consent = useConsent({ room: room.id, ticket: pass.ticket }, live?.meeting ?? "", first);

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
      <CallBar room={room} asks={pass.consentRequired} panel={panel} onPanel={setPanel} />
      <RecordingBar room={room} live={live} />
      <div className="call-middle">
        <Stage />
        {panel && (
          <SidePanel
            panel={panel}
            room={room}
            live={live}
            consent={pass.consentRequired ? consent : undefined}
            onClose={() => setPanel(undefined)}
          />
        )}
      </div>
      {deviceTrouble && (
        <p className="call-trouble" role="alert">
          {deviceTrouble}
        </p>
      )}
      {consent.problem && (
        <p className="call-trouble" role="alert">
          Your answer to being recorded was not kept. {consent.problem}
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
