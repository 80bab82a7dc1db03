import { useState } from "react";
import { useIdentity } from "../api/identity";
import { useTitle } from "../useTitle";
import { SwitchField } from "../ui/Field";
import { CreateRoom } from "./CreateRoom";
import { RoomList } from "./RoomList";
import { SignIn } from "./SignIn";

/** RoomsPage lists the person's rooms and makes new ones. */
export function RoomsPage() {
  useTitle("Rooms");
  const { user } = useIdentity();
  return user ? <OwnRooms operator={user.operator} /> : <SignIn />;
}

function OwnRooms({ operator }: { operator: boolean }) {
  const [all, setAll] = useState(false);
  const [creating, setCreating] = useState(false);
  return (
    <>
      <div className="title-row">
        <h1>Rooms</h1>
        <button type="button" className="button button-primary" onClick={() => setCreating(true)}>
          New room
        </button>
      </div>
      {operator && <SwitchField label="All rooms of this installation" checked={all} onSwitch={setAll} />}
      <RoomList key={String(all)} all={all} />
      {creating && <CreateRoom onClose={() => setCreating(false)} />}
    </>
  );
}
