import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Page } from "playwright-core";
import { build, preview, type PreviewServer } from "vite";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { House, joinCall } from "./house";
import { fillIn, startProvider, type Provider } from "./openid";
import { repository } from "./program";
import { expectMovingVideo } from "./video";

// The example in docs/frontend, as its README says: on an origin of its own, with a
// public client of its own at the provider.
let provider: Provider;
let house: House;
let server: PreviewServer;
let folder: string;
let origin: string;

beforeAll(async () => {
  const port = await freePort();
  origin = `http://127.0.0.1:${port}`;
  provider = await startProvider("-redirect", `${origin}/`);
  house = await House.open(
    `--oidc-issuer=${provider.issuer}`,
    "--oidc-audience=page",
    `--cors-origins=${origin}`,
  );
  folder = await mkdtemp(path.join(tmpdir(), "anteroom-frontend-"));
  server = await serveExample(port);
});
afterEach(() => house.tidy());
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
  await house.close();
  await provider.stop();
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** serveExample builds it with the settings that .env.local would have, and serves it. */
function serveExample(port: number): Promise<PreviewServer> {
  process.env.VITE_ANTEROOM_URL = house.program.url;
  process.env.VITE_OIDC_ISSUER = provider.issuer;
  process.env.VITE_OIDC_CLIENT_ID = "page";
  const options = {
    configFile: false as const,
    logLevel: "error" as const,
    root: path.join(repository, "docs/frontend"),
    build: { outDir: folder, emptyOutDir: true },
    preview: { host: "127.0.0.1", port, strictPort: true },
  };
  return build(options).then(() => preview(options));
}

/** signedIn is the example, in which somebody has signed in. */
async function signedIn(name: string): Promise<Page> {
  const page = await house.page("guest", "/");
  await page.goto(origin);
  await page.getByRole("button", { name: "Sign in" }).click();
  await fillIn(page, name);
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  expect(new URL(page.url()).origin).toBe(origin);
  return page;
}

/** openToAll changes a room from the example's page, with its token. */
async function openToAll(page: Page, room: string): Promise<void> {
  const status = await page.evaluate(
    async ([url, body]) => {
      const user = JSON.parse(
        Object.values(sessionStorage).find((v: string) => v.includes("access_token")) as string,
      ) as {
        access_token: string;
      };
      const headers = { Authorization: `Bearer ${user.access_token}`, "Content-Type": "application/json" };
      return (await fetch(`${url}/anteroom.v1.RoomService/UpdateRoom`, { method: "POST", headers, body }))
        .status;
    },
    [
      house.program.url,
      JSON.stringify({ room, accessLevel: "ACCESS_LEVEL_PUBLIC", updateMask: "accessLevel" }),
    ] as const,
  );
  expect(status).toBe(200);
}

const pictures = (page: Page) => page.locator("#people video");

it("signs in with a token of its own, makes a room, enters it, leaves and signs out", async () => {
  const ada = await signedIn("ada");
  await ada.getByText("Signed in as Ada Admin").waitFor();
  await ada.getByLabel("Name").fill("Elsewhere");
  await ada.getByRole("button", { name: "Make a room" }).click();
  const entry = ada.getByRole("listitem").filter({ hasText: "Elsewhere" });
  await entry.getByRole("button", { name: "Enter" }).click();
  await ada.getByRole("heading", { name: "Elsewhere" }).waitFor();

  await openToAll(ada, "elsewhere");
  const zoe = await house.page("guest", "/r/elsewhere");
  await joinCall(zoe, "Zoë Guest");
  await expectMovingVideo(zoe);
  await pictures(ada).waitFor();
  await expect
    .poll(() => pictures(ada).evaluate((v) => (v as HTMLVideoElement).currentTime))
    .toBeGreaterThan(0);

  await ada.getByRole("button", { name: "Leave" }).click();
  await ada.getByRole("heading", { name: "Elsewhere" }).waitFor({ state: "hidden" });
  expect(await pictures(ada).count()).toBe(0);
  await ada.getByRole("button", { name: "Sign out" }).click();
  await ada.getByRole("button", { name: "Sign in" }).waitFor();
  expect(await ada.getByRole("listitem").count()).toBe(0);
});
