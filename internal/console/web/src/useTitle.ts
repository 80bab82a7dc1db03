import { useEffect } from "react";

/** useTitle names the browser's tab. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title ? `${title} · Anteroom` : "Anteroom";
  }, [title]);
}
