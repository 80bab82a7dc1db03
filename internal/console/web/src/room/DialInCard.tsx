import type { Room } from "@anteroom/client/room";
import type { DialIn as DialInMessage } from "@anteroom/client/sip";
import { useState } from "react";
import { sip } from "../api/client";
import { useAction } from "../useAction";
import { mayAdminister } from "../words";
import { Confirm } from "../ui/Confirm";
import { DialIn } from "./DialIn";

interface DialInCardProps {
  room: Room;
  dialIn: DialInMessage;
  onChange: (room: Room) => void;
}

/** DialInCard shows how to get in by telephone; an admin can change the PIN. */
export function DialInCard({ room, dialIn, onChange }: DialInCardProps) {
  const [asking, setAsking] = useState(false);
  const action = useAction();
  const rotate = async () => {
    const done = await action.run(async () => {
      const answer = await sip.rotatePin({ room: room.id });
      if (answer.dialIn) onChange({ ...room, dialIn: answer.dialIn });
    });
    if (done) setAsking(false);
  };
  return (
    <section className="card" aria-label="By telephone">
      <h2>By telephone</h2>
      <DialIn room={room} dialIn={dialIn} />
      {mayAdminister(room.myRole) && (
        <button type="button" className="button button-quiet" onClick={() => setAsking(true)}>
          New PIN
        </button>
      )}
      {asking && (
        <Confirm
          title="Give this room a new PIN?"
          text="The present PIN stops working at once. Who has it in an invitation needs the new one."
          verb="New PIN"
          action={action}
          onConfirm={rotate}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  );
}
