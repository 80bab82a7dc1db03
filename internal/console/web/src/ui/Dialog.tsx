import { useLayoutEffect, useRef, type ReactNode } from "react";

interface DialogProps {
  title: string;
  children: ReactNode;
  /** Called when the person closes it, with the Escape key too. */
  onClose: () => void;
}

/** Dialog asks for something above the page; the browser keeps the focus inside. */
export function Dialog({ title, children, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);

  // Closed before it leaves the page, it gives the focus back to where it was.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  return (
    <dialog ref={dialog} className="dialog" aria-label={title} onCancel={onClose}>
      <h2>{title}</h2>
      {children}
    </dialog>
  );
}
