import { createHmac } from "node:crypto";
import type { Program } from "./program";

/**
 * callerToken signs a LiveKit token with which a browser comes into a room just
 * as LiveKit's telephone gateway brings a caller.
 */
export function callerToken(program: Program, room: string, number: string): string {
  const claims = {
    iss: program.livekit.key,
    sub: `sip_${number}`,
    name: `Phone ${number}`,
    kind: "sip",
    exp: Math.floor(Date.now() / 1000) + 600,
    video: { roomJoin: true, room, canPublish: true, canSubscribe: true, canPublishData: false },
  };
  const signed = [{ alg: "HS256", typ: "JWT" }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  const signature = createHmac("sha256", program.livekit.secret).update(signed).digest("base64url");
  return `${signed}.${signature}`;
}
