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
import { rooms, users } from "./client";
import { explain, reasonOf } from "./reasons";
import { onEnd, signOut as endSignIn } from "./signIn";
import { clearAddress, currentToken, forgetToken, keepToken, tokenInAddress } from "./token";

/** Identity is who this tab is: a signed-in user, or a guest. */
export interface Identity {
  /** Absent for a guest. */
  user: User | undefined;
  /** Whether people can sign in here with the installation's identity provider. */
  canSignIn: boolean;
  /** Whether somebody was signed in until just now, and is no more. */
  ended: boolean;
  /** Why signing in did not work, in words. */
  problem: string | undefined;
  signOut: () => void;
}

const IdentityContext = createContext<Identity>({
  user: undefined,
  canSignIn: false,
  ended: false,
  problem: undefined,
  signOut: forgetToken,
});

/** useIdentity tells who this tab is. */
export function useIdentity(): Identity {
  return useContext(IdentityContext);
}

interface Known {
  user?: User | undefined;
  canSignIn: boolean;
  ended?: boolean;
  problem?: string;
}

/**
 * IdentityProvider asks the server who this tab is before it shows the page,
 * and shows it anew when that changes. A sign-in that ends meanwhile is told,
 * and what is on the page stays: somebody may be in the middle of a call.
 */
export function IdentityProvider({ children }: { children: ReactNode }) {
  const [known, setKnown] = useState<Known>();

  useEffect(() => {
    void whoAmI().then(setKnown);
  }, []);

  const signedIn = known?.user !== undefined;
  useEffect(() => {
    if (!signedIn) return;
    return onEnd(() => setKnown((before) => before && { ...before, ended: true }));
  }, [signedIn]);

  const canSignIn = known?.canSignIn ?? false;
  const signOut = useCallback(() => {
    const withToken = currentToken() !== undefined;
    forgetToken();
    if (withToken || !canSignIn) {
      setKnown({ canSignIn });
      return;
    }
    endSignIn().then(
      (url) => location.assign(url || "/"),
      (error: unknown) => setKnown((before) => before && { ...before, problem: explain(error) }),
    );
  }, [canSignIn]);

  const identity = useMemo<Identity>(
    () => ({
      user: known?.user,
      canSignIn,
      ended: known?.ended ?? false,
      problem: known?.problem,
      signOut,
    }),
    [known, canSignIn, signOut],
  );
  return (
    <IdentityContext value={identity}>
      {known && <Fragment key={known.user?.id ?? "guest"}>{children}</Fragment>}
    </IdentityContext>
  );
}

async function whoAmI(): Promise<Known> {
  if (tokenInAddress()) forgetToken(); // the one before
  const told = await canSignInHere();
  if (told !== undefined) signInFromAddress(!told);
  const canSignIn = told ?? false;
  if (currentToken() === undefined && !canSignIn) return { canSignIn };
  try {
    return { user: (await users.getSelf({})).user, canSignIn };
  } catch (error) {
    return { canSignIn, ...(await nobody(error)) };
  }
}

// Whoever has neither token nor cookie is a guest, and nothing is wrong. What
// signs nobody in any more is thrown away, so that they can go on as a guest.
async function nobody(error: unknown): Promise<Partial<Known>> {
  switch (reasonOf(error)) {
    case "sign_in_required":
      return {};
    case "sign_in_ended":
      await endSignIn().catch(() => undefined);
      return { ended: true };
    case "unauthenticated":
      forgetToken();
  }
  return { problem: explain(error) };
}

// Where people sign in, a link must not make somebody act as another: it is for
// installations without a sign-in, as that of `anteroom dev`.
function signInFromAddress(allowed: boolean): void {
  const token = clearAddress();
  if (token && allowed) keepToken(token);
}

// A cookie that has ended is refused here too; then there is a way to sign in.
// Undefined is that the server does not say.
async function canSignInHere(): Promise<boolean | undefined> {
  try {
    return (await rooms.getClientConfig({})).clientConfig?.signIn ?? false;
  } catch (error) {
    return reasonOf(error) === "sign_in_ended" ? true : undefined;
  }
}
