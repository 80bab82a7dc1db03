import { ConnectionQuality } from "@anteroom/client/meeting";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import { QualityLog } from "./qualityLog";

it("begins a sample when the quality turns or one is cut", () => {
  const log = new QualityLog();
  log.cut(1000);
  log.turn(ConnectionQuality.EXCELLENT, 2000);
  log.turn(ConnectionQuality.EXCELLENT, 3000);
  log.turn(ConnectionQuality.POOR, 7000);
  log.cut(17_000, { packetLoss: 0.1, jitter: 0.002, roundTrip: 0.04 });
  log.turn(ConnectionQuality.UNSPECIFIED, 18_000);
  log.cut(30_000);
  expect(log.take()).toEqual([
    { quality: ConnectionQuality.EXCELLENT, duration: durationFromMs(5000) },
    {
      quality: ConnectionQuality.POOR,
      duration: durationFromMs(10_000),
      packetLoss: 0.1,
      jitter: durationFromMs(2),
      roundTrip: durationFromMs(40),
    },
    { quality: ConnectionQuality.POOR, duration: durationFromMs(1000) },
  ]);
  expect(log.take()).toEqual([]);
});

it("keeps within what a report may hold", () => {
  const log = new QualityLog();
  log.turn(ConnectionQuality.GOOD, 0);
  log.cut(3_600_000);
  for (let n = 1; n <= 40; n++) log.cut(3_600_000 + n);
  const samples = log.take();
  expect(samples).toHaveLength(30);
  expect(samples[0]?.duration).toEqual(durationFromMs(60_000));
});
