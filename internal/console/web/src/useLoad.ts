import { useCallback, useEffect, useState } from "react";
import { explain } from "./api/reasons";

/** Loaded is something fetched: its value or, in words, why there is none. */
export interface Loaded<T> {
  value: T | undefined;
  problem: string | undefined;
  /** Fetches it anew; what is shown stays until then. */
  reload: () => void;
  /** Replaces the value by what the server answered to a change. */
  set: (value: T) => void;
}

/** useLoad fetches something when the page opens and when load changes. */
export function useLoad<T>(load: () => Promise<T>): Loaded<T> {
  const [value, set] = useState<T>();
  const [problem, setProblem] = useState<string>();
  const [round, setRound] = useState(0);

  useEffect(() => {
    let current = true;
    load().then(
      (loaded) => {
        if (!current) return;
        set(loaded);
        setProblem(undefined);
      },
      (error: unknown) => {
        if (current) setProblem(explain(error));
      },
    );
    return () => {
      current = false;
    };
  }, [load, round]);

  const reload = useCallback(() => setRound((n) => n + 1), []);
  return { value, problem, reload, set };
}
