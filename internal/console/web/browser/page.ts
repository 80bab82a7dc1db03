// Runs inside a browser page, for tests: the generated client over each protocol
// that browsers can speak, and a bare LiveKit participant.
import { RoomService } from "@anteroom/client/room";
import { Code, ConnectError, createClient, type Client } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { Room } from "livekit-client";
import { reasonOf } from "../src/api/reasons";

/** Protocol is how a browser talks to the server. */
export type Protocol = "connect" | "connect-get" | "grpc-web";

function rooms(protocol: Protocol): Client<typeof RoomService> {
  const baseUrl = location.origin;
  const transport =
    protocol === "grpc-web"
      ? createGrpcWebTransport({ baseUrl })
      : createConnectTransport({ baseUrl, useHttpGet: protocol === "connect-get" });
  return createClient(RoomService, transport);
}

/** roundTrip makes a room, lists the person's rooms and tells what came back. */
async function roundTrip(protocol: Protocol, token: string) {
  const client = rooms(protocol);
  const headers = { Authorization: `Bearer ${token}` };
  const { room } = await client.createRoom({ name: `By ${protocol}` }, { headers });
  const list = await client.listRooms({}, { headers });
  const found = list.rooms.find(({ id }) => id === room?.id)?.id;
  return { id: room?.id, name: room?.name, slug: room?.slug, found };
}

/** refusal tries what a guest may not do. */
async function refusal(protocol: Protocol) {
  try {
    await rooms(protocol).createRoom({ name: "Nobody's" });
    return undefined;
  } catch (error) {
    return { code: Code[ConnectError.from(error).code].toLowerCase(), reason: reasonOf(error) };
  }
}

/** enter comes into a LiveKit room with a microphone, past the console. */
async function enter(url: string, token: string) {
  const room = new Room();
  await room.connect(url, token);
  await room.localParticipant.setMicrophoneEnabled(true);
}

const api = { roundTrip, refusal, enter };

/** Api is what the test calls in the page. */
export type Api = typeof api;

Object.assign(window, { api });
