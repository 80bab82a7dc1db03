import { useIdentity } from "./api/identity";
import { eventsPath, recordingsPath } from "./route";
import { currentPath, signInAddress } from "./api/signIn";
import { Link } from "./router";
import { Icon } from "./ui/Icon";
import type { User } from "@anteroom/client/user";

/** Header leads home and says who is signed in. */
export function Header() {
  const { user, canSignIn, signOut } = useIdentity();
  return (
    <header className="header">
      <Link className="brand" href="/">
        <Icon name="door" />
        Anteroom
      </Link>
      {user && (
        <nav className="header-places" aria-label="Places">
          <Link className="button button-quiet" href={recordingsPath}>
            Recordings
          </Link>
          {user.operator && (
            <Link className="button button-quiet" href={eventsPath}>
              Events
            </Link>
          )}
        </nav>
      )}
      {user ? (
        <div className="who">
          <span className="who-name" title={user.email}>
            <span>{displayName(user)}</span>
            {user.operator && <span className="badge">Operator</span>}
          </span>
          <button type="button" className="button button-quiet" onClick={signOut}>
            Sign out
          </button>
        </div>
      ) : (
        <div className="who">
          <span className="who-name">
            <span>Guest</span>
          </span>
          {canSignIn && (
            // The address is read when the link is used: the page may have moved on.
            <a
              className="button button-quiet"
              href={signInAddress("/")}
              onClick={(event) => (event.currentTarget.href = signInAddress(currentPath()))}
            >
              Sign in
            </a>
          )}
        </div>
      )}
    </header>
  );
}

function displayName(user: User): string {
  return user.fullName || user.email || "Signed in";
}
