import { defineConfig } from "vitest/config";

// unit: pure logic in Node. browser: the real program, LiveKit and Chromium.
export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["src/**/*.test.ts", "examples/**/*.test.ts"] } },
      {
        test: {
          name: "browser",
          include: ["browser/**/*.test.ts"],
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 90_000,
          // Two browsers and a media server share the machine with the tests.
          expect: { poll: { timeout: 15_000 } },
        },
      },
    ],
  },
});
