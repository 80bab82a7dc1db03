import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Worker has the health URL of somebody who works beside LiveKit. */
export interface Worker {
  url: string;
  /** Is well from now on, or not. */
  feel: (well: boolean) => void;
  /** Ends it. */
  stop: () => Promise<void>;
}

/** startWorker is well at first. */
export async function startWorker(): Promise<Worker> {
  let status = 200;
  const server = createServer((_, response) => response.writeHead(status).end());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    feel: (well) => {
      status = well ? 200 : 503;
    },
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
