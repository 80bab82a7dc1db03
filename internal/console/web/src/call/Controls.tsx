import {
  DisconnectButton,
  MediaDeviceMenu,
  StartMediaButton,
  TrackToggle,
  useLocalParticipantPermissions,
} from "@livekit/components-react";
import { Track } from "livekit-client";
import { Icon } from "../ui/Icon";
import { publishes } from "./permissions";
import { deviceProblem } from "./words";

/** Controls has what the person's permissions allow: microphone, camera, screen; and leaving. */
export function Controls({ onDeviceProblem }: { onDeviceProblem: (words: string) => void }) {
  const permissions = useLocalParticipantPermissions();
  const may = (source: Track.Source) => publishes(permissions, source);
  const canShare = "mediaDevices" in navigator && "getDisplayMedia" in navigator.mediaDevices;
  return (
    <div className="controls" role="toolbar" aria-label="Call controls">
      {may(Track.Source.Microphone) && (
        <div className="lk-button-group">
          <TrackToggle
            source={Track.Source.Microphone}
            onDeviceError={(error) => onDeviceProblem(deviceProblem("microphone", error))}
          >
            <span className="control-name">Microphone</span>
          </TrackToggle>
          <div className="lk-button-group-menu">
            <MediaDeviceMenu kind="audioinput" aria-label="Choose the microphone" />
          </div>
        </div>
      )}
      {may(Track.Source.Camera) && (
        <div className="lk-button-group">
          <TrackToggle
            source={Track.Source.Camera}
            onDeviceError={(error) => onDeviceProblem(deviceProblem("camera", error))}
          >
            <span className="control-name">Camera</span>
          </TrackToggle>
          <div className="lk-button-group-menu">
            <MediaDeviceMenu kind="videoinput" aria-label="Choose the camera" />
          </div>
        </div>
      )}
      {may(Track.Source.ScreenShare) && canShare && (
        <TrackToggle
          source={Track.Source.ScreenShare}
          captureOptions={{ audio: may(Track.Source.ScreenShareAudio) }}
        >
          <span className="control-name">Share screen</span>
        </TrackToggle>
      )}
      <DisconnectButton>
        <Icon name="close" />
        Leave
      </DisconnectButton>
      <StartMediaButton />
    </div>
  );
}
