import type { Room } from "@anteroom/client/room";
import { useState, type SubmitEvent } from "react";
import { rooms } from "../api/client";
import { useAction } from "../useAction";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/Field";
import { Problem } from "../ui/Message";

interface RenameRoomProps {
  room: Room;
  onChange: (room: Room) => void;
  onClose: () => void;
}

/** RenameRoom asks for the room's new name; the link stays. */
export function RenameRoom({ room, onChange, onClose }: RenameRoomProps) {
  const [name, setName] = useState(room.name);
  const action = useAction();
  const rename = async (event: SubmitEvent) => {
    event.preventDefault();
    const done = await action.run(async () => {
      const answer = await rooms.updateRoom({ room: room.id, name, updateMask: { paths: ["name"] } });
      if (answer.room) onChange(answer.room);
    });
    if (done) onClose();
  };
  return (
    <Dialog title="Rename the room" onClose={onClose}>
      <form className="form" onSubmit={rename}>
        <TextField
          label="Name"
          hint="The link stays as it is."
          value={name}
          onChange={(event) => setName(event.target.value)}
          maxLength={500}
          pattern=".*\S.*"
          title="At least one letter"
          required
          autoComplete="off"
        />
        {action.problem && <Problem>{action.problem}</Problem>}
        <div className="buttons">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button className="button button-primary" disabled={action.busy}>
            Rename
          </button>
        </div>
      </form>
    </Dialog>
  );
}
