import type { Room } from "@anteroom/client/room";
import type { DialIn as DialInMessage, DialInNumber } from "@anteroom/client/sip";
import { whyNoDialIn } from "../capabilities";
import { useCapabilities } from "../useCapabilities";
import { groupNumber, numberLabel } from "../words";
import { CopyButton } from "../ui/CopyButton";
import { Icon } from "../ui/Icon";
import { Hint } from "../ui/Message";

interface DialInProps {
  room: Room;
  dialIn: DialInMessage;
}

/** DialIn shows the numbers and the PIN of a room, to read aloud, copy or dial; or why nobody can. */
export function DialIn({ room, dialIn }: DialInProps) {
  const why = whyNoDialIn(useCapabilities(room));
  if (why) return <Hint>{why}</Hint>;
  return (
    <div className="dial-in">
      <Numbers numbers={dialIn.numbers} />
      <div className="copy-row">
        <span>
          <span className="label">PIN, followed by #</span>
          <output className="pin" aria-label="PIN">
            {dialIn.formattedPin || dialIn.pin}
          </output>
        </span>
        <CopyButton text={dialIn.pin} label="Copy the PIN" />
      </div>
      {dialIn.sipUri && (
        <div className="copy-row">
          <span className="copy-text">{dialIn.sipUri}</span>
          <CopyButton text={dialIn.sipUri} label="Copy the SIP address" />
        </div>
      )}
      {dialIn.telUri && (
        <a className="button" href={dialIn.telUri}>
          <Icon name="phone" />
          Call from this device
        </a>
      )}
    </div>
  );
}

function Numbers({ numbers }: { numbers: DialInNumber[] }) {
  if (numbers.length === 0)
    return <p className="field-hint">This installation has no telephone number yet.</p>;
  return (
    <ul className="numbers" aria-label="Telephone numbers">
      {numbers.map((number) => (
        <li key={number.number}>
          <a href={`tel:${number.number}`}>{groupNumber(number.number)}</a>
          <span className="field-hint">{numberLabel(number)}</span>
        </li>
      ))}
    </ul>
  );
}
