import { Role, type Pass, type Room } from "@anteroom/client/room";
import { useCallback, useState } from "react";
import { rooms } from "../api/client";
import { roomPath } from "../route";
import { Link, navigate } from "../router";
import { useAction } from "../useAction";
import { useLoad } from "../useLoad";
import { useTitle } from "../useTitle";
import { Icon } from "../ui/Icon";
import { Hint, Problem, Waiting } from "../ui/Message";
import { Call } from "./Call";
import { enter } from "./enter";
import { PreJoin, type Choices } from "./PreJoin";

/** JoinPage is the door of a room and, once through it, the call. */
export function JoinPage({ named }: { named: string }) {
  const load = useCallback(() => rooms.getRoom({ room: named }).then((response) => response.room), [named]);
  const { value: room, problem } = useLoad(load);
  useTitle(room && `Join ${room.name}`);
  if (room) return <Door room={room} />;
  return problem ? <Problem>{problem}</Problem> : <Waiting>Going to the door…</Waiting>;
}

/** Stay is one person's time in the call. */
interface Stay {
  pass: Pass;
  choices: Choices;
  /** Whether a first connection failed and this pass is the second try. */
  again: boolean;
}

function Door({ room }: { room: Room }) {
  const [stay, setStay] = useState<Stay>();
  const [ticket, setTicket] = useState<string>();
  const [ending, setEnding] = useState<string>();
  const { busy, problem, run } = useAction();

  const join = useCallback(
    (choices: Choices, again: boolean, earlier: string | undefined) => {
      setEnding(undefined);
      return run(async () => {
        const pass = await enter(room.id, choices.name, earlier);
        setTicket(pass.ticket);
        setStay({ pass, choices, again });
      });
    },
    [run, room.id],
  );

  const end = useCallback(
    (words: string | undefined) => {
      if (words === undefined) {
        navigate(roomPath(room.slug));
        return;
      }
      setStay(undefined);
      setEnding(words);
    },
    [room.slug],
  );

  const refused = useCallback(async () => {
    if (stay && !stay.again && (await join(stay.choices, true, stay.pass.ticket))) return;
    setStay(undefined);
    if (stay?.again)
      setEnding("The video server does not let this browser in. Check your network and try again.");
  }, [stay, join]);

  if (stay) return <Call key={stay.pass.token} room={room} {...stay} onEnd={end} onRefused={refused} />;
  return (
    <>
      <Link className="back" href={roomPath(room.slug)}>
        <Icon name="back" />
        Room page
      </Link>
      <h1>{room.name}</h1>
      {ending && <Hint>{ending}</Hint>}
      {room.myRole === Role.UNSPECIFIED ? (
        <Problem>You may not enter this room. Ask one of its owners for access.</Problem>
      ) : (
        <PreJoin
          room={room}
          busy={busy}
          problem={problem}
          onJoin={(choices) => join(choices, false, ticket)}
        />
      )}
    </>
  );
}
