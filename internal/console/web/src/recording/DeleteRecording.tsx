import type { Recording } from "@anteroom/client/recording";
import { useState } from "react";
import { recordings } from "../api/client";
import { recordingsPath } from "../route";
import { navigate } from "../router";
import { useAction } from "../useAction";
import { Confirm } from "../ui/Confirm";

/** DeleteRecording deletes the recording after asking. */
export function DeleteRecording({ recording }: { recording: Recording }) {
  const [asking, setAsking] = useState(false);
  const action = useAction();
  const remove = () =>
    action.run(async () => {
      await recordings.deleteRecording({ recording: recording.id });
      navigate(recordingsPath);
    });
  return (
    <>
      <button type="button" className="button button-danger-quiet" onClick={() => setAsking(true)}>
        Delete this recording
      </button>
      {asking && (
        <Confirm
          title={`Delete ${recording.title}?`}
          text="Nobody sees it any more, and its files are deleted. This cannot be undone."
          verb="Delete recording"
          action={action}
          onConfirm={remove}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
