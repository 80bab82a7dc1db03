import { useEffect, useState } from "react";
import { rooms } from "../api/client";

/** useRecordingLimit is how long a recording may be, in milliseconds; 0 while it is not known, or without end. */
export function useRecordingLimit(): number {
  const [most, setMost] = useState(0);
  useEffect(() => {
    let current = true;
    // A warning is lost where this fails: the limit is told as well when a recording begins.
    rooms
      .getClientConfig({})
      .then(({ clientConfig }) => {
        if (current) setMost(Number(clientConfig?.maxRecordingMs ?? 0));
      })
      .catch(() => undefined);
    return () => {
      current = false;
    };
  }, []);
  return most;
}
