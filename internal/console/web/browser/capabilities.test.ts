import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { createRoom, House, joinCall, shoot } from "./house";
import { openRecording } from "./recorded";
import { startWorker, type Worker } from "./worker";

let recorder: Worker;
let telephone: Worker;
let house: House;

beforeAll(async () => {
  recorder = await startWorker();
  telephone = await startWorker();
  house = await House.open("--recorder-health-url", recorder.url, "--sip-health-url", telephone.url);
});
afterEach(() => house.tidy());
afterAll(async () => {
  await house.close();
  await Promise.all([recorder.stop(), telephone.stop()]);
});

it("offers no recording and no telephone number while nobody is there for it, and says why", async () => {
  const ada = await house.page("admin");
  await createRoom(ada, "Nobody there", "Public");
  const card = ada.getByRole("region", { name: "By telephone" });
  await card.getByLabel("PIN", { exact: true }).waitFor();
  telephone.feel(false);
  await card.getByText("The telephone service does not answer").waitFor();
  expect(await card.getByLabel("PIN", { exact: true }).count()).toBe(0);
  await shoot(ada, "room-no-telephone");

  await joinCall(ada);
  await ada.getByRole("button", { name: "Dial-in" }).click();
  const panel = ada.getByRole("complementary", { name: "Join by telephone" });
  await panel.getByText("The telephone service does not answer").waitFor();
  telephone.feel(true);
  await panel.getByLabel("PIN", { exact: true }).waitFor();

  await openRecording(ada);
  const start = ada.getByRole("button", { name: "Start recording" });
  await expect.poll(() => start.isEnabled()).toBe(true);
  recorder.feel(false);
  await ada.getByText("No recorder answers").waitFor();
  expect(await start.isDisabled()).toBe(true);
  await shoot(ada, "call-recorder-away");
  recorder.feel(true);
  await expect.poll(() => start.isEnabled()).toBe(true);
  expect(await ada.getByText("No recorder answers").count()).toBe(0);
});
