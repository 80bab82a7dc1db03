import type { User } from "@anteroom/client/user";
import {
  createContext,
  Fragment,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  type ReactNode,
} from "react";
import { users } from "./client";
import { explain, reasonOf } from "./reasons";
import { currentToken, forgetToken } from "./token";

/** Identity is who this tab is: a signed-in user, or a guest. */
export interface Identity {
  /** Absent for a guest. */
  user: User | undefined;
  /** Why signing in did not work, in words. */
  problem: string | undefined;
  signOut: () => void;
}

const IdentityContext = createContext<Identity>({
  user: undefined,
  problem: undefined,
  signOut: forgetToken,
});

/** useIdentity tells who this tab is. */
export function useIdentity(): Identity {
  return useContext(IdentityContext);
}

/**
 * IdentityProvider asks the server who this tab is before it shows the page,
 * and shows it anew when that changes.
 */
export function IdentityProvider({ children }: { children: ReactNode }) {
  const [known, setKnown] = useState(() => currentToken() === undefined);
  const [user, setUser] = useState<User>();
  const [problem, setProblem] = useState<string>();

  const signOut = useCallback(() => {
    forgetToken();
    setUser(undefined);
    setProblem(undefined);
  }, []);

  useEffect(() => {
    if (currentToken() === undefined) return;
    users
      .getSelf({})
      .then((response) => setUser(response.user))
      .catch((error: unknown) => {
        if (reasonOf(error) === "unauthenticated") forgetToken();
        setProblem(explain(error));
      })
      .finally(() => setKnown(true));
  }, []);

  const identity = useMemo(() => ({ user, problem, signOut }), [user, problem, signOut]);
  return (
    <IdentityContext value={identity}>
      {known && <Fragment key={user?.id ?? "guest"}>{children}</Fragment>}
    </IdentityContext>
  );
}
