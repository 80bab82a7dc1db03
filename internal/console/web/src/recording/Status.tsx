import type { Recording } from "@anteroom/client/recording";
import { endedWell, isLive, statusName } from "./words";

/** Status says how far a recording is. */
export function Status({ recording }: { recording: Recording }) {
  const { status } = recording;
  const bad = isLive(status) || !endedWell(status);
  return <span className={bad ? "badge badge-danger" : "badge"}>{statusName(recording)}</span>;
}
