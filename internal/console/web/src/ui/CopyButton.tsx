import { useEffect, useState } from "react";
import { Icon } from "./Icon";

/** CopyButton puts a text into the clipboard and says so. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [outcome, setOutcome] = useState<"copied" | "failed">();

  useEffect(() => {
    if (!outcome) return;
    const timer = setTimeout(() => setOutcome(undefined), 2500);
    return () => clearTimeout(timer);
  }, [outcome]);

  // Without HTTPS there is no clipboard to write to.
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome("copied");
    } catch {
      setOutcome("failed");
    }
  };

  return (
    <button type="button" className="button button-quiet" aria-label={label} title={label} onClick={copy}>
      <Icon name={outcome === "copied" ? "check" : "copy"} />
      <span role="status">
        {outcome === "copied" ? "Copied" : outcome === "failed" ? "Not allowed" : "Copy"}
      </span>
    </button>
  );
}
