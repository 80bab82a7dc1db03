import { useParticipants } from "@livekit/components-react";
import type { Participant } from "livekit-client";
import { Icon, type IconName } from "../ui/Icon";
import { isCaller, shownName } from "./participant";

/** People lists who is in the call now. */
export function People() {
  const participants = useParticipants();
  return (
    <ul className="people" aria-label="People in the call">
      {participants.map((participant) => (
        <Person key={participant.identity} participant={participant} />
      ))}
    </ul>
  );
}

function Person({ participant }: { participant: Participant }) {
  const audible = participant.isMicrophoneEnabled;
  return (
    <li>
      {isCaller(participant) && <Sign icon="phone" words="By telephone" />}
      <span className="person-name">{shownName(participant)}</span>
      {participant.isLocal && <span className="badge">You</span>}
      <Sign
        icon={audible ? "microphone" : "microphoneOff"}
        words={audible ? "Microphone on" : "Microphone off"}
      />
    </li>
  );
}

function Sign({ icon, words }: { icon: IconName; words: string }) {
  return (
    <span className="sign" title={words}>
      <Icon name={icon} />
      <span className="visually-hidden">{words}</span>
    </span>
  );
}
