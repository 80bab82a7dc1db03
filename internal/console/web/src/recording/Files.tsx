import type { Participant } from "@anteroom/client/meeting";
import type { Recording, RecordingFile } from "@anteroom/client/recording";
import { useCallback, useState } from "react";
import { meetings, recordings } from "../api/client";
import { useAction } from "../useAction";
import { useLoad } from "../useLoad";
import { maskNumbers } from "../words";
import { Hint, Problem } from "../ui/Message";
import { Player } from "./Player";
import { durationText, sizeText } from "./words";

/** Files plays the files of a recording and, where that is allowed, saves them. */
export function Files({ recording }: { recording: Recording }) {
  const [chosen, setChosen] = useState(recording.files[0]?.id);
  const names = useNames(recording);
  const file = recording.files.find(({ id }) => id === chosen) ?? recording.files[0];
  if (!file) return <Hint>It has no file to play.</Hint>;
  const several = recording.files.length > 1;
  return (
    <section className="card" aria-label="Player">
      <Player key={file.id} recording={recording} file={file} />
      <ul className="recording-files" aria-label="Files">
        {recording.files.map((one, index) => (
          <FileRow
            key={one.id}
            recording={recording}
            file={one}
            name={nameOf(one, names, several ? `File ${index + 1}` : "The whole recording")}
            plays={several ? one.id === file.id : undefined}
            onPlay={() => setChosen(one.id)}
          />
        ))}
      </ul>
      {!recording.downloads && (
        <p className="field-hint">Recordings of this room can be played here, and not saved.</p>
      )}
    </section>
  );
}

interface FileRowProps {
  recording: Recording;
  file: RecordingFile;
  name: string;
  /** Whether it is in the player; undefined where there is no other. */
  plays: boolean | undefined;
  onPlay: () => void;
}

function FileRow({ recording, file, name, plays, onPlay }: FileRowProps) {
  const action = useAction();
  const save = () =>
    action.run(async () => {
      const { url } = await recordings.getDownloadLink({ recording: recording.id, file: file.id });
      location.assign(url);
    });
  return (
    <li>
      <span className="recording-file-name">
        <span>{name}</span>
        <span className="field-hint">
          {[durationText(file.duration), sizeText(file.size)].filter(Boolean).join(", ")}
        </span>
      </span>
      <span className="recording-file-buttons">
        {plays !== undefined && (
          <button
            type="button"
            className="button"
            aria-pressed={plays}
            aria-label={`Play ${name}`}
            onClick={onPlay}
          >
            {plays ? "Playing" : "Play"}
          </button>
        )}
        {recording.downloads && (
          <button
            type="button"
            className="button"
            aria-label={`Download ${name}`}
            disabled={action.busy}
            onClick={save}
          >
            Download
          </button>
        )}
      </span>
      {action.problem && <Problem>{action.problem}</Problem>}
    </li>
  );
}

// Whoever may not see who was there hears the voices without names.
function useNames(recording: Recording): Map<string, string> {
  const needed = recording.files.some(({ participant }) => participant !== "");
  const meeting = needed ? recording.meeting : "";
  const load = useCallback(async () => (meeting ? await participantsOf(meeting) : []), [meeting]);
  const { value } = useLoad(load);
  return new Map(value?.map(({ id, displayName }) => [id, maskNumbers(displayName)]));
}

async function participantsOf(meeting: string): Promise<Participant[]> {
  const { participants } = await meetings.listParticipants({ meeting, pageSize: 100 });
  return participants;
}

function nameOf(
  { participant, callerNumber }: RecordingFile,
  names: Map<string, string>,
  otherwise: string,
): string {
  return names.get(participant) || callerNumber || otherwise;
}
