import { useCallback, useState } from "react";
import { explain } from "./api/reasons";

/** Action is something a person asks for: whether it runs and why it failed. */
export interface Action {
  busy: boolean;
  problem: string | undefined;
  /** Runs the work, one at a time, and tells whether it went well. */
  run: (work: () => Promise<unknown>) => Promise<boolean>;
}

/** useAction keeps the state of a button's or a form's work. */
export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();

  const run = useCallback(async (work: () => Promise<unknown>) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await work();
      return true;
    } catch (error) {
      setProblem(explain(error));
      return false;
    } finally {
      setBusy(false);
    }
  }, []);

  return { busy, problem, run };
}
