import type { AccessLevel, Room, RoomSettings } from "@anteroom/client/room";
import { useState } from "react";
import { rooms } from "../api/client";
import { useAction } from "../useAction";
import { accessLevels } from "../words";
import { ChoiceField, SwitchField, TextField } from "../ui/Field";
import { Problem } from "../ui/Message";

/** Change is what one control of the settings asks for. */
interface Change {
  accessLevel?: AccessLevel;
  settings?: Partial<Pick<RoomSettings, "dialIn" | "viewersOnlyListen" | "maxParticipants">>;
}

/** Settings changes who may enter and how meetings behave; each change is saved at once. */
export function Settings({ room, onChange }: { room: Room; onChange: (room: Room) => void }) {
  const { problem, run } = useAction();
  // What was asked for is shown until the server has answered.
  const [wanted, setWanted] = useState<Change>({});
  const { dialIn, viewersOnlyListen, maxParticipants } = { ...room.settings, ...wanted.settings };

  const save = async (path: string, change: Change) => {
    setWanted(change);
    await run(async () => {
      const answer = await rooms.updateRoom({ ...change, room: room.id, updateMask: { paths: [path] } });
      if (answer.room) onChange(answer.room);
    });
    setWanted({});
  };

  return (
    <section className="card" aria-label="Settings">
      <h2>Settings</h2>
      <ChoiceField
        label="Who may enter"
        choices={accessLevels}
        value={wanted.accessLevel ?? room.accessLevel}
        onChoose={(accessLevel) => save("access_level", { accessLevel })}
      />
      <SwitchField
        label="People may dial in by telephone"
        checked={dialIn ?? true}
        onSwitch={(on) => save("settings.dial_in", { settings: { dialIn: on } })}
      />
      <SwitchField
        label="People without an access only watch and listen"
        checked={viewersOnlyListen ?? false}
        onSwitch={(on) => save("settings.viewers_only_listen", { settings: { viewersOnlyListen: on } })}
      />
      <MaxParticipants
        key={maxParticipants ?? 0}
        value={maxParticipants ?? 0}
        onSave={(most) => save("settings.max_participants", { settings: { maxParticipants: most } })}
      />
      {problem && <Problem>{problem}</Problem>}
    </section>
  );
}

function MaxParticipants({ value, onSave }: { value: number; onSave: (value: number) => void }) {
  const [text, setText] = useState(String(value));
  const leave = () => {
    if (text !== "" && Number(text) !== value) onSave(Number(text));
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        leave();
      }}
    >
      <TextField
        label="People at most"
        hint="Callers count too; 0 means no limit."
        type="number"
        min={0}
        max={10000}
        step={1}
        inputMode="numeric"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={leave}
      />
    </form>
  );
}
