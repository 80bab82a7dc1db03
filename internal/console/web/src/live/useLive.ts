import { useEffect, useState } from "react";
import { rooms } from "../api/client";
import { follow, type LiveRooms } from "./follow";
import { keepWatching } from "./stream";

// The server takes no more in one stream, and a page has one.
const mostRooms = 100;

/**
 * useLive follows rooms, named by their ids, while the page shows them. A guest
 * has a ticket of the one that they are in.
 */
export function useLive(ids: string[], ticket = ""): LiveRooms {
  const [live, setLive] = useState<LiveRooms>(new Map());
  const wanted = ids.slice(0, mostRooms).join(" ");
  useEffect(() => {
    if (!wanted) return;
    const leave = new AbortController();
    void keepWatching(
      (revision, signal) =>
        rooms.watch({ rooms: wanted.split(" "), revision, ticket }, { signal, timeoutMs: 0 }), // without an end
      leave.signal,
      (change) => setLive((known) => follow(known, change)),
    );
    return () => leave.abort();
  }, [wanted, ticket]);
  return live;
}
