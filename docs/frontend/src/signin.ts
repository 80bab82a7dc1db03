import { UserManager, WebStorageStateStore } from "oidc-client-ts";

// A client of this page's own at the provider: public, with PKCE. The audience of
// its tokens must be one that Anteroom accepts (oidc-audience).
const manager = new UserManager({
  authority: import.meta.env.VITE_OIDC_ISSUER,
  client_id: import.meta.env.VITE_OIDC_CLIENT_ID,
  redirect_uri: `${location.origin}/`,
  post_logout_redirect_uri: `${location.origin}/`,
  scope: "openid profile email",
  userStore: new WebStorageStateStore({ store: sessionStorage }),
  automaticSilentRenew: true,
});

/** Ends a sign-in that the provider has sent back to this page. */
export async function finishSignIn(): Promise<void> {
  const query = new URLSearchParams(location.search);
  if (!query.has("state") || !(query.has("code") || query.has("error"))) return;
  try {
    await manager.signinCallback();
  } finally {
    history.replaceState(null, "", location.pathname);
  }
}

/** The token for Anteroom; undefined while nobody is signed in. */
export async function accessToken(): Promise<string | undefined> {
  const user = await manager.getUser();
  return user && !user.expired ? user.access_token : undefined;
}

/** What the provider calls who is signed in; not every provider's tokens for Anteroom say it. */
export async function ownName(): Promise<string | undefined> {
  return (await manager.getUser())?.profile.name;
}

export const signIn = () => manager.signinRedirect();
export const signOut = () => manager.signoutRedirect();
