import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { House } from "./house";

let house: House;

beforeAll(async () => {
  house = await House.open();
});
afterEach(() => house.tidy());
afterAll(() => house.close());

/** focused is the accessible name of what has the focus, and whether the focus can be seen. */
function focused(page: Page): Promise<{ name: string; visible: boolean }> {
  return page.evaluate(() => {
    const element = document.activeElement;
    const labelled = element instanceof HTMLInputElement || element instanceof HTMLSelectElement;
    const label = labelled ? element.labels?.[0]?.textContent : undefined;
    return {
      name: (element?.getAttribute("aria-label") ?? label ?? element?.textContent ?? "").trim().slice(0, 40),
      visible: element !== null && getComputedStyle(element).outlineStyle !== "none",
    };
  });
}

/** tabTo presses the Tab key until something of this name has a visible focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  const seen: string[] = [];
  for (let presses = 0; presses < 30; presses++) {
    await page.keyboard.press("Tab");
    const now = await focused(page);
    seen.push(now.name);
    if (now.name !== name) continue;
    expect(now.visible, `the focus on ${name} can be seen`).toBe(true);
    return;
  }
  throw new Error(`Tab never came to ${name}, only to ${seen.join(", ")}`);
}

it("creates a room, joins and leaves without a mouse", async () => {
  const page = await house.page("admin");
  await page.getByRole("button", { name: "New room" }).waitFor();
  await page.keyboard.press("Tab");
  expect((await focused(page)).name).toBe("Skip to the content");
  await page.keyboard.press("Enter");
  await tabTo(page, "New room");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "New room" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect((await focused(page)).name).toBe("New room");

  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "New room" }).waitFor();
  expect((await focused(page)).name).toBe("Name");
  await page.keyboard.type("By keyboard");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "By keyboard", level: 1 }).waitFor();
  await tabTo(page, "Join");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Join the call" }).waitFor();
  await tabTo(page, "Join the call");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "People: 1" }).waitFor();
  await tabTo(page, "Microphone");
  await page.keyboard.press("Space");
  await tabTo(page, "Leave");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "By keyboard", level: 1 }).waitFor();
});
