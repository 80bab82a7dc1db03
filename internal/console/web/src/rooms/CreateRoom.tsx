import { AccessLevel } from "@anteroom/client/room";
import { useState, type SubmitEvent } from "react";
import { rooms } from "../api/client";
import { newRequestId } from "../newRequestId";
import { roomPath } from "../route";
import { navigate } from "../router";
import { useAction } from "../useAction";
import { accessLevels } from "../words";
import { Dialog } from "../ui/Dialog";
import { ChoiceField, TextField } from "../ui/Field";
import { Problem } from "../ui/Message";

/** CreateRoom asks for a name and who may enter, and opens the new room's page. */
export function CreateRoom({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [accessLevel, setAccessLevel] = useState(AccessLevel.RESTRICTED);
  // Pressing the button twice, or once more after a lost answer, makes one room.
  const [requestId] = useState(newRequestId);
  const action = useAction();

  const create = (event: SubmitEvent) => {
    event.preventDefault();
    void action.run(async () => {
      const { room } = await rooms.createRoom({ name, accessLevel, requestId });
      if (room) navigate(roomPath(room.slug));
    });
  };

  return (
    <Dialog title="New room" onClose={onClose}>
      <form className="form" onSubmit={create}>
        <TextField
          label="Name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          maxLength={500}
          pattern=".*\S.*"
          title="At least one letter"
          required
          autoComplete="off"
        />
        <ChoiceField
          label="Who may enter"
          choices={accessLevels}
          value={accessLevel}
          onChoose={setAccessLevel}
        />
        {action.problem && <Problem>{action.problem}</Problem>}
        <div className="buttons">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button className="button button-primary" disabled={action.busy}>
            Create room
          </button>
        </div>
      </form>
    </Dialog>
  );
}
