import { NoticeSchema, PersonSchema, type Notice } from "@anteroom/client/notice";
import { ChangeSchema, type Change } from "@anteroom/client/room";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { RecordingMode, RecordingStatus } from "@anteroom/client/recording";
import { expect, it } from "vitest";
import { follow, type LiveRooms } from "./follow";

const person = (id: string) => create(PersonSchema, { participantId: id, displayName: id });

function snapshot(...ids: string[]): Change {
  const value = { rooms: [{ room: "room", name: "Weekly", people: ids.map(person) }] };
  return create(ChangeSchema, { change: { case: "snapshot", value } });
}

function notice(
  fact: Exclude<MessageInitShape<typeof NoticeSchema>["fact"], undefined>,
  room = "room",
): Change {
  const value: Notice = create(NoticeSchema, { room, fact });
  return create(ChangeSchema, { change: { case: "notice", value } });
}

const joined = (id: string) => notice({ case: "participantJoined", value: { person: person(id) } });
const left = (id: string) => notice({ case: "participantLeft", value: { person: person(id) } });

function after(...changes: Change[]): LiveRooms {
  return changes.reduce(follow, new Map());
}

function names(rooms: LiveRooms): string[] | undefined {
  return rooms.get("room")?.people.map(({ displayName }) => displayName);
}

it("follows who comes and goes", () => {
  expect(names(after(snapshot("ada"), joined("bob"), joined("cy"), left("ada")))).toEqual(["bob", "cy"]);
});

it("takes what the snapshot has shown already for no second person", () => {
  expect(names(after(snapshot("ada", "bob"), joined("bob"), left("cy")))).toEqual(["ada", "bob"]);
});

it("begins anew with every snapshot", () => {
  expect(names(after(snapshot("ada"), joined("bob"), snapshot("cy")))).toEqual(["cy"]);
});

it("follows the name, and nothing in rooms that it does not show", () => {
  const renamed = notice({ case: "roomUpdated", value: { name: "Monthly" } });
  const elsewhere = notice({ case: "roomUpdated", value: { name: "Other" } }, "other");
  const rooms = after(snapshot("ada"), renamed, elsewhere);
  expect(rooms.get("room")?.name).toBe("Monthly");
  expect([...rooms.keys()]).toEqual(["room"]);
});

it("leaves all as it is at a heartbeat", () => {
  const rooms = after(snapshot("ada"));
  expect(follow(rooms, create(ChangeSchema, { change: { case: "heartbeat", value: {} } }))).toBe(rooms);
});

const recording = (recordingId: string, status: RecordingStatus, error = "") =>
  notice({ case: "recordingChanged", value: { recordingId, status, error, mode: RecordingMode.SCREEN } });

function recorded(rooms: LiveRooms) {
  const room = rooms.get("room");
  return { live: room?.recordings.map(({ id, status }) => [id, status]), ended: room?.ended?.error };
}

it("follows a recording from its start to its end, and how it ended until another begins", () => {
  const begun = after(snapshot("ada"), recording("one", RecordingStatus.STARTING));
  expect(recorded(begun)).toEqual({ live: [["one", RecordingStatus.STARTING]], ended: undefined });
  const active = follow(begun, recording("one", RecordingStatus.ACTIVE));
  expect(recorded(active).live).toEqual([["one", RecordingStatus.ACTIVE]]);
  const failed = follow(active, recording("one", RecordingStatus.FAILED, "upload_failed"));
  expect(recorded(failed)).toEqual({ live: [], ended: "upload_failed" });
  expect(recorded(follow(failed, recording("two", RecordingStatus.STARTING))).ended).toBeUndefined();
});

it("keeps several recordings of a room apart", () => {
  const both = after(
    snapshot("ada"),
    recording("one", RecordingStatus.ACTIVE),
    recording("two", RecordingStatus.ACTIVE),
    recording("one", RecordingStatus.COMPLETED),
  );
  expect(recorded(both).live).toEqual([["two", RecordingStatus.ACTIVE]]);
});

it("knows from a snapshot which meeting runs and what is recorded", () => {
  const value = {
    rooms: [
      {
        room: "room",
        live: { meetingId: "now", recording: { id: "one", status: RecordingStatus.ACTIVE } },
      },
    ],
  };
  const shown = after(create(ChangeSchema, { change: { case: "snapshot", value } }));
  expect(shown.get("room")?.meeting).toBe("now");
  expect(recorded(shown).live).toEqual([["one", RecordingStatus.ACTIVE]]);
  const begun = notice({ case: "meetingStarted", value: { meetingId: "next" } });
  const joined = notice({ case: "participantJoined", value: { meetingId: "next", person: person("ada") } });
  expect(follow(shown, begun).get("room")?.meeting).toBe("now"); // nobody is in the next one yet
  expect(follow(shown, joined).get("room")?.meeting).toBe("next");
  const over = follow(shown, notice({ case: "meetingEnded", value: { meetingId: "now" } }));
  expect(over.get("room")?.meeting).toBe("");
});
