import { ConsentDecision } from "@anteroom/client/recording";
import { Dialog } from "../ui/Dialog";
import { Problem } from "../ui/Message";
import type { Action } from "../useAction";

interface ConsentDialogProps {
  /** Whether something is being recorded already. */
  recorded: boolean;
  action: Action;
  onDecide: (decision: ConsentDecision) => void;
  /** The person does not go in. */
  onClose: () => void;
}

/** ConsentDialog asks at the door whether somebody agrees to be recorded. */
export function ConsentDialog({ recorded, action, onDecide, onClose }: ConsentDialogProps) {
  return (
    <Dialog title="May you be recorded?" onClose={onClose}>
      <p>
        {recorded
          ? "This meeting is being recorded: what you say and show can become part of it."
          : "This meeting may be recorded: what you say and show can become part of it."}
      </p>
      <p className="field-hint">
        You can join either way, and change your mind inside. If you decline, no file is made of you alone,
        and the host is told before everybody is recorded together.
      </p>
      {action.problem && <Problem>{action.problem}</Problem>}
      <div className="buttons">
        <button
          type="button"
          className="button"
          disabled={action.busy}
          onClick={() => onDecide(ConsentDecision.DECLINED)}
        >
          I decline
        </button>
        <button
          type="button"
          className="button button-primary"
          disabled={action.busy}
          onClick={() => onDecide(ConsentDecision.GIVEN)}
        >
          I agree
        </button>
      </div>
    </Dialog>
  );
}
