import type { Room } from "@anteroom/client/room";
import { useConnectionState, useParticipants } from "@livekit/components-react";
import { ConnectionState } from "livekit-client";
import { mayAdminister } from "../words";
import { Icon, type IconName } from "../ui/Icon";
import type { Panel } from "./SidePanel";

interface CallBarProps {
  room: Room;
  /** Whether people are asked if they may be recorded. */
  asks: boolean;
  panel: Panel | undefined;
  onPanel: (panel: Panel | undefined) => void;
}

/** CallBar names the room and opens the panels at its side. */
export function CallBar({ room, asks, panel, onPanel }: CallBarProps) {
  const people = useParticipants().length;
  const connected = useConnectionState() === ConnectionState.Connected;
  const toggle = (wanted: Panel) => onPanel(panel === wanted ? undefined : wanted);
  return (
    <div className="call-bar">
      <h1>{room.name}</h1>
      {(asks || mayAdminister(room.myRole)) && (
        <PanelButton
          icon="record"
          label="Recording"
          open={panel === "recording"}
          onClick={() => toggle("recording")}
        />
      )}
      {room.dialIn && (
        <PanelButton
          icon="phone"
          label="Dial-in"
          open={panel === "dial-in"}
          onClick={() => toggle("dial-in")}
        />
      )}
      <PanelButton
        icon="people"
        label="People"
        count={connected ? people : undefined}
        open={panel === "people"}
        onClick={() => toggle("people")}
      />
    </div>
  );
}

interface PanelButtonProps {
  icon: IconName;
  label: string;
  count?: number | undefined;
  open: boolean;
  onClick: () => void;
}

function PanelButton({ icon, label, count, open, onClick }: PanelButtonProps) {
  return (
    <button type="button" className="button button-quiet" aria-expanded={open} onClick={onClick}>
      <Icon name={icon} />
      <span className="control-name">{count === undefined ? label : `${label}: `}</span>
      {count}
    </button>
  );
}
