import { useMemo, useSyncExternalStore, type AnchorHTMLAttributes, type MouseEvent } from "react";
import { parseRoute, type Route } from "./route";

const moved = "anteroom:moved";

/** navigate shows another page of the console. */
export function navigate(path: string): void {
  history.pushState(null, "", path);
  dispatchEvent(new Event(moved));
  scrollTo(0, 0);
}

/** useRoute is the page that the address names now. */
export function useRoute(): Route {
  const path = useSyncExternalStore(subscribe, () => location.pathname);
  return useMemo(() => parseRoute(path), [path]);
}

type LinkProps = AnchorHTMLAttributes<HTMLAnchorElement> & { href: string };

/** Link goes to a page of the console without loading it anew. */
export function Link(props: LinkProps) {
  function follow(event: MouseEvent) {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(props.href);
  }
  return <a {...props} onClick={follow} />;
}

function subscribe(changed: () => void): () => void {
  addEventListener("popstate", changed);
  addEventListener(moved, changed);
  return () => {
    removeEventListener("popstate", changed);
    removeEventListener(moved, changed);
  };
}
