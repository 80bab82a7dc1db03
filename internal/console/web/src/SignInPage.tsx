import { useIdentity } from "./api/identity";
import { problemOf, returnOf, signInAddress } from "./api/signIn";
import { Link } from "./router";
import { Hint, Problem } from "./ui/Message";
import { useTitle } from "./useTitle";

/** SignInPage leads to the identity provider, and says why it did not work before. */
export function SignInPage() {
  useTitle("Sign in");
  const { user, canSignIn } = useIdentity();
  const problem = problemOf(location.search);
  return (
    <div className="sign-in">
      <h1>Sign in</h1>
      {problem && <Problem>{problem}</Problem>}
      {user && <Hint>You are signed in as {user.fullName || user.email}.</Hint>}
      <section className="card">
        {canSignIn ? (
          <>
            <p>You sign in with your organisation&rsquo;s account, and come back here.</p>
            <a className="button button-primary" href={signInAddress(returnOf(location.search))}>
              {problem ? "Try again" : "Sign in"}
            </a>
          </>
        ) : (
          <p>Nobody can sign in here: this installation has no identity provider.</p>
        )}
        <Link className="button" href="/">
          {user ? "Your rooms" : "Go on as a guest"}
        </Link>
      </section>
    </div>
  );
}
