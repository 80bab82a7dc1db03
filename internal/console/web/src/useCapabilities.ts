import type { Capabilities, Room } from "@anteroom/client/room";
import { useEffect, useState } from "react";
import { rooms } from "./api/client";

// As often as the server asks those who work beside LiveKit.
const every = 5_000;

/** useCapabilities is what the room's provider can do now, kept up to date while it is shown. */
export function useCapabilities(room: Room): Capabilities | undefined {
  const [can, setCan] = useState(room.capabilities);
  const { provider } = room;
  useEffect(() => {
    let current = true;
    // Where this fails, what was known stays.
    const look = () =>
      rooms
        .getClientConfig({})
        .then(({ clientConfig }) => {
          const found = clientConfig?.providers.find((one) => one.provider === provider);
          if (current && found) setCan(found.capabilities);
        })
        .catch(() => undefined);
    void look();
    const timer = setInterval(() => void look(), every);
    return () => {
      current = false;
      clearInterval(timer);
    };
  }, [provider]);
  return can;
}
