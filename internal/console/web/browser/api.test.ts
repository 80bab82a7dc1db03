import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { createRoom } from "../examples/create-room";
import { bundle, pageWithApi } from "./bundle";
import { House } from "./house";

let house: House;
let script: string;

beforeAll(async () => {
  [house, script] = await Promise.all([House.open(), bundle()]);
});
afterEach(() => house.tidy());
afterAll(() => house.close());

it.each(["connect", "connect-get", "grpc-web"] as const)("speaks %s from a browser", async (protocol) => {
  const page = await pageWithApi(house, script);
  const token = house.program.userToken;
  const told = await page.evaluate(([p, t]) => window.api.roundTrip(p, t), [protocol, token] as const);
  expect(told.name).toBe(`By ${protocol}`);
  expect(told.slug).toMatch(/^[a-z0-9-]+$/);
  expect(told.found).toBe(told.id);
});

it.each(["connect", "grpc-web"] as const)("carries the reason of an error over %s", async (protocol) => {
  const page = await pageWithApi(house, script);
  const refused = await page.evaluate((p) => window.api.refusal(p), protocol);
  expect(refused).toEqual({ code: "unauthenticated", reason: "sign_in_required" });
});

it("runs the example of the client's README from Node", async () => {
  const link = await createRoom(house.program.url, house.program.userToken);
  const page = await house.page("user", new URL(link).pathname);
  await page.getByRole("heading", { name: "Weekly round" }).waitFor();
});
