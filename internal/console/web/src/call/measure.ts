/** Measured is what a connection was like; what is absent was not measured. Times are seconds. */
export interface Measured {
  packetLoss?: number;
  jitter?: number;
  roundTrip?: number;
}

/** Counts are packets since the connection began. */
export interface Counts {
  lost: number;
  received: number;
}

/** The fields of WebRTC statistics (W3C webrtc-stats) that are read here. */
export interface Stats {
  type: string;
  packetsLost?: number;
  packetsReceived?: number;
  fractionLost?: number;
  jitter?: number;
  roundTripTime?: number;
  currentRoundTripTime?: number;
}

/**
 * measure reads statistics of all tracks, both ways, and takes the worst of
 * each. Packets that arrived are counted from the last time on, those that were
 * sent as the other side says.
 */
export function measure(stats: Stats[], before: Counts): { measured: Measured; counts: Counts } {
  const incoming = stats.filter(({ type }) => type === "inbound-rtp");
  const outgoing = stats.filter(({ type }) => type === "remote-inbound-rtp");
  const counts = {
    lost: sum(incoming.map(({ packetsLost }) => packetsLost)),
    received: sum(incoming.map(({ packetsReceived }) => packetsReceived)),
  };
  const measured = {
    ...known("packetLoss", [lossSince(before, counts), ...outgoing.map(({ fractionLost }) => fractionLost)]),
    ...known(
      "jitter",
      [...incoming, ...outgoing].map(({ jitter }) => jitter),
    ),
    ...known(
      "roundTrip",
      stats.map((one) => one.currentRoundTripTime ?? one.roundTripTime),
    ),
  };
  return { measured, counts };
}

// A track that ended takes its packets along: then nothing can be said this time.
function lossSince(before: Counts, now: Counts): number | undefined {
  const lost = now.lost - before.lost;
  const received = now.received - before.received;
  return lost >= 0 && received > 0 ? lost / (lost + received) : undefined;
}

function known(name: keyof Measured, values: (number | undefined)[]): Measured {
  const found = values.filter((value) => value !== undefined && Number.isFinite(value) && value >= 0);
  return found.length > 0 ? { [name]: Math.max(...(found as number[])) } : {};
}

function sum(values: (number | undefined)[]): number {
  return values.reduce<number>((total, value) => total + (value ?? 0), 0);
}
