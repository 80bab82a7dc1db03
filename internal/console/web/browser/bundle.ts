import path from "node:path";
import type { Page } from "playwright-core";
import { build, type Rolldown } from "vite";
import type { House } from "./house";
import type { Api } from "./page";

declare global {
  interface Window {
    /** What page.ts offers to tests. */
    api: Api;
  }
}

/** bundle makes one script of page.ts, for a browser. */
export async function bundle(): Promise<string> {
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

/** pageWithApi opens a page of the console with the script in it, as if from its own server. */
export async function pageWithApi(house: House, script: string): Promise<Page> {
  const page = await house.page("guest");
  await page.route("**/page.js", (route) => route.fulfill({ body: script, contentType: "text/javascript" }));
  await page.addScriptTag({ url: "/page.js", type: "module" });
  await page.waitForFunction(() => "api" in window);
  return page;
}
