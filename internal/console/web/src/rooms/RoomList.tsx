import type { Room } from "@anteroom/client/room";
import { useCallback } from "react";
import { rooms as roomService } from "../api/client";
import type { LiveRoom } from "../live/follow";
import { useLive } from "../live/useLive";
import { roomPath } from "../route";
import { Link } from "../router";
import { useAction } from "../useAction";
import { useLoad } from "../useLoad";
import { accessLevelChoice, peopleIn, roleName } from "../words";
import { Icon } from "../ui/Icon";
import { Problem, Waiting } from "../ui/Message";

/** RoomList lists rooms page by page: the person's own, or all of them. */
export function RoomList({ all }: { all: boolean }) {
  const first = useLoad(useCallback(() => roomService.listRooms({ all }), [all]));
  const next = useAction();
  const live = useLive(first.value?.rooms.map(({ id }) => id) ?? []);
  if (first.problem) return <Problem>{first.problem}</Problem>;
  if (!first.value) return <Waiting>Loading rooms…</Waiting>;

  const { rooms, nextPageToken } = first.value;
  if (rooms.length === 0) return <NoRooms />;
  const more = () =>
    next.run(async () => {
      const page = await roomService.listRooms({ all, pageToken: nextPageToken });
      first.set({ ...page, rooms: [...rooms, ...page.rooms] });
    });
  return (
    <>
      <ul className="rooms" aria-label="Rooms">
        {rooms.map((room) => (
          <RoomCard key={room.id} room={room} live={live.get(room.id)} />
        ))}
      </ul>
      {next.problem && <Problem>{next.problem}</Problem>}
      {nextPageToken && (
        <button type="button" className="button" disabled={next.busy} onClick={more}>
          More rooms
        </button>
      )}
    </>
  );
}

function RoomCard({ room, live }: { room: Room; live: LiveRoom | undefined }) {
  const people = live?.people.length ?? room.live?.people ?? 0;
  return (
    <li>
      <Link className="card room-card" href={roomPath(room.slug || room.id)}>
        <span className="room-card-name">{live?.name ?? room.name}</span>
        <span className="room-card-facts">
          <span>{accessLevelChoice(room.accessLevel)?.label}</span>
          <span>{roleName(room.myRole)}</span>
        </span>
        {people > 0 && (
          <span className="live">
            <Icon name="people" />
            {peopleIn(people)}
          </span>
        )}
      </Link>
    </li>
  );
}

function NoRooms() {
  return (
    <div className="empty">
      <Icon name="door" />
      <h2>No rooms yet</h2>
      <p>Make one: it has a link for browsers and a PIN for telephones from the start.</p>
    </div>
  );
}
