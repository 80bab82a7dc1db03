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

/** tokenInAddress tells whether the address has a token. */
export function tokenInAddress(): boolean {
  return takeToken(location.href).token !== undefined;
}

/**
 * clearAddress takes a token out of the address and the history, and gives it:
 * whoever made the link chose it, so it is for the server to say whether a link
 * may sign somebody in.
 */
export function clearAddress(): string | undefined {
  const { token, address } = takeToken(location.href);
  if (token) history.replaceState(null, "", address);
  return token;
}

/** keepToken keeps a token for this tab, so that two tabs can be two people. */
export function keepToken(token: string): void {
  sessionStorage.setItem(key, token);
}

/** currentToken is this tab's token, if it has one. */
export function currentToken(): string | undefined {
  return sessionStorage.getItem(key) ?? undefined;
}

/** forgetToken signs this tab out. */
export function forgetToken(): void {
  sessionStorage.removeItem(key);
}
