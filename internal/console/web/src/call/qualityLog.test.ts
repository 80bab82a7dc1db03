import { create, toJson } from "@bufbuild/protobuf";
import { ConnectionQuality, ReportQualityRequestSchema } from "@anteroom/client/meeting";
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
    { quality: ConnectionQuality.EXCELLENT, duration: { seconds: 5n, nanos: 0 } },
    {
      quality: ConnectionQuality.POOR,
      duration: { seconds: 10n, nanos: 0 },
      packetLoss: 0.1,
      jitter: { seconds: 0n, nanos: 2_000_000 },
      roundTrip: { seconds: 0n, nanos: 40_000_000 },
    },
    { quality: ConnectionQuality.POOR, duration: { seconds: 1n, nanos: 0 } },
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
  expect(samples[0]?.duration).toEqual({ seconds: 60n, nanos: 0 });
});

it("can be written, however fine a clock is", () => {
  const log = new QualityLog();
  log.turn(ConnectionQuality.GOOD, 0.1);
  log.cut(1999.9999999999, { jitter: 0.0001234567, roundTrip: 0.999_999_999_99 });
  const written = toJson(
    ReportQualityRequestSchema,
    create(ReportQualityRequestSchema, { samples: log.take() }),
  );
  expect(JSON.stringify(written)).toContain('"jitter":"0.000123456s"');
});
