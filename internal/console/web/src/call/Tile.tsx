import {
  ConnectionQualityIndicator,
  ParticipantTile,
  TrackMutedIndicator,
  VideoTrack,
  isTrackReference,
  useTrackRefContext,
} from "@livekit/components-react";
import { Track, type Participant } from "livekit-client";
import { initials } from "../initials";
import { Icon } from "../ui/Icon";
import { isCaller, shownName } from "./participant";

/** Tile is one person's picture or shared screen, with name and connection quality. */
export function Tile() {
  const track = useTrackRefContext();
  const { participant, source } = track;
  const screen = source === Track.Source.ScreenShare;
  const name = screen ? `${shownName(participant)}'s screen` : shownName(participant);
  return (
    <ParticipantTile role="group" aria-label={name}>
      {isTrackReference(track) && <VideoTrack trackRef={track} />}
      <div className="lk-participant-placeholder">
        <Placeholder participant={participant} />
      </div>
      <div className="lk-participant-metadata">
        <div className="lk-participant-metadata-item tile-name">
          {!screen && (
            <TrackMutedIndicator trackRef={{ participant, source: Track.Source.Microphone }} show="muted" />
          )}
          {isCaller(participant) && <Icon name="phone" />}
          <span>{name}</span>
        </div>
        <ConnectionQualityIndicator className="lk-participant-metadata-item" />
      </div>
    </ParticipantTile>
  );
}

function Placeholder({ participant }: { participant: Participant }) {
  return (
    <span className="initials" aria-hidden="true">
      {isCaller(participant) ? <Icon name="phone" /> : initials(shownName(participant))}
    </span>
  );
}
