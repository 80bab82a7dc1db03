import { stat } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { createRoom, House, joinCall, saved, shoot } from "./house";
import { openRecording, plays, record } from "./recorded";

let house: House;

beforeAll(async () => {
  // So short that its end can be waited for, and longer than any other test records.
  house = await House.openWithRecorder("--recording-max-duration", "1m");
});
beforeEach(() => house.recorder.play("completes"));
afterEach(() => house.tidy());
afterAll(() => house.close());

it("records: told to all in the call, stopped, listed, played and saved", { timeout: 120_000 }, async () => {
  const ada = await house.page("admin");
  await createRoom(ada, "Weekly round", "Public");
  const room = ada.url();
  await joinCall(ada);
  const zoe = await house.page("guest", new URL(room).pathname);
  await joinCall(zoe, "Zoë Guest");
  expect(await zoe.getByRole("button", { name: "Recording", exact: true }).count()).toBe(0);

  await record(ada);
  for (const page of [ada, zoe])
    await page.getByText("Picture and sound are being recorded").first().waitFor();
  await shoot(ada, "call-recording");
  await shoot(zoe, "call-recorded");
  const late = await house.page("guest", new URL(room).pathname);
  await joinCall(late, "Lia Late");
  await late.getByText("Picture and sound are being recorded").waitFor();

  await ada.getByRole("button", { name: "Stop recording" }).click();
  for (const page of [ada, zoe, late]) {
    await page.getByRole("alert").getByText("The recording has ended").waitFor();
    expect(await page.getByText("are being recorded").count()).toBe(0);
  }
  await zoe.getByRole("button", { name: "Close this message" }).click();
  await zoe.getByText("The recording has ended").waitFor({ state: "detached" });

  await ada.getByRole("button", { name: "Leave" }).click();
  const inRoom = ada.getByRole("list", { name: "Recordings of this room" });
  await inRoom.getByText("Complete").waitFor();
  await shoot(ada, "room-recordings");
  await ada.getByRole("link", { name: "Recordings", exact: true }).click();
  const list = ada.getByRole("list", { name: "Recordings" });
  await list.getByText("Ada Admin").waitFor();
  await shoot(ada, "recordings");
  await list.getByRole("link", { name: /^Weekly round/ }).focus();
  await ada.keyboard.press("Enter");
  await plays(ada, "video");
  await shoot(ada, "recording");
  const download = ada.waitForEvent("download");
  await ada.getByRole("button", { name: "Download The whole recording" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^Weekly round.*\.mp4$/);
  expect((await stat(await file.path())).size).toBeGreaterThan(1000);
});

it("says in words that a recording did not start, and starts the next", async () => {
  await house.recorder.play("fails");
  const ada = await house.page("admin");
  await createRoom(ada, "No luck", "Public");
  const room = ada.url();
  await joinCall(ada);
  const zoe = await house.page("guest", new URL(room).pathname);
  await joinCall(zoe, "Zoë Guest");
  await openRecording(ada);
  await ada.getByRole("button", { name: "Start recording" }).click();
  for (const page of [ada, zoe])
    await page.getByRole("alert").getByText("did not start. Nobody sent picture or sound").waitFor();
  await shoot(ada, "call-recording-failed");
  await house.recorder.play("reaches-limit");
  await ada.getByRole("button", { name: "Start recording" }).click();
  for (const page of [ada, zoe])
    await page.getByRole("alert").getByText("it was as long as it may be").waitFor();
  await house.recorder.play("completes");
  await ada.getByRole("button", { name: "Start recording" }).click();
  await zoe.getByText("Picture and sound are being recorded").waitFor();
  expect(await zoe.getByText("did not start").count()).toBe(0);

  await ada.goto(room);
  await ada.getByText("Being recorded").waitFor();
  const list = ada.getByRole("list", { name: "Recordings of this room" });
  await list.getByText("Did not start").waitFor();
  await list.getByRole("listitem").filter({ hasText: "Did not start" }).getByRole("link").click();
  await ada.getByRole("alert").getByText("Nobody sent picture or sound").waitFor();
  await shoot(ada, "recording-failed");
});

it(
  "asks for consent at the door, keeps the answer, and lets a host record despite it knowingly",
  { timeout: 120_000 },
  async () => {
    const ada = await house.page("admin");
    await createRoom(ada, "With consent", "Public");
    const settings = ada.getByRole("region", { name: "Recording", exact: true });
    await saved(ada, "UpdateRoom", () => settings.getByLabel("Ask people").check());
    const path = new URL(ada.url()).pathname;
    const enter = async (page: Page, name: string | undefined, answer: string) => {
      await page.getByRole("link", { name: "Join" }).click();
      if (name) await page.getByLabel("Your name").fill(name);
      await page.getByLabel("Your camera").waitFor();
      await page.getByRole("button", { name: "Join the call" }).click();
      const dialog = page.getByRole("dialog", { name: "May you be recorded?" });
      await dialog.waitFor();
      if (answer === "I decline") await shoot(page, "consent");
      await dialog.getByRole("button", { name: answer }).click();
      await page.getByRole("toolbar", { name: "Call controls" }).waitFor();
    };
    await enter(ada, undefined, "I agree");
    const zoe = await house.page("guest", path);
    await enter(zoe, "Zoë Guest", "I decline");
    await openRecording(ada);
    const answers = ada.getByRole("list", { name: "Answers" });
    await answers.getByText("Declines").waitFor();

    await ada.getByRole("button", { name: "Start recording" }).click();
    const despite = ada.getByRole("dialog", { name: "Record despite that?" });
    await despite.getByText("1 person has declined").waitFor();
    await shoot(ada, "consent-despite");
    await despite.getByRole("button", { name: "Cancel" }).click();
    await despite.waitFor({ state: "detached" });
    expect(await ada.getByText("being recorded").allTextContents()).toEqual([]);

    await openRecording(zoe);
    await zoe.getByText("You declined to be recorded").waitFor();
    await zoe.getByRole("button", { name: "Agree after all" }).click();
    await answers.getByText("Agrees").waitFor();
    await zoe.getByRole("button", { name: "Decline from now on" }).click();
    await answers.getByText("Declines").waitFor();
    await ada.getByRole("button", { name: "Start recording" }).click();
    await despite.getByRole("button", { name: "Record all the same" }).click();
    await zoe.getByText("Picture and sound are being recorded").waitFor();
    await shoot(ada, "call-consents");
    await shoot(zoe, "call-consent-own");
    await ada.getByRole("button", { name: "Stop recording" }).click();
    await ada.getByRole("alert").getByText("The recording has ended").waitFor();

    await ada.goto(house.program.url + path);
    await ada.getByRole("list", { name: "Recordings of this room" }).getByRole("link").click();
    const consents = ada.getByRole("list", { name: "Consents" });
    await consents.getByRole("listitem").filter({ hasText: "Zoë Guest" }).getByText("Declined").waitFor();
    await consents.getByRole("listitem").filter({ hasText: "Ada Admin" }).getByText("Agreed").waitFor();
    await shoot(ada, "recording-consents");
  },
);

it("warns when the limit is near, and not before", { timeout: 150_000 }, async () => {
  const ada = await house.page("admin");
  await createRoom(ada, "Long round", "Public");
  const room = ada.url();
  await joinCall(ada);
  await record(ada);
  const warning = (page: Page) => page.getByText("The recording ends in a minute, at its limit.");
  await ada.getByText("Picture and sound are being recorded").first().waitFor();
  expect(await warning(ada).count()).toBe(0);
  const zoe = await house.page("guest", new URL(room).pathname);
  await joinCall(zoe, "Zoë Guest");
  await Promise.all([ada, zoe].map((page) => warning(page).waitFor({ timeout: 90_000 })));
  for (const page of [ada, zoe])
    await page.getByRole("alert").getByText("it was as long as it may be").waitFor();
});

it("always records where the room says so, and lets nobody stop it", async () => {
  const ada = await house.page("admin");
  await createRoom(ada, "On the record", "Public");
  const settings = ada.getByRole("region", { name: "Recording", exact: true });
  await saved(ada, "UpdateRoom", () =>
    settings.getByLabel("When it is recorded").selectOption({ label: "Always" }),
  );
  await saved(ada, "UpdateRoom", () =>
    settings.getByLabel("What is recorded").selectOption({ label: "Sound" }),
  );
  const days = settings.getByLabel("Days that recordings are kept");
  await days.fill("30");
  await saved(ada, "UpdateRoom", () => days.press("Enter"));
  await ada.reload();
  expect(await days.inputValue()).toBe("30");
  await shoot(ada, "room-recording-settings");
  const zoe = await house.page("guest", `${new URL(ada.url()).pathname}/join`);
  await zoe.getByText("Every meeting in this room is recorded").waitFor();
  await joinCall(ada);
  await ada.getByText("The sound is being recorded").first().waitFor();
  await ada.getByText("Always, in this room").waitFor();
  await openRecording(ada);
  await ada.getByText("Nobody can stop this").waitFor();
  expect(await ada.getByRole("button", { name: "Stop recording" }).count()).toBe(0);
  await shoot(ada, "call-compliance");
});

// The last one: when no recorder has answered, starts are refused for a minute.
it("says that there is no recorder when the media server finds none", async () => {
  await house.recorder.play("never-answers");
  const ada = await house.page("admin");
  await createRoom(ada, "Nobody records");
  await joinCall(ada);
  await openRecording(ada);
  const start = ada.getByRole("button", { name: "Start recording" });
  await start.click();
  const told = ada.getByRole("alert").getByText("No recorder answers");
  await told.waitFor({ timeout: 50_000 });
  await ada.getByRole("alert").getByText("The recording did not start. No recorder is there").waitFor();
  await expect.poll(() => start.isDisabled()).toBe(true);
  await ada.getByRole("complementary", { name: "Recording" }).getByText("No recorder answers").waitFor();
  await shoot(ada, "call-no-recorder");
});
