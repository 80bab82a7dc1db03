import { Role, type Room } from "@anteroom/client/room";
import { useCallback, useState } from "react";
import { rooms } from "../api/client";
import { useIdentity } from "../api/identity";
import { useLive } from "../live/useLive";
import { joinPath } from "../route";
import { Link } from "../router";
import { useLoad } from "../useLoad";
import { useTitle } from "../useTitle";
import { accessLevelChoice, mayAdminister, peopleIn, roleName } from "../words";
import { Icon } from "../ui/Icon";
import { Hint, Problem, Waiting } from "../ui/Message";
import { Accesses } from "./Accesses";
import { DeleteRoom } from "./DeleteRoom";
import { DialInCard } from "./DialInCard";
import { LinkCard } from "./LinkCard";
import { Meetings } from "./Meetings";
import { PeopleNow } from "./PeopleNow";
import { RecordingSettings } from "./RecordingSettings";
import { Recordings } from "./Recordings";
import { RenameRoom } from "./RenameRoom";
import { Settings } from "./Settings";

/** RoomPage shows one room: how to get in and, to who may, how to change it. */
export function RoomPage({ named }: { named: string }) {
  const load = useCallback(() => rooms.getRoom({ room: named }).then((response) => response.room), [named]);
  const { value: room, problem, set } = useLoad(load);
  const { user } = useIdentity();
  const watches = user && room && (user.operator || room.myRole !== Role.UNSPECIFIED);
  const live = useLive(watches ? [room.id] : []).get(room?.id ?? "");
  const recorded = live ? live.recordings.length > 0 : room?.live?.recording !== undefined;
  useTitle(room?.name);
  if (problem) return <RoomProblem problem={problem} />;
  if (!room) return <Waiting>Loading the room…</Waiting>;

  return (
    <>
      <RoomTitle
        room={room}
        people={live?.people.length ?? room.live?.people ?? 0}
        recorded={recorded}
        onChange={set}
      />
      <div className="columns">
        <div className="column">
          {live && live.people.length > 0 && <PeopleNow people={live.people} />}
          <LinkCard room={room} />
          {room.dialIn && <DialInCard room={room} dialIn={room.dialIn} onChange={set} />}
          {user && <Recordings room={room} news={live?.recordingNews ?? ""} />}
          {user && <Meetings room={room} />}
        </div>
        {mayAdminister(room.myRole) && (
          <div className="column">
            <Settings room={room} onChange={set} />
            <RecordingSettings room={room} onChange={set} />
            <Accesses room={room} />
            {room.myRole === Role.OWNER && <DeleteRoom room={room} />}
          </div>
        )}
      </div>
    </>
  );
}

interface RoomTitleProps {
  room: Room;
  people: number;
  recorded: boolean;
  onChange: (room: Room) => void;
}

function RoomTitle({ room, people, recorded, onChange }: RoomTitleProps) {
  const [renaming, setRenaming] = useState(false);
  const level = accessLevelChoice(room.accessLevel);
  return (
    <section className="room-title">
      <Link className="back" href="/">
        <Icon name="back" />
        Rooms
      </Link>
      <div className="title-row">
        <h1>{room.name}</h1>
        {mayAdminister(room.myRole) && (
          <button type="button" className="button button-quiet" onClick={() => setRenaming(true)}>
            Rename
          </button>
        )}
      </div>
      <p className="facts">
        <span title={level?.hint}>{level?.label}</span>
        <span>You: {roleName(room.myRole)}</span>
        {people > 0 && (
          <span className="live">
            <Icon name="people" />
            {peopleIn(people)}
          </span>
        )}
        {recorded && (
          <span className="recorded">
            <Icon name="record" />
            Being recorded
          </span>
        )}
      </p>
      <JoinButton room={room} />
      {renaming && <RenameRoom room={room} onChange={onChange} onClose={() => setRenaming(false)} />}
    </section>
  );
}

function JoinButton({ room }: { room: Room }) {
  const { user } = useIdentity();
  if (room.myRole === Role.UNSPECIFIED) {
    return (
      <Hint>
        You may not enter this room. Ask one of its owners for access
        {user ? "." : ", or sign in if you have it already."}
      </Hint>
    );
  }
  return (
    <Link className="button button-primary button-large" href={joinPath(room.slug)}>
      <Icon name="video" />
      Join
    </Link>
  );
}

function RoomProblem({ problem }: { problem: string }) {
  useTitle("Room");
  return (
    <section className="empty">
      <h1>This room cannot be shown</h1>
      <Problem>{problem}</Problem>
      <Link className="button" href="/">
        All rooms
      </Link>
    </section>
  );
}
