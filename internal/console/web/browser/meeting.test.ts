import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { bundle, pageWithApi } from "./bundle";
import { callerToken } from "./caller";
import { createRoom, House, joinCall, saved, shoot } from "./house";

let house: House;

beforeAll(async () => {
  house = await House.open();
});
afterEach(() => house.tidy());
afterAll(() => house.close());

/** connected waits until the media server has said how well this person is connected. */
async function connected(page: Page): Promise<void> {
  await page
    .locator('[data-lk-local-participant="true"] .lk-connection-quality[data-lk-quality="excellent"]')
    .first()
    .waitFor();
}

/** open goes to a room's page and from there, by keyboard, to its newest meeting. */
async function open(page: Page, path: string): Promise<void> {
  await page.goto(house.program.url + path);
  const newest = page.getByRole("list", { name: "Meetings of this room" }).getByRole("link").first();
  await newest.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("table", { name: "Who was there" }).waitFor();
}

it("shows who was at a meeting, when, and how well connected", async () => {
  const ada = await house.page("admin");
  await createRoom(ada, "Retrospective", "Public");
  await ada.getByRole("region", { name: "Meetings" }).getByText("None yet").waitFor();
  const path = new URL(ada.url()).pathname;
  const answer = ada.waitForResponse((response) => response.url().endsWith("/GetRoom"));
  await ada.reload();
  const { room } = (await (await answer).json()) as { room: { id: string } };

  await joinCall(ada);
  await connected(ada);
  const zoe = await house.page("guest", path);
  await joinCall(zoe, "Zoë Guest");
  await connected(zoe);
  const telephone = await pageWithApi(house, await bundle());
  await telephone.evaluate(([url, t]) => window.api.enter(url, t), [
    house.program.livekit.url,
    callerToken(house.program, room.id, "+33612345678"),
  ] as const);
  await ada.getByRole("button", { name: "People: 3" }).waitFor();

  await saved(zoe, "ReportQuality", () => zoe.getByRole("button", { name: "Leave" }).click());
  await ada.getByRole("button", { name: "People: 2" }).waitFor();
  await ada.goto("about:blank"); // the page goes away, and its report arrives all the same

  const row = (name: string) => ada.getByRole("row").filter({ hasText: name });
  await expect
    .poll(async () => {
      await open(ada, path);
      return row("Ada Admin").textContent();
    })
    .toMatch(/Chrome, Linux(?!.*Still in).*Excellent/);
  for (const name of ["Ada Admin", "Zoë Guest"]) {
    await row(name).getByText("Excellent").waitFor();
    await row(name).getByText("Chrome, Linux").waitFor();
  }
  await row("Phone +33612345678").getByText("By telephone").waitFor();
  await row("Phone +33612345678").getByText("Still in").waitFor();
  await ada.getByText("3 at once at most").waitFor();
  await shoot(ada, "meeting");
  await ada.getByRole("link", { name: "Room page" }).click();
  await ada.getByRole("list", { name: "Meetings of this room" }).getByText("3 people").waitFor();
  await shoot(ada, "room-meetings");
});

it("tells who may not see a meeting that there is none", async () => {
  const guest = await house.page("guest", "/r/weekly/meetings/01930000-0000-7000-8000-000000000001");
  await guest.getByRole("alert").getByText("Sign in first").waitFor();
  const user = await house.page("user", "/r/weekly/meetings/01930000-0000-7000-8000-000000000001");
  await user.getByRole("alert").getByText("There is no such meeting").waitFor();
});
