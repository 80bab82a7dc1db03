import { RecordingMode, type Recording, type RecordingFile } from "@anteroom/client/recording";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { useCallback, useRef, useState, type SyntheticEvent } from "react";
import { recordings } from "../api/client";
import { useLoad } from "../useLoad";
import { Problem, Waiting } from "../ui/Message";

/** Player plays a file by a link that is good for some minutes, and asks for another when it is over. */
export function Player({ recording, file }: { recording: Recording; file: RecordingFile }) {
  const request = useCallback(
    () => recordings.getDownloadLink({ recording: recording.id, file: file.id, inline: true }),
    [recording.id, file.id],
  );
  const { value: link, problem, reload } = useLoad(request);
  const [broken, setBroken] = useState(false);
  const at = useRef(0);
  const plays = useRef(false);
  const expired = () => link?.expireTime !== undefined && timestampMs(link.expireTime) <= Date.now();

  if (problem) return <Problem>{problem}</Problem>;
  if (!link) return <Waiting>Opening the recording…</Waiting>;
  const shared = {
    className: "recording-player",
    controls: true,
    preload: "metadata",
    src: link.url,
    "aria-label": recording.title,
    controlsList: recording.downloads ? "" : "nodownload",
    onTimeUpdate: (event: SyntheticEvent<HTMLMediaElement>) => {
      at.current = event.currentTarget.currentTime;
      plays.current = !event.currentTarget.paused;
    },
    onLoadedMetadata: (event: SyntheticEvent<HTMLMediaElement>) => {
      const player = event.currentTarget;
      if (at.current > 0) player.currentTime = at.current;
      if (plays.current) void player.play().catch(() => undefined);
    },
    onError: () => {
      if (expired()) reload();
      else setBroken(true);
    },
  };
  const sound = recording.mode !== RecordingMode.SCREEN || file.contentType.startsWith("audio/");
  // There are no captions: nothing is written down of what people say.
  return (
    <>
      {sound ? <audio {...shared} /> : <video {...shared} playsInline />}
      {broken && <Problem>This browser cannot play the file, or it is not there any more.</Problem>}
    </>
  );
}
