import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { createRoom, House, joinCall, saved, shoot } from "./house";
import { openRecording, plays, record, recorded } from "./recorded";

let house: House;

beforeAll(async () => {
  house = await House.openWithRecorder();
});
afterEach(() => house.tidy());
afterAll(() => house.close());

it("keeps, hands out and deletes a recording, and plays sound", async () => {
  const ada = await house.page("admin");
  await recorded(ada, "Handed out", "Sound");
  await plays(ada, "audio");
  const address = ada.url();
  const uma = await house.page("user", new URL(address).pathname);
  await uma.getByRole("alert").getByText("There is no such recording").waitFor();
  await shoot(uma, "recording-refused");

  const people = ada.getByRole("region", { name: "Who sees it" });
  await people.getByLabel("E-mail address").fill("user@example.org");
  await people.getByLabel("Until the end of").fill("2099-12-31");
  await people.getByRole("button", { name: "Give access" }).click();
  const accesses = people.getByRole("list", { name: "Accesses" });
  await accesses.getByText("user@example.org").waitFor();
  await accesses.getByText(/2099/).waitFor();
  await people.getByLabel("E-mail address").fill("user@example.org");
  await people.getByRole("button", { name: "Give access" }).click();
  await people.getByRole("alert").waitFor();
  await people.getByLabel("For whom").selectOption({ label: "Everybody who was there" });
  await people.getByRole("button", { name: "Give access" }).click();
  await accesses.getByText("Everybody who was there").waitFor();

  const kept = ada.getByRole("region", { name: "How long it is kept" });
  await kept.getByLabel("Keep it").selectOption({ label: "Until a day" });
  await kept.getByLabel("Until the end of").fill("2099-06-30");
  await kept.getByRole("button", { name: "Save" }).click();
  await ada.getByText(/Kept until .*2099/).waitFor();
  await shoot(ada, "recording-owner");

  await uma.reload();
  await plays(uma, "audio");
  await uma.getByText("Kept until").waitFor();
  expect(await uma.getByRole("link", { name: "Events" }).count()).toBe(0);
  for (const name of ["Who sees it", "How long it is kept"])
    expect(await uma.getByRole("region", { name }).count()).toBe(0);
  expect(await uma.getByRole("button", { name: "Delete this recording" }).count()).toBe(0);
  await shoot(uma, "recording-member");

  await accesses.getByRole("button", { name: "Take away the access of user@example.org" }).click();
  await accesses.getByText("user@example.org").waitFor({ state: "detached" });
  await uma.reload();
  await uma.getByRole("alert").getByText("There is no such recording").waitFor();

  await ada.getByRole("button", { name: "Delete this recording" }).click();
  await ada.getByRole("dialog").getByText("This cannot be undone").waitFor();
  await shoot(ada, "recording-delete");
  await ada.keyboard.press("Escape");
  await ada.getByRole("dialog").waitFor({ state: "detached" });
  expect(await ada.evaluate(() => document.activeElement?.textContent)).toBe("Delete this recording");
  await ada.keyboard.press("Enter");
  await ada.getByRole("button", { name: "Delete recording" }).click();
  await ada.getByRole("heading", { name: "Recordings", level: 1 }).waitFor();
  expect(await ada.getByText("Handed out").count()).toBe(0);
});

it("shows results of processors, and plays without a download where that is off", async () => {
  const ada = await house.page("admin");
  await createRoom(ada, "Only to play", "Public");
  const settings = ada.getByRole("region", { name: "Recording", exact: true });
  await saved(ada, "UpdateRoom", () => settings.getByLabel("Who sees recordings").selectOption({ index: 2 }));
  await saved(ada, "UpdateRoom", () => settings.getByLabel("may save them").uncheck());
  const path = new URL(ada.url()).pathname;
  await joinCall(ada);
  const uma = await house.page("user", path);
  await joinCall(uma);
  await ada.getByRole("button", { name: "People: 2" }).waitFor();
  await record(ada);
  await ada.getByRole("button", { name: "Stop recording" }).click();
  await ada.getByRole("alert").getByText("The recording has ended").waitFor();

  await uma.goto(`${house.program.url}/recordings`);
  const link = uma.getByRole("list", { name: "Recordings" }).getByRole("link", { name: /^Only to play/ });
  await expect
    .poll(async () => {
      await uma.reload();
      await uma.getByRole("heading", { name: "Recordings", level: 1 }).waitFor();
      await uma
        .getByText(/No recordings yet|Only to play/)
        .first()
        .waitFor();
      return link.count();
    })
    .toBe(1);
  await link.click();
  await plays(uma, "video");
  expect(await uma.getByRole("button", { name: /Download/ }).count()).toBe(0);
  await uma.getByText("can be played here, and not saved").waitFor();

  const recording = new URL(uma.url()).pathname.split("/").at(-1) ?? "";
  await report(recording, "summary", "PROCESSING_STATUS_DONE", "https://example.org/summary");
  await report(recording, "transcript", "PROCESSING_STATUS_RUNNING");
  await uma.reload();
  const results = uma.getByRole("list", { name: "What was made of it" });
  await results.getByText("At work").waitFor();
  const open = results.getByRole("link", { name: "Open the result of summary" });
  expect(await open.getAttribute("href")).toBe("https://example.org/summary");
  await shoot(uma, "recording-results");
});

it("says that recording is off, and has empty and refused pages", async () => {
  const ada = await house.page("admin");
  await createRoom(ada, "Off the record");
  const settings = ada.getByRole("region", { name: "Recording", exact: true });
  await saved(ada, "UpdateRoom", () =>
    settings.getByLabel("When it is recorded").selectOption({ label: "Never" }),
  );
  await joinCall(ada);
  await openRecording(ada);
  await ada.getByText("Recording is switched off").waitFor();
  const uma = await house.page("user", "/recordings/01930000-0000-7000-8000-000000000001");
  await uma.getByRole("alert").getByText("There is no such recording").waitFor();
  expect(await uma.getByLabel("All recordings of this installation").count()).toBe(0);
  const guest = await house.page("guest", "/recordings");
  await guest.getByRole("heading", { name: "Sign in" }).waitFor();
});

it("shows operators all recordings, and plays them only to who has an access", async () => {
  const uma = await house.page("user");
  await recorded(uma, "Uma's own");
  const address = uma.url();
  const ada = await house.page("admin", "/recordings");
  await ada.getByRole("heading", { name: "Recordings", level: 1 }).waitFor();
  expect(await ada.getByText("Uma's own").count()).toBe(0);
  await ada.getByLabel("All recordings of this installation").check();
  await ada.getByRole("link", { name: /^Uma's own/ }).click();
  expect(ada.url()).toBe(address);
  await ada.getByText("You see as an operator").waitFor();
  expect(await ada.getByRole("region", { name: "Player" }).count()).toBe(0);
  await ada.getByRole("region", { name: "Who sees it" }).getByText("user@example.org").waitFor();
  await shoot(ada, "recording-operator");
});

it("plays each voice of several", async () => {
  const ada = await house.page("admin");
  await createRoom(ada, "Voices", "Public");
  const room = ada.url();
  await joinCall(ada);
  const zoe = await house.page("guest", new URL(room).pathname);
  await joinCall(zoe, "Zoë Guest");
  await ada.getByRole("button", { name: "People: 2" }).waitFor();
  await record(ada, "Each voice apart");
  await ada.getByRole("button", { name: "Stop recording" }).click();
  await ada.getByRole("alert").getByText("The recording has ended").waitFor();
  await ada.goto(room);
  const list = ada.getByRole("list", { name: "Recordings of this room" });
  await list.getByText("Complete").waitFor();
  await list.getByRole("link").click();
  await plays(ada, "audio");
  await ada.getByRole("button", { name: "Play Zoë Guest" }).click();
  await ada.getByRole("button", { name: "Play Zoë Guest", pressed: true }).waitFor();
  await plays(ada, "audio");
  await ada.getByRole("button", { name: "Play Ada Admin", pressed: false }).waitFor();
  await shoot(ada, "recording-voices");
});

async function report(recording: string, processor: string, status: string, url = ""): Promise<void> {
  const answer = await fetch(`${house.program.url}/anteroom.v1.RecordingService/ReportProcessing`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${house.program.adminToken}` },
    body: JSON.stringify({ recording, processor, status, url }),
  });
  expect(answer.ok).toBe(true);
}
