import { useRoomContext } from "@livekit/components-react";
import { useEffect } from "react";
import { reportQuality } from "./reportQuality";

/** QualityReports tells the server how well this browser is connected; it shows nothing. */
export function QualityReports({ ticket }: { ticket: string }) {
  const room = useRoomContext();
  useEffect(() => reportQuality(room, ticket), [room, ticket]);
  return null;
}
