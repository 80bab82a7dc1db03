/** Route is a page of the console with what its path names. */
export type Route =
  | { page: "rooms" }
  | { page: "room"; room: string }
  | { page: "join"; room: string }
  | { page: "meeting"; room: string; meeting: string }
  | { page: "recordings" }
  | { page: "recording"; recording: string }
  | { page: "events" }
  | { page: "event"; event: string }
  | { page: "sign-in" }
  | { page: "missing" };

/** parseRoute tells the page of a path; a slash at the end does not matter. */
export function parseRoute(pathname: string): Route {
  const parts = pathname.split("/").filter(Boolean).map(decode);
  const [first, room, place, meeting] = parts;
  if (first === undefined) return { page: "rooms" };
  if (first === "events" && parts.length <= 2)
    return room ? { page: "event", event: room } : { page: "events" };
  if (first === "recordings" && parts.length <= 2)
    return room ? { page: "recording", recording: room } : { page: "recordings" };
  if (first === "sign-in" && parts.length === 1) return { page: "sign-in" };
  if (first !== "r" || !room || parts.length > 4) return { page: "missing" };
  if (place === undefined) return { page: "room", room };
  if (place === "join" && meeting === undefined) return { page: "join", room };
  return place === "meetings" && meeting ? { page: "meeting", room, meeting } : { page: "missing" };
}

/** roomPath is the path of a room's page. */
export function roomPath(room: string): string {
  return `/r/${encodeURIComponent(room)}`;
}

/** joinPath is the path of a room's door, where camera and microphone are checked. */
export function joinPath(room: string): string {
  return `${roomPath(room)}/join`;
}

/** meetingPath is the path of a meeting of a room, with who was there. */
export function meetingPath(room: string, meeting: string): string {
  return `${roomPath(room)}/meetings/${encodeURIComponent(meeting)}`;
}

/** recordingsPath is the path of the person's recordings. */
export const recordingsPath = "/recordings";

/** recordingPath is the path of one recording. */
export function recordingPath(recording: string): string {
  return `${recordingsPath}/${encodeURIComponent(recording)}`;
}

/** eventsPath is the path of the inbox, for operators. */
export const eventsPath = "/events";

/** eventPath is the path of one event in it. */
export function eventPath(event: string): string {
  return `${eventsPath}/${encodeURIComponent(event)}`;
}

// A path that is not valid percent-encoding names nothing.
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
