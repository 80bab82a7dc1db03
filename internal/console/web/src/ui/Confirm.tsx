import type { Action } from "../useAction";
import { Dialog } from "./Dialog";
import { Problem } from "./Message";

interface ConfirmProps {
  title: string;
  /** What will happen, and whether it can be undone. */
  text: string;
  /** The word on the button that does it. */
  verb: string;
  action: Action;
  onConfirm: () => void;
  onClose: () => void;
}

/** Confirm asks before something that cannot be undone. */
export function Confirm({ title, text, verb, action, onConfirm, onClose }: ConfirmProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      {action.problem && <Problem>{action.problem}</Problem>}
      <div className="buttons">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="button button-danger" disabled={action.busy} onClick={onConfirm}>
          {verb}
        </button>
      </div>
    </Dialog>
  );
}
