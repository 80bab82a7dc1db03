import type { Room } from "@anteroom/client/room";
import { whyNoDialIn } from "../capabilities";
import { accessLevels } from "../words";
import { ChoiceField, SwitchField } from "../ui/Field";
import { Problem } from "../ui/Message";
import { NumberField } from "./NumberField";
import { useRoomChange } from "./useRoomChange";

/** Settings changes who may enter and how meetings behave; each change is saved at once. */
export function Settings({ room, onChange }: { room: Room; onChange: (room: Room) => void }) {
  const { wanted, problem, save } = useRoomChange(room, onChange);
  const { dialIn, viewersOnlyListen, maxParticipants } = { ...room.settings, ...wanted.settings };
  const why = whyNoDialIn(room.capabilities);

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
      {why && <p className="field-hint">{why}</p>}
      <SwitchField
        label="People without an access only watch and listen"
        checked={viewersOnlyListen ?? false}
        onSwitch={(on) => save("settings.viewers_only_listen", { settings: { viewersOnlyListen: on } })}
      />
      <NumberField
        key={maxParticipants ?? 0}
        label="People at most"
        hint="Callers count too; 0 means no limit."
        most={10000}
        value={maxParticipants ?? 0}
        onSave={(most) => save("settings.max_participants", { settings: { maxParticipants: most } })}
      />
      {problem && <Problem>{problem}</Problem>}
    </section>
  );
}
