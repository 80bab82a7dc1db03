import type { Room } from "@anteroom/client/room";
import { useState } from "react";
import { rooms } from "../api/client";
import { navigate } from "../router";
import { useAction } from "../useAction";
import { Confirm } from "../ui/Confirm";

/** DeleteRoom deletes the room after asking. */
export function DeleteRoom({ room }: { room: Room }) {
  const [asking, setAsking] = useState(false);
  const action = useAction();
  const remove = () =>
    action.run(async () => {
      await rooms.deleteRoom({ room: room.id });
      navigate("/");
    });
  return (
    <>
      <button type="button" className="button button-danger-quiet" onClick={() => setAsking(true)}>
        Delete this room
      </button>
      {asking && (
        <Confirm
          title={`Delete ${room.name}?`}
          text="Its meeting ends, its link and its PIN stop working. This cannot be undone."
          verb="Delete room"
          action={action}
          onConfirm={remove}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
