import type { Change, WatchResponse } from "@anteroom/client/room";
import { Code, ConnectError } from "@connectrpc/connect";

/** Open begins a stream where an earlier one ended; at first there is no revision. */
export type Open = (revision: string, signal: AbortSignal) => AsyncIterable<WatchResponse>;

// Three heartbeats that did not come: the connection is dead and nobody says so.
const silence = 60_000;
const firstPause = 250;
const longestPause = 30_000;

/**
 * keepWatching tells of every change until the signal is aborted or the server
 * says that there is nothing to watch. A stream that ends is opened again, later
 * each time while that fails.
 */
export async function keepWatching(
  open: Open,
  signal: AbortSignal,
  tell: (change: Change) => void,
): Promise<void> {
  const left = () => signal.aborted;
  let revision = "";
  for (let failures = 0; !left(); failures++) {
    const quiet = new AbortController();
    let timer = setTimeout(() => quiet.abort(), silence);
    try {
      for await (const { change } of open(revision, AbortSignal.any([signal, quiet.signal]))) {
        clearTimeout(timer);
        timer = setTimeout(() => quiet.abort(), silence);
        if (!change || left()) continue;
        failures = 0;
        revision = change.revision;
        tell(change);
      }
    } catch (error) {
      if (isFinal(error)) return;
    } finally {
      clearTimeout(timer);
    }
    if (!left()) await pause(pauseAfter(failures), signal);
  }
}

/** pauseAfter is how long to wait, in milliseconds; never the same for two who were cut off at once. */
export function pauseAfter(failures: number): number {
  return Math.min(firstPause * 2 ** failures, longestPause) * (0.5 + Math.random() / 2);
}

function isFinal(error: unknown): boolean {
  const { code } = ConnectError.from(error);
  return [Code.Unauthenticated, Code.PermissionDenied, Code.NotFound, Code.InvalidArgument].includes(code);
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
  });
}
