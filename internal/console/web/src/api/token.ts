const key = "anteroom.token";

/**
 * takeToken finds the token in an address such as http://host/#token=abc and
 * gives the address without it; without a token the address stays as it is.
 */
export function takeToken(address: string): { token: string | undefined; address: string } {
  const url = new URL(address);
  const fragment = new URLSearchParams(url.hash.slice(1));
  const token = fragment.get("token")?.trim();
  if (!token) return { token: undefined, address };
  fragment.delete("token");
  url.hash = fragment.toString();
  return { token, address: url.href };
}

/**
 * signInFromAddress keeps the address's token for this tab, so that two tabs
 * can be two people, and takes it out of the address and the history. It tells
 * whether there was one.
 */
export function signInFromAddress(): boolean {
  const { token, address } = takeToken(location.href);
  if (!token) return false;
  sessionStorage.setItem(key, token);
  history.replaceState(null, "", address);
  return true;
}

/** currentToken is this tab's token, if it has one. */
export function currentToken(): string | undefined {
  return sessionStorage.getItem(key) ?? undefined;
}

/** forgetToken signs this tab out. */
export function forgetToken(): void {
  sessionStorage.removeItem(key);
}
