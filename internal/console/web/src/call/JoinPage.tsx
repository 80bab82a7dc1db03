import { ConsentDecision } from "@anteroom/client/recording";
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
import { decideAtTheDoor } from "./consent";
import { ConsentDialog } from "./ConsentDialog";
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
  /** What the person said to being recorded, where they were asked. */
  consent: ConsentDecision;
  /** Whether a first connection failed and this pass is the second try. */
  again: boolean;
}

const notAsked = ConsentDecision.UNSPECIFIED;

function Door({ room }: { room: Room }) {
  const [stay, setStay] = useState<Stay>();
  const [asked, setAsked] = useState<Stay>();
  const [ticket, setTicket] = useState<string>();
  const [ending, setEnding] = useState<string>();
  const { busy, problem, run } = useAction();
  const consenting = useAction();

  const join = useCallback(
    (choices: Choices, earlier: string | undefined, before?: Stay) => {
      setEnding(undefined);
      return run(async () => {
        const pass = await enter(room.id, choices.name, earlier);
        setTicket(pass.ticket);
        const next = { pass, choices, consent: before?.consent ?? notAsked, again: before !== undefined };
        if (pass.consentRequired && next.consent === notAsked) setAsked(next);
        else setStay(next);
      });
    },
    [run, room.id],
  );

  const decide = (waiting: Stay, consent: ConsentDecision) =>
    consenting.run(async () => {
      await decideAtTheDoor({ room: room.id, ticket: waiting.pass.ticket }, consent);
      setAsked(undefined);
      setStay({ ...waiting, consent });
    });

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
    if (stay && !stay.again && (await join(stay.choices, stay.pass.ticket, stay))) return;
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
        <PreJoin room={room} busy={busy} problem={problem} onJoin={(choices) => join(choices, ticket)} />
      )}
      {asked && (
        <ConsentDialog
          recorded={asked.pass.recording !== undefined}
          action={consenting}
          onDecide={(consent) => decide(asked, consent)}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  );
}
