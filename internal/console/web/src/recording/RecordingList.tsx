import type { ListRecordingsResponse, Recording } from "@anteroom/client/recording";
import { useCallback } from "react";
import { recordings } from "../api/client";
import { recordingPath } from "../route";
import { Link } from "../router";
import { useAction, type Action } from "../useAction";
import { useLoad, type Loaded } from "../useLoad";
import { Icon } from "../ui/Icon";
import { Problem, Waiting } from "../ui/Message";
import { Status } from "./Status";
import { durationText, isWorthKeeping, keptText, modeName, ownersText, recordedAt } from "./words";

/** RecordingList lists recordings page by page: those that the person may see, or all of them. */
export function RecordingList({ all }: { all: boolean }) {
  const { first, next, more } = useRecordings({ all, room: "", pageSize: 20 });
  if (first.problem) return <Problem>{first.problem}</Problem>;
  if (!first.value) return <Waiting>Loading recordings…</Waiting>;
  if (first.value.recordings.length === 0) return <NoRecordings />;
  return (
    <>
      <ul className="card recordings" aria-label="Recordings">
        {first.value.recordings.map((recording) => (
          <RecordingRow key={recording.id} recording={recording} />
        ))}
      </ul>
      {next.problem && <Problem>{next.problem}</Problem>}
      {more && (
        <button type="button" className="button" disabled={next.busy} onClick={more}>
          More recordings
        </button>
      )}
    </>
  );
}

interface Which {
  all: boolean;
  /** The room's id; empty for every room. */
  room: string;
  pageSize: number;
}

/** Pages are recordings as far as they were asked for. */
export interface Pages {
  first: Loaded<ListRecordingsResponse>;
  next: Action;
  /** Fetches the next page; absent on the last one. */
  more: (() => Promise<boolean>) | undefined;
}

/** useRecordings fetches recordings page by page, the newest first. */
export function useRecordings({ all, room, pageSize }: Which): Pages {
  const first = useLoad(
    useCallback(() => recordings.listRecordings({ all, room, pageSize }), [all, room, pageSize]),
  );
  const next = useAction();
  const shown = first.value;
  const more = () =>
    next.run(async () => {
      if (!shown) return;
      const page = await recordings.listRecordings({ all, room, pageSize, pageToken: shown.nextPageToken });
      first.set({ ...page, recordings: [...shown.recordings, ...page.recordings] });
    });
  return { first, next, more: shown?.nextPageToken ? more : undefined };
}

function RecordingRow({ recording }: { recording: Recording }) {
  return (
    <li>
      <span className="recording-title">
        <Link href={recordingPath(recording.id)}>{recording.title}</Link>
        <span className="field-hint">{recording.roomName}</span>
      </span>
      <span>
        <Status recording={recording} />
      </span>
      <span className="recording-when">
        <span>{recordedAt(recording)}</span>
        <span className="field-hint">
          {[modeName(recording.mode), durationText(recording.duration)].filter(Boolean).join(", ")}
        </span>
      </span>
      <span className="recording-owners">
        {isWorthKeeping(recording) && (
          <>
            <span>{ownersText(recording)}</span>
            <span className="field-hint">{keptText(recording.expireTime)}</span>
          </>
        )}
      </span>
    </li>
  );
}

function NoRecordings() {
  return (
    <div className="empty">
      <Icon name="record" />
      <h2>No recordings yet</h2>
      <p>Start one in a call. When it is saved, it is here for those who may see it.</p>
    </div>
  );
}
