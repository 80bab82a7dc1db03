import { useIdentity } from "./api/identity";
import { currentPath, signInAddress } from "./api/signIn";

/** SignInEnded tells somebody that they are signed out, and leads back to where they are. */
export function SignInEnded() {
  const { ended, canSignIn } = useIdentity();
  if (!ended) return null;
  return (
    <div className="message message-problem sign-in-ended" role="alert">
      <span>Your sign-in has ended.</span>
      {canSignIn && (
        // The address is read when the link is used: the page may have moved on.
        <a
          className="button"
          href={signInAddress("/")}
          onClick={(event) => (event.currentTarget.href = signInAddress(currentPath()))}
        >
          Sign in again
        </a>
      )}
    </div>
  );
}
