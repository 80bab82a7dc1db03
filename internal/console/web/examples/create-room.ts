import { AccessLevel, RoomService } from "@anteroom/client/room";
import { createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";

/** Creates a public room and gives the link that people open to enter it. */
export async function createRoom(url: string, token: string): Promise<string> {
  const signIn: Interceptor = (next) => (request) => {
    request.header.set("Authorization", `Bearer ${token}`);
    return next(request);
  };
  const transport = createConnectTransport({ baseUrl: url, httpVersion: "1.1", interceptors: [signIn] });
  const rooms = createClient(RoomService, transport);

  const { room } = await rooms.createRoom({ name: "Weekly round", accessLevel: AccessLevel.PUBLIC });
  console.log(`PIN for telephones: ${room?.dialIn?.formattedPin ?? "none"}`);
  return `${url}/r/${room?.slug ?? ""}`;
}
