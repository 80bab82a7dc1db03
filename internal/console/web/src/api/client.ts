import { RoomService } from "@anteroom/client/room";
import { SipService } from "@anteroom/client/sip";
import { UserService } from "@anteroom/client/user";
import { WebhookService } from "@anteroom/client/webhook";
import { createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { currentToken } from "./token";
import { checkRequest } from "./validate";

const authenticate: Interceptor = (next) => (request) => {
  const token = currentToken();
  if (token) request.header.set("Authorization", `Bearer ${token}`);
  return next(request);
};

const transport = createConnectTransport({
  baseUrl: location.origin,
  interceptors: [checkRequest, authenticate],
  defaultTimeoutMs: 20_000,
});

/** rooms calls the RoomService of the server that this page came from. */
export const rooms = createClient(RoomService, transport);
/** sip calls its SipService. */
export const sip = createClient(SipService, transport);
/** users calls its UserService. */
export const users = createClient(UserService, transport);
/** webhooks calls its WebhookService, of which the part for operators is for browsers. */
export const webhooks = createClient(WebhookService, transport);
