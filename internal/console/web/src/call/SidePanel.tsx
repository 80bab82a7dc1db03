import type { Room } from "@anteroom/client/room";
import { DialIn } from "../room/DialIn";
import { Icon } from "../ui/Icon";
import { People } from "./People";

/** Panel is what may stand at the side of a call. */
export type Panel = "people" | "dial-in";

const titles: Record<Panel, string> = { people: "People", "dial-in": "Join by telephone" };

interface SidePanelProps {
  panel: Panel;
  room: Room;
  onClose: () => void;
}

/** SidePanel stands beside the pictures, on a small screen above them. */
export function SidePanel({ panel, room, onClose }: SidePanelProps) {
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
      {panel === "people" ? <People /> : room.dialIn && <DialIn dialIn={room.dialIn} />}
    </aside>
  );
}
