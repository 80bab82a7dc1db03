import { createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { RoomService } from "@anteroom/client/room";
import { UserService } from "@anteroom/client/user";
import { accessToken } from "./signin";

/** Each call carries the token of who is signed in, if anybody is. */
const bearer: Interceptor = (next) => async (request) => {
  const token = await accessToken();
  if (token) request.header.set("Authorization", `Bearer ${token}`);
  return next(request);
};

const transport = createConnectTransport({
  baseUrl: import.meta.env.VITE_ANTEROOM_URL,
  interceptors: [bearer],
});

export const rooms = createClient(RoomService, transport);
export const users = createClient(UserService, transport);
