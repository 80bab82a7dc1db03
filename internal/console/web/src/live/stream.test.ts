import { WatchResponseSchema, type WatchResponse } from "@anteroom/client/room";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { keepWatching, pauseAfter, type Open } from "./stream";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const at = (revision: string) =>
  create(WatchResponseSchema, { change: { revision, change: { case: "heartbeat", value: {} } } });

// script plays one stream after the other, and notes where each began.
function script(...streams: (() => AsyncIterable<WatchResponse>)[]) {
  const began: string[] = [];
  const open: Open = (revision) => {
    began.push(revision);
    const next = streams.shift();
    if (!next) throw new ConnectError("no more", Code.NotFound);
    return next();
  };
  return { began, open };
}

async function* told(revisions: string[], end?: ConnectError): AsyncIterable<WatchResponse> {
  for (const revision of revisions) yield await Promise.resolve(at(revision));
  if (end) throw end;
}

async function run(open: Open) {
  const seen: string[] = [];
  const done = keepWatching(open, new AbortController().signal, ({ revision }) => seen.push(revision));
  await vi.runAllTimersAsync();
  await done;
  return seen;
}

it("goes on where a stream has ended, until there is nothing to watch", async () => {
  const stopping = new ConnectError("stopping", Code.Unavailable);
  const { began, open } = script(
    () => told(["1", "2"], stopping),
    () => told([], new ConnectError("away", Code.Unknown)),
    () => told(["3"]),
  );
  expect(await run(open)).toEqual(["1", "2", "3"]);
  expect(began).toEqual(["", "2", "2", "3"]);
});

it.each([Code.Unauthenticated, Code.PermissionDenied, Code.InvalidArgument])(
  "ends at code %i",
  async (code) => {
    const { began, open } = script(() => told([], new ConnectError("no", code)));
    await run(open);
    expect(began).toEqual([""]);
  },
);

it("opens another when nothing is heard for long", async () => {
  const began: string[] = [];
  const open: Open = (revision, signal) => {
    began.push(revision);
    if (began.length > 1) throw new ConnectError("enough", Code.NotFound);
    return (async function* () {
      yield at("1");
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
    })();
  };
  await run(open);
  expect(began).toEqual(["", "1"]);
});

it("tells nothing more once it is left", async () => {
  const leave = new AbortController();
  const seen: string[] = [];
  const { began, open } = script(() => told(["1", "2", "3"]));
  await keepWatching(open, leave.signal, ({ revision }) => {
    seen.push(revision);
    leave.abort();
  });
  expect(seen).toEqual(["1"]);
  expect(began).toEqual([""]);
});

it("waits longer each time, within bounds", () => {
  for (let failures = 0; failures < 20; failures++) {
    const most = Math.min(250 * 2 ** failures, 30_000);
    expect(pauseAfter(failures)).toBeGreaterThanOrEqual(most / 2);
    expect(pauseAfter(failures)).toBeLessThanOrEqual(most);
  }
});
