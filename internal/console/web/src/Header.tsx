import { useIdentity } from "./api/identity";
import { eventsPath, recordingsPath } from "./route";
import { Link } from "./router";
import { Icon } from "./ui/Icon";
import type { User } from "@anteroom/client/user";

/** Header leads home and says who is signed in. */
export function Header() {
  const { user, signOut } = useIdentity();
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
        <span className="who-name">
          <span>Guest</span>
        </span>
      )}
    </header>
  );
}

function displayName(user: User): string {
  return user.fullName || user.email || "Signed in";
}
