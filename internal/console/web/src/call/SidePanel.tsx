import type { Room } from "@anteroom/client/room";
import type { LiveRoom } from "../live/follow";
import { DialIn } from "../room/DialIn";
import { Icon } from "../ui/Icon";
import type { Consent } from "./consent";
import { People } from "./People";
import { RecordingPanel } from "./RecordingPanel";

/** Panel is what may stand at the side of a call. */
export type Panel = "people" | "dial-in" | "recording";

const titles: Record<Panel, string> = {
  people: "People",
  "dial-in": "Join by telephone",
  recording: "Recording",
};

interface SidePanelProps {
  panel: Panel;
  room: Room;
  live: LiveRoom | undefined;
  /** What the person says to being recorded, where they are asked. */
  consent: Consent | undefined;
  onClose: () => void;
}

/** SidePanel stands beside the pictures, on a small screen above them. */
export function SidePanel({ panel, room, live, consent, onClose }: SidePanelProps) {
  return (
    <aside className="side-panel" aria-label={titles[panel]}>
      <div className="title-row">
        <h2>{titles[panel]}</h2>
        <button
          type="button"
          className="button button-quiet button-icon"
          aria-label="Close"
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
      </div>
      {panel === "people" && <People />}
      {panel === "dial-in" && room.dialIn && <DialIn room={room} dialIn={room.dialIn} />}
      {panel === "recording" && <RecordingPanel room={room} live={live} consent={consent} />}
    </aside>
  );
}
