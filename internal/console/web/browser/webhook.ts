import { createHash, createHmac, randomUUID } from "node:crypto";
import type { Program } from "./program";

/** tell posts an event as LiveKit does, signed with its key. */
export async function tell(program: Program, event: Record<string, unknown>): Promise<void> {
  const body = JSON.stringify({ id: `EV_${randomUUID()}`, ...event });
  const claims = {
    iss: program.livekit.key,
    exp: Math.floor(Date.now() / 1000) + 300,
    sha256: createHash("sha256").update(body).digest("base64"),
  };
  const signed = [{ alg: "HS256", typ: "JWT" }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  const signature = createHmac("sha256", program.livekit.secret).update(signed).digest("base64url");
  const response = await fetch(`${program.url}/anteroom.v1.WebhookService/ReceiveLiveKit`, {
    method: "POST",
    headers: { "Content-Type": "application/webhook+json", Authorization: `${signed}.${signature}` },
    body,
  });
  if (!response.ok) throw new Error(`the webhook was answered ${response.status}: ${await response.text()}`);
}
