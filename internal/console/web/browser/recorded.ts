import type { Page } from "playwright-core";
import { expect } from "vitest";
import { createRoom, joinCall } from "./house";

/** openRecording opens the panel of recordings in a call. */
export async function openRecording(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Recording", exact: true }).click();
  await page.getByRole("complementary", { name: "Recording" }).waitFor();
}

/** record starts a recording in a call, until it runs. */
export async function record(page: Page, what = "Picture and sound"): Promise<void> {
  await openRecording(page);
  await page.getByLabel("What to record").selectOption({ label: what });
  await page.getByRole("button", { name: "Start recording" }).click();
  await page
    .getByText(/being recorded/)
    .first()
    .waitFor();
}

/** recorded makes a recording of a new room, and ends on its page. */
export async function recorded(page: Page, name: string, what?: string): Promise<void> {
  await createRoom(page, name, "Public");
  const room = page.url();
  await joinCall(page);
  await record(page, what);
  await page.getByRole("button", { name: "Stop recording" }).click();
  await page.getByRole("alert").getByText("The recording has ended").waitFor();
  await page.goto(room);
  const list = page.getByRole("list", { name: "Recordings of this room" });
  await list.getByText("Complete").waitFor();
  await list.getByRole("link").first().click();
  await page.getByRole("region", { name: "Player" }).waitFor();
}

/** plays checks that the player goes on in time. */
export async function plays(page: Page, kind: "audio" | "video"): Promise<void> {
  const player = page.locator(kind);
  await player.waitFor();
  const at = await player.evaluate(async (element) => {
    const media = element as HTMLMediaElement;
    const begun = media.currentTime;
    const moved = new Promise<void>((resolve) => {
      media.addEventListener("timeupdate", () => {
        if (media.currentTime > begun) resolve();
      });
    });
    media.muted = true;
    await media.play();
    await moved;
    return { begun, now: media.currentTime, duration: media.duration };
  });
  expect(at.now).toBeGreaterThan(at.begun);
  expect(at.duration).toBeGreaterThan(0.5);
}
