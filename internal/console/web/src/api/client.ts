import { MeetingService } from "@anteroom/client/meeting";
import { RecordingService } from "@anteroom/client/recording";
import { RoomService } from "@anteroom/client/room";
import { SipService } from "@anteroom/client/sip";
import { UserService } from "@anteroom/client/user";
import { WebhookService } from "@anteroom/client/webhook";
import { createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { tellEnd } from "./signIn";
import { currentToken } from "./token";
import { checkRequest } from "./validate";

const authenticate: Interceptor = (next) => (request) => {
  const token = currentToken();
  if (token) request.header.set("Authorization", `Bearer ${token}`);
  return next(request);
};

const options = {
  baseUrl: location.origin,
  interceptors: [tellEnd, checkRequest, authenticate],
  defaultTimeoutMs: 20_000,
};

const transport = createConnectTransport(options);

/** rooms calls the RoomService of the server that this page came from. */
export const rooms = createClient(RoomService, transport);
/** meetings calls its MeetingService. */
export const meetings = createClient(MeetingService, transport);
/** parting calls its MeetingService as well, and its calls outlive the page. */
export const parting = createClient(
  MeetingService,
  createConnectTransport({
    ...options,
    fetch: (input, init) => fetch(input, { ...init, keepalive: true }),
  }),
);
/** recordings calls its RecordingService. */
export const recordings = createClient(RecordingService, transport);
/** sip calls its SipService. */
export const sip = createClient(SipService, transport);
/** users calls its UserService. */
export const users = createClient(UserService, transport);
/** webhooks calls its WebhookService, of which the part for operators is for browsers. */
export const webhooks = createClient(WebhookService, transport);
