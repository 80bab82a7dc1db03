import { type Person, PersonKind } from "@anteroom/client/notice";
import { Icon } from "../ui/Icon";

/** PeopleNow lists who is in the room at this moment. */
export function PeopleNow({ people }: { people: Person[] }) {
  return (
    <section className="card" aria-label="In the room now">
      <h2>In the room now</h2>
      <ul className="people-now" aria-label="People in the room">
        {people.map((person) => (
          <li key={person.participantId}>
            <span>{person.displayName || "Somebody"}</span>
            {person.kind === PersonKind.PHONE && (
              <span className="live">
                <Icon name="phone" />
                By telephone
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
