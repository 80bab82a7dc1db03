import { useState, type SubmitEvent } from "react";
import { useIdentity } from "../api/identity";
import { signInAddress } from "../api/signIn";
import { parseRoute, roomPath } from "../route";
import { navigate } from "../router";
import { TextField } from "../ui/Field";
import { Problem } from "../ui/Message";

/** SignIn tells how to sign in, and lets guests go to a room that they know. */
export function SignIn() {
  const { problem, canSignIn } = useIdentity();
  return (
    <div className="sign-in">
      <h1>Welcome to Anteroom</h1>
      {problem && <Problem>{problem}</Problem>}
      <section className="card">
        <h2>Sign in</h2>
        {canSignIn ? (
          <>
            <p>With your organisation&rsquo;s account you make rooms and see your meetings and recordings.</p>
            <a className="button button-primary" href={signInAddress("/")}>
              Sign in
            </a>
          </>
        ) : (
          <p>
            Run <code>anteroom dev</code> and open the address that it prints: it signs this tab in. Each tab
            is signed in on its own, so two tabs can be two people.
          </p>
        )}
      </section>
      <section className="card">
        <h2>Have a link to a room?</h2>
        <OpenRoom />
      </section>
    </div>
  );
}

function OpenRoom() {
  const [link, setLink] = useState("");
  const open = (event: SubmitEvent) => {
    event.preventDefault();
    const room = roomOf(link);
    if (room) navigate(roomPath(room));
  };
  return (
    <form className="form" onSubmit={open}>
      <TextField
        label="Link or name of the room"
        hint="You enter as a guest, if the room is open to guests."
        value={link}
        onChange={(event) => setLink(event.target.value)}
        required
        maxLength={2000}
        autoComplete="off"
      />
      <button className="button">Open the room</button>
    </form>
  );
}

// A whole link, its path, or the slug alone.
function roomOf(link: string): string {
  const text = link.trim();
  const path = URL.canParse(text) ? new URL(text).pathname : text;
  const route = parseRoute(path);
  return "room" in route ? route.room : text;
}
