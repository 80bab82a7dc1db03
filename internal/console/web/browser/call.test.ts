import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { bundle, pageWithApi } from "./bundle";
import { callerToken } from "./caller";
import { createRoom, House, joinCall, shoot } from "./house";
import { expectMovingVideo } from "./video";

let house: House;

beforeAll(async () => {
  house = await House.open();
});
afterEach(() => house.tidy());
afterAll(() => house.close());

it("shows two people to each other, moving", async () => {
  const ada = await house.page("admin");
  await createRoom(ada, "Weekly round", "Public");
  const room = ada.url();
  await joinCall(ada);
  const zoe = await house.page("guest", new URL(room).pathname);
  await joinCall(zoe, "Zoë Guest");

  await expectMovingVideo(ada);
  await expectMovingVideo(zoe);
  await ada.getByRole("group", { name: "Zoë Guest" }).waitFor();
  expect(await ada.locator(".lk-connection-quality").count()).toBe(2);
  await shoot(ada, "call");
  await ada.getByRole("button", { name: "People: 2" }).click();
  await ada.getByRole("list", { name: "People in the call" }).getByText("Zoë Guest").waitFor();
  await shoot(ada, "call-people");
  await ada.getByRole("button", { name: "Dial-in" }).click();
  await ada
    .getByRole("complementary", { name: "Join by telephone" })
    .getByLabel("PIN", { exact: true })
    .waitFor();

  await zoe.getByRole("button", { name: "Leave" }).click();
  await zoe.getByRole("heading", { name: "Weekly round" }).waitFor();
  expect(zoe.url()).toBe(room);
  await ada.getByRole("button", { name: "People: 1" }).waitFor();
});

it("shows a caller with a telephone and without their whole number", async () => {
  const ada = await house.page("admin");
  await createRoom(ada, "Hotline");
  const answer = ada.waitForResponse((response) => response.url().endsWith("/GetRoom"));
  await ada.reload();
  const { room } = (await (await answer).json()) as { room: { id: string } };
  await joinCall(ada);

  const telephone = await pageWithApi(house, await bundle());
  const token = callerToken(house.program, room.id, "+33612345678");
  await telephone.evaluate(([url, t]) => window.api.enter(url, t), [
    house.program.livekit.url,
    token,
  ] as const);

  await ada.getByRole("group", { name: "Phone +3•••678" }).waitFor();
  await ada.getByRole("button", { name: "People: 2" }).click();
  const caller = ada.getByRole("listitem").filter({ hasText: "Phone +3•••678" });
  await caller.getByText("By telephone").waitFor();
  await caller.getByText("Microphone on").waitFor();
  expect(await ada.content()).not.toContain("612345678");
  await shoot(ada, "call-caller");
});
