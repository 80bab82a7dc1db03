import type { AccessLevel, Room, RoomSettingsSchema } from "@anteroom/client/room";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { useState } from "react";
import { rooms } from "../api/client";
import { useAction } from "../useAction";
import { accessLevels } from "../words";
import { ChoiceField, SwitchField, TextField } from "../ui/Field";
import { Problem } from "../ui/Message";

interface Change {
  accessLevel?: AccessLevel;
  settings?: MessageInitShape<typeof RoomSettingsSchema>;
}

/** Settings changes who may enter and how meetings behave; each change is saved at once. */
export function Settings({ room, onChange }: { room: Room; onChange: (room: Room) => void }) {
  const action = useAction();
  const save = (path: string, change: Change) =>
    action.run(async () => {
      const answer = await rooms.updateRoom({ ...change, room: room.id, updateMask: { paths: [path] } });
      if (answer.room) onChange(answer.room);
    });
  const { settings } = room;
  return (
    <section className="card" aria-label="Settings">
      <h2>Settings</h2>
      <ChoiceField
        label="Who may enter"
        choices={accessLevels}
        value={room.accessLevel}
        disabled={action.busy}
        onChoose={(accessLevel) => save("access_level", { accessLevel })}
      />
      <SwitchField
        label="People may dial in by telephone"
        checked={settings?.dialIn ?? true}
        disabled={action.busy}
        onSwitch={(dialIn) => save("settings.dial_in", { settings: { dialIn } })}
      />
      <SwitchField
        label="People without an access only watch and listen"
        checked={settings?.viewersOnlyListen ?? false}
        disabled={action.busy}
        onSwitch={(viewersOnlyListen) =>
          save("settings.viewers_only_listen", { settings: { viewersOnlyListen } })
        }
      />
      <MaxParticipants
        key={settings?.maxParticipants ?? 0}
        value={settings?.maxParticipants ?? 0}
        disabled={action.busy}
        onSave={(maxParticipants) => save("settings.max_participants", { settings: { maxParticipants } })}
      />
      {action.problem && <Problem>{action.problem}</Problem>}
    </section>
  );
}

interface MaxParticipantsProps {
  value: number;
  disabled: boolean;
  onSave: (value: number) => void;
}

function MaxParticipants({ value, disabled, onSave }: MaxParticipantsProps) {
  const [text, setText] = useState(String(value));
  const leave = () => {
    const wanted = Number(text);
    if (text !== "" && wanted !== value) onSave(wanted);
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
        disabled={disabled}
        onChange={(event) => setText(event.target.value)}
        onBlur={leave}
      />
    </form>
  );
}
