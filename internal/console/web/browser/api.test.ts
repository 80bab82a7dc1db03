import path from "node:path";
import type { Page } from "playwright-core";
import { build, type Rolldown } from "vite";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Api } from "./page";
import { House } from "./house";

declare global {
  interface Window {
    api: Api;
  }
}

let house: House;
let script: string;

beforeAll(async () => {
  [house, script] = await Promise.all([House.open(), bundle()]);
});
afterEach(() => house.tidy());
afterAll(() => house.close());

/** bundle makes one script of page.ts, for a browser. */
async function bundle(): Promise<string> {
  const output = await build({
    configFile: false,
    logLevel: "warn",
    root: import.meta.dirname,
    build: {
      write: false,
      lib: { entry: path.join(import.meta.dirname, "page.ts"), formats: ["es"], fileName: "page" },
    },
  });
  const [first] = (output as Rolldown.RolldownOutput[])[0]?.output ?? [];
  if (!first) throw new Error("nothing was built");
  return first.code;
}

/** pageWithApi opens a page of the console that has the script in it, as from its own server. */
async function pageWithApi(): Promise<Page> {
  const page = await house.page("guest");
  await page.route("**/page.js", (route) => route.fulfill({ body: script, contentType: "text/javascript" }));
  await page.addScriptTag({ url: "/page.js", type: "module" });
  await page.waitForFunction(() => "api" in window);
  return page;
}

it.each(["connect", "connect-get", "grpc-web"] as const)("speaks %s from a browser", async (protocol) => {
  const page = await pageWithApi();
  const token = house.program.userToken;
  const told = await page.evaluate(([p, t]) => window.api.roundTrip(p, t), [protocol, token] as const);
  expect(told.name).toBe(`By ${protocol}`);
  expect(told.slug).toMatch(/^[a-z0-9-]+$/);
  expect(told.found).toBe(told.id);
});

it.each(["connect", "grpc-web"] as const)("carries the reason of an error over %s", async (protocol) => {
  const page = await pageWithApi();
  const refused = await page.evaluate((p) => window.api.refusal(p), protocol);
  expect(refused).toEqual({ code: "unauthenticated", reason: "sign_in_required" });
});
