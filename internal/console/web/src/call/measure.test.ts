import { expect, it } from "vitest";
import { deviceOf } from "./device";
import { measure } from "./measure";

it("counts what came since the last time, and takes the worst of each", () => {
  const stats = [
    { type: "inbound-rtp", packetsLost: 30, packetsReceived: 1070, jitter: 0.002 },
    { type: "inbound-rtp", packetsLost: 0, packetsReceived: 1000, jitter: 0.004 },
    { type: "remote-inbound-rtp", fractionLost: 0.05, jitter: 0.003, roundTripTime: 0.03 },
    { type: "candidate-pair", currentRoundTripTime: 0.02 },
    { type: "codec" },
  ];
  const { measured, counts } = measure(stats, { lost: 10, received: 1890 });
  expect(counts).toEqual({ lost: 30, received: 2070 });
  expect(measured).toEqual({ packetLoss: 0.1, jitter: 0.004, roundTrip: 0.03 });
});

it("says nothing of what it cannot know", () => {
  expect(measure([], { lost: 0, received: 0 }).measured).toEqual({});
  const ended = measure([{ type: "inbound-rtp", packetsLost: 1, packetsReceived: 10 }], {
    lost: 5,
    received: 100,
  });
  expect(ended.measured).toEqual({});
  expect(ended.counts).toEqual({ lost: 1, received: 10 });
});

it.each([
  [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Linux",
    "Chrome",
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
    "Windows",
    "Edge",
  ],
  [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:127.0) Gecko/20100101 Firefox/127.0",
    "macOS",
    "Firefox",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "iPhone",
    "Safari",
  ],
  [
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
    "Android",
    "Samsung Internet",
  ],
  ["curl/8", "", ""],
])("knows %s", (userAgent, device, browser) => {
  expect(deviceOf(userAgent)).toEqual({ device, browser });
});
