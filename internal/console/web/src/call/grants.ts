/** Source is something that a person may publish. */
export type Source = "camera" | "microphone" | "screen_share";

const sources: Source[] = ["camera", "microphone", "screen_share"];

interface VideoGrant {
  canPublish?: boolean;
  canPublishSources?: string[];
}

/**
 * publishable tells what a LiveKit token lets its bearer publish. The token is
 * only read, not verified: LiveKit decides, this spares asking for a camera
 * that nobody may see. An absent list means every source.
 */
export function publishable(token: string): Set<Source> {
  const grant = videoGrant(token);
  if (!grant?.canPublish) return new Set();
  const named = grant.canPublishSources ?? [];
  return new Set(named.length === 0 ? sources : sources.filter((source) => named.includes(source)));
}

function videoGrant(token: string): VideoGrant | undefined {
  const payload = token.split(".")[1];
  if (!payload) return undefined;
  try {
    const claims = JSON.parse(decodeBase64Url(payload)) as { video?: VideoGrant };
    return claims.video;
  } catch {
    return undefined;
  }
}

function decodeBase64Url(text: string): string {
  const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}
