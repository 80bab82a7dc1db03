import { ConnectionQuality } from "@anteroom/client/meeting";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { QualitySampleSchema } from "@anteroom/client/meeting";
import type { Measured } from "./measure";

/** Sample is one of a report. */
export type Sample = MessageInitShape<typeof QualitySampleSchema>;

const maxSamples = 30;
const maxSampleMs = 60_000;

/** QualityLog keeps how the connection was until it is reported. Times are milliseconds. */
export class QualityLog {
  private samples: Sample[] = [];
  private quality = ConnectionQuality.UNSPECIFIED;
  private since = 0;

  /** Says what the connection is like from now on. */
  turn(quality: ConnectionQuality, now: number): void {
    if (quality === this.quality) return;
    this.cut(now);
    this.quality = quality;
  }

  /** Ends the running sample, with what was measured, and begins another. */
  cut(now: number, { packetLoss, jitter, roundTrip }: Measured = {}): void {
    const lasted = now - this.since;
    this.since = now;
    if (this.quality === ConnectionQuality.UNSPECIFIED || lasted <= 0 || this.samples.length >= maxSamples)
      return;
    this.samples.push({
      quality: this.quality,
      duration: durationOf(lasted),
      ...(packetLoss !== undefined && { packetLoss: Math.min(packetLoss, 1) }),
      ...(jitter !== undefined && { jitter: durationOf(jitter * 1000) }),
      ...(roundTrip !== undefined && { roundTrip: durationOf(roundTrip * 1000) }),
    });
  }

  /** Gives what was not reported yet, and forgets it. */
  take(): Sample[] {
    return this.samples.splice(0);
  }
}

function durationOf(ms: number) {
  const bounded = Math.min(ms, maxSampleMs);
  return { seconds: BigInt(Math.floor(bounded / 1000)), nanos: Math.floor((bounded % 1000) * 1e6) };
}
