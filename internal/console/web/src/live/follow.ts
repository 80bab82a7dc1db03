import type { Notice, Person } from "@anteroom/client/notice";
import type { Change } from "@anteroom/client/room";

/** LiveRoom is what a stream has told of a room. */
export interface LiveRoom {
  name: string;
  /** Who is there, in the order in which they came. */
  people: Person[];
}

/** LiveRooms are the rooms of a stream, by id. */
export type LiveRooms = ReadonlyMap<string, LiveRoom>;

/** follow is what is known of rooms after a change. */
export function follow(rooms: LiveRooms, { change }: Change): LiveRooms {
  switch (change.case) {
    case "snapshot":
      return new Map(change.value.rooms.map(({ room, name, people }) => [room, { name, people }]));
    case "notice": {
      const room = rooms.get(change.value.room);
      return room ? new Map(rooms).set(change.value.room, followNotice(room, change.value)) : rooms;
    }
    default:
      return rooms;
  }
}

// What a snapshot has shown may be told once more, so people are told apart by id.
function followNotice(room: LiveRoom, { fact }: Notice): LiveRoom {
  switch (fact.case) {
    case "participantJoined": {
      const { person } = fact.value;
      return person ? { ...room, people: [...without(room.people, person), person] } : room;
    }
    case "participantLeft": {
      const { person } = fact.value;
      return person ? { ...room, people: without(room.people, person) } : room;
    }
    case "roomUpdated":
      return { ...room, name: fact.value.name };
    default:
      return room;
  }
}

function without(people: Person[], { participantId }: Person): Person[] {
  return people.filter((person) => person.participantId !== participantId);
}
