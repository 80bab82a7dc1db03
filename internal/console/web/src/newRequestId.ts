/**
 * newRequestId names a request, so that one which is sent twice has its effect
 * once. Browsers make UUIDs over HTTPS and on this machine only; without one a
 * lost answer may leave a second thing.
 */
export function newRequestId(): string {
  return isSecureContext ? crypto.randomUUID() : "";
}
