import { ErrorInfoSchema } from "@anteroom/client/google/rpc/error_details";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";

/** signInPath is the console's page to sign in at. */
export const signInPath = "/sign-in";

/** signInAddress is where the server begins a sign-in that ends at a path of ours. */
export function signInAddress(returnTo: string): string {
  return `/auth/sign-in?${new URLSearchParams({ return: returnTo }).toString()}`;
}

/** currentPath is where the person is, to come back to. */
export function currentPath(): string {
  return location.pathname === signInPath ? "/" : location.pathname + location.search;
}

/**
 * problemOf puts in words why a sign-in failed: what the server added to the
 * address of the page.
 */
export function problemOf(search: string): string | undefined {
  const code = new URLSearchParams(search).get("problem");
  return code === null ? undefined : Object.hasOwn(problems, code) ? problems[code] : problems.refused;
}

/** returnOf is where to go after a sign-in that failed before; only the server decides in the end. */
export function returnOf(search: string): string {
  return new URLSearchParams(search).get("return") ?? "/";
}

const problems: Record<string, string | undefined> = {
  denied: "The identity provider did not let you in. Ask an operator whether you have an account here.",
  late: "The sign-in took too long, or began in another browser. Sign in once more.",
  unavailable: "The identity provider cannot be reached. Try again in a moment.",
  refused: "The identity provider refused the sign-in. Try again, or ask an operator to look at the log.",
};

const ended = "anteroom:signed-out";
const endings = ["sign_in_ended", "sign_in_required", "unauthenticated"];

/** tellEnd tells the page when the server no longer knows who this is. */
export const tellEnd: Interceptor = (next) => async (request) => {
  try {
    return await next(request);
  } catch (error) {
    if (isEnd(error)) dispatchEvent(new Event(ended));
    throw error;
  }
};

/** isEnd is whether an error says that nobody is signed in. */
export function isEnd(error: unknown): boolean {
  const told = ConnectError.from(error);
  const reason = told.findDetails(ErrorInfoSchema).find((info) => info.reason)?.reason;
  return told.code === Code.Unauthenticated && reason !== undefined && endings.includes(reason);
}

/** onEnd calls back when the server no longer knows who this is. */
export function onEnd(heard: () => void): () => void {
  addEventListener(ended, heard);
  return () => removeEventListener(ended, heard);
}

/**
 * signOut ends the sign-in of this browser, and gives the provider's page to go
 * to so that it is ended there too.
 */
export async function signOut(): Promise<string> {
  const response = await fetch("/auth/sign-out", { method: "POST" });
  if (!response.ok) throw new Error(`signing out: ${response.status}`);
  const { url } = (await response.json()) as { url: string };
  return url;
}
