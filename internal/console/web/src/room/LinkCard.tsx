import type { Room } from "@anteroom/client/room";
import { roomPath } from "../route";
import { CopyButton } from "../ui/CopyButton";

/** LinkCard shows the link that leads browsers into the room. */
export function LinkCard({ room }: { room: Room }) {
  const link = location.origin + roomPath(room.slug);
  return (
    <section className="card" aria-label="Link">
      <h2>By browser</h2>
      <div className="copy-row">
        <a className="copy-text" href={link}>
          {link}
        </a>
        <CopyButton text={link} label="Copy the link" />
      </div>
    </section>
  );
}
