import { describe, expect, it } from "vitest";
import { eventPath, joinPath, meetingPath, parseRoute, recordingPath, roomPath } from "./route";

describe("parseRoute", () => {
  it.each([
    ["/", { page: "rooms" }],
    ["/r/weekly", { page: "room", room: "weekly" }],
    ["/r/weekly/", { page: "room", room: "weekly" }],
    ["/r/weekly/join", { page: "join", room: "weekly" }],
    ["/r/weekly/leave", { page: "missing" }],
    ["/r/weekly/join/now", { page: "missing" }],
    ["/r/weekly/meetings/0193", { page: "meeting", room: "weekly", meeting: "0193" }],
    ["/r/weekly/meetings", { page: "missing" }],
    ["/r/weekly/meetings/0193/more", { page: "missing" }],
    ["/recordings/", { page: "recordings" }],
    ["/recordings/0191", { page: "recording", recording: "0191" }],
    ["/recordings/0191/files", { page: "missing" }],
    ["/events", { page: "events" }],
    ["/events/", { page: "events" }],
    ["/events/0190", { page: "event", event: "0190" }],
    ["/events/0190/body", { page: "missing" }],
    ["/sign-in", { page: "sign-in" }],
    ["/sign-in/now", { page: "missing" }],
    ["/r", { page: "missing" }],
    ["/r/%E0%A4%A", { page: "missing" }],
    ["/rooms", { page: "missing" }],
  ])("reads %s", (path, route) => {
    expect(parseRoute(path)).toEqual(route);
  });

  it("reads back what is written", () => {
    const room = "ärger/../join";
    expect(parseRoute(roomPath(room))).toEqual({ page: "room", room });
    expect(parseRoute(joinPath(room))).toEqual({ page: "join", room });
    expect(parseRoute(meetingPath(room, "a/b"))).toEqual({ page: "meeting", room, meeting: "a/b" });
    expect(parseRoute(recordingPath(room))).toEqual({ page: "recording", recording: room });
    expect(parseRoute(eventPath(room))).toEqual({ page: "event", event: room });
  });
});
