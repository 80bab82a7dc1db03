import type { ReactNode } from "react";

/** Problem says, at once also to screen readers, what did not work. */
export function Problem({ children }: { children: ReactNode }) {
  return (
    <div className="message message-problem" role="alert">
      {children}
    </div>
  );
}

/** Hint tells something worth knowing. */
export function Hint({ children }: { children: ReactNode }) {
  return <div className="message">{children}</div>;
}

/** Waiting says that something is on its way. */
export function Waiting({ children }: { children: ReactNode }) {
  return (
    <p className="waiting" role="status">
      {children}
    </p>
  );
}
