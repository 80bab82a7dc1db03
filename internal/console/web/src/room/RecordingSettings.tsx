import { RecordingAudience, RecordingMode, RecordingPolicy } from "@anteroom/client/recording";
import type { Room } from "@anteroom/client/room";
import { whyNoRecording } from "../capabilities";
import { audiences, policies, roomModes } from "../recording/words";
import { ChoiceField, SwitchField } from "../ui/Field";
import { Hint, Problem } from "../ui/Message";
import { NumberField } from "./NumberField";
import { useRoomChange } from "./useRoomChange";

const day = 86_400;

interface RecordingSettingsProps {
  room: Room;
  onChange: (room: Room) => void;
}

/** RecordingSettings changes when a room is recorded, and what becomes of that; each change is saved at once. */
export function RecordingSettings({ room, onChange }: RecordingSettingsProps) {
  const { wanted, problem, save } = useRoomChange(room, onChange);
  const settings = { ...room.settings, ...wanted.settings };
  const days = Math.ceil(Number(room.settings?.recordingRetention?.seconds ?? 0n) / day);
  const policy = settings.recordingPolicy || RecordingPolicy.MANUAL;
  const why = whyNoRecording(room.capabilities);
  return (
    <section className="card" aria-label="Recording">
      <h2>Recording</h2>
      {why && <Hint>{why}</Hint>}
      <ChoiceField<RecordingPolicy>
        label="When it is recorded"
        choices={policies}
        value={policy}
        onChoose={(recordingPolicy) => save("settings.recording_policy", { settings: { recordingPolicy } })}
      />
      <ChoiceField<RecordingMode>
        label="What is recorded"
        choices={roomModes}
        value={settings.recordingMode || RecordingMode.SCREEN}
        onChoose={(recordingMode) => save("settings.recording_mode", { settings: { recordingMode } })}
      />
      <SwitchField
        label="Record each telephone caller by themselves"
        checked={settings.trackRecording ?? false}
        onSwitch={(on) => save("settings.track_recording", { settings: { trackRecording: on } })}
      />
      <SwitchField
        label="Ask people whether they may be recorded"
        checked={settings.consentRequired ?? false}
        onSwitch={(on) => save("settings.consent_required", { settings: { consentRequired: on } })}
      />
      <ChoiceField<RecordingAudience>
        label="Who sees recordings"
        choices={audiences}
        value={settings.recordingAudience || RecordingAudience.OWNERS}
        onChoose={(recordingAudience) =>
          save("settings.recording_audience", { settings: { recordingAudience } })
        }
      />
      <SwitchField
        label="Whoever sees recordings may save them"
        checked={settings.downloads ?? true}
        onSwitch={(on) => save("settings.downloads", { settings: { downloads: on } })}
      />
      <NumberField
        key={days}
        label="Days that recordings are kept"
        hint="From now on; 0 means as long as this installation keeps them."
        most={36_525}
        value={days}
        onSave={(keep) =>
          save("settings.recording_retention", {
            settings: { recordingRetention: { seconds: BigInt(keep) * BigInt(day) } },
          })
        }
      />
      {problem && <Problem>{problem}</Problem>}
    </section>
  );
}
