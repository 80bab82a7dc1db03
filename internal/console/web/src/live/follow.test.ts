import { NoticeSchema, PersonSchema, type Notice } from "@anteroom/client/notice";
import { ChangeSchema, type Change } from "@anteroom/client/room";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
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
