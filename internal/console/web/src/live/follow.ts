import type { Notice, Person, RecordingChanged } from "@anteroom/client/notice";
import type { RecordingMode, RecordingStatus } from "@anteroom/client/recording";
import type { Change, WatchedRoom } from "@anteroom/client/room";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { isLive } from "../recording/words";

/** LiveRoom is what a stream has told of a room. */
export interface LiveRoom {
  name: string;
  /** Who is there, in the order in which they came. */
  people: Person[];
  /** The id of the meeting that runs; empty until somebody is there. */
  meeting: string;
  /** What is being recorded. */
  recordings: RecordingNow[];
  /** How the last recording ended, until another begins. */
  ended: RecordingNow | undefined;
  /** Names the last thing that was told of recordings. */
  recordingNews: string;
}

/** RecordingNow is how far a recording is. */
export interface RecordingNow {
  id: string;
  mode: RecordingMode;
  status: RecordingStatus;
  /** Why it ended badly, as a reason. */
  error: string;
  /** When the recorder began. */
  startTime: Timestamp | undefined;
  /** When it will be stopped because it is as long as it may be, where that was told. */
  limitTime: Timestamp | undefined;
  /** Whether the server says that this is soon. */
  limitNear: boolean;
}

/** LiveRooms are the rooms of a stream, by id. */
export type LiveRooms = ReadonlyMap<string, LiveRoom>;

/** follow is what is known of rooms after a change. */
export function follow(rooms: LiveRooms, { change, revision }: Change): LiveRooms {
  switch (change.case) {
    case "snapshot":
      return new Map(change.value.rooms.map((room) => [room.room, begin(room, revision)]));
    case "notice": {
      const room = rooms.get(change.value.room);
      return room ? new Map(rooms).set(change.value.room, followNotice(room, change.value)) : rooms;
    }
    default:
      return rooms;
  }
}

function begin({ name, people, live }: WatchedRoom, revision: string): LiveRoom {
  const recording = live?.recording;
  return {
    name,
    people,
    meeting: live?.meetingId ?? "",
    recordings: recording
      ? [
          {
            id: recording.id,
            mode: recording.mode,
            status: recording.status,
            error: "",
            startTime: recording.startTime,
            limitTime: undefined,
            limitNear: recording.limitNear,
          },
        ]
      : [],
    ended: undefined,
    recordingNews: revision,
  };
}

// What a snapshot has shown may be told once more, so people are told apart by id.
function followNotice(room: LiveRoom, { id, fact }: Notice): LiveRoom {
  switch (fact.case) {
    case "participantJoined": {
      const { person, meetingId } = fact.value;
      return person
        ? { ...room, meeting: meetingId, people: [...without(room.people, person), person] }
        : room;
    }
    case "participantLeft": {
      const { person } = fact.value;
      return person ? { ...room, people: without(room.people, person) } : room;
    }
    case "meetingEnded":
      return room.meeting === fact.value.meetingId ? { ...room, meeting: "" } : room;
    case "roomUpdated":
      return { ...room, name: fact.value.name };
    case "recordingChanged":
      return { ...followRecording(room, fact.value), recordingNews: id };
    case "recordingAvailable":
      return { ...room, recordingNews: id };
    default:
      return room;
  }
}

function followRecording(room: LiveRoom, told: RecordingChanged): LiveRoom {
  const { recordingId, mode, status, error, startTime, limitTime, limitNear } = told;
  const now: RecordingNow = { id: recordingId, mode, status, error, startTime, limitTime, limitNear };
  const others = room.recordings.filter((recording) => recording.id !== recordingId);
  return isLive(status)
    ? { ...room, recordings: [...others, now], ended: undefined }
    : { ...room, recordings: others, ended: now };
}

function without(people: Person[], { participantId }: Person): Person[] {
  return people.filter((person) => person.participantId !== participantId);
}
