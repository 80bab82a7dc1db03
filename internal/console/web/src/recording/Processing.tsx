import { ProcessingStatus, type Recording } from "@anteroom/client/recording";
import { momentText, processingName } from "./words";

/** Processing shows what summarisers, transcribers and their like have said of a recording. */
export function Processing({ recording: { processing } }: { recording: Recording }) {
  if (processing.length === 0) return null;
  return (
    <section className="card" aria-label="Results">
      <h2>Results</h2>
      <ul className="recording-files" aria-label="What was made of it">
        {processing.map(({ processor, status, url, time }) => (
          <li key={processor}>
            <span className="recording-file-name">
              <span>{processor}</span>
              <span className="field-hint">{momentText(time)}</span>
            </span>
            <span className={status === ProcessingStatus.FAILED ? "badge badge-danger" : "badge"}>
              {processingName(status)}
            </span>
            {isWebLink(url) && (
              <a
                className="button"
                href={url}
                target="_blank"
                rel="noreferrer"
                aria-label={`Open the result of ${processor}`}
              >
                Open
              </a>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

// The server takes nothing else; a page does not rely on it.
function isWebLink(url: string): boolean {
  return /^https?:\/\//i.test(url);
}
