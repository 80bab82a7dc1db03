import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import { launchChromium } from "./chromium";
import { startRecorder, type Recorder } from "./recorder";
import { repository, startProgram, type Program } from "./program";

const screenshots = path.join(repository, "artifacts/screenshots");
const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

/** Who somebody is in a test. */
export type Who = "admin" | "user" | "guest";

/** House is the program with a browser in front of it. */
export class House {
  private readonly faults: string[] = [];

  readonly program: Program;
  private readonly browser: Browser;
  private ownRecorder: Recorder | undefined;

  private constructor(program: Program, browser: Browser) {
    this.program = program;
    this.browser = browser;
  }

  /** Starts both; there may be more arguments of the program. */
  static async open(...more: string[]): Promise<House> {
    const program = await startProgram(more);
    try {
      return new House(program, await launchChromium());
    } catch (error) {
      await program.stop();
      throw error;
    }
  }

  /** Starts both, and what stands in for LiveKit's recorder. */
  static async openWithRecorder(...more: string[]): Promise<House> {
    const house = await House.open(...more);
    try {
      house.ownRecorder = await startRecorder(house.program);
      return house;
    } catch (error) {
      await house.close();
      throw error;
    }
  }

  /** What stands in for LiveKit's recorder. */
  get recorder(): Recorder {
    if (!this.ownRecorder) throw new Error("this house has no recorder");
    return this.ownRecorder;
  }

  /** Ends all. */
  async close(): Promise<void> {
    await this.browser.close();
    await this.ownRecorder?.stop();
    await this.program.stop();
  }

  /** Opens a page as somebody, in a browser profile of their own. */
  async page(who: Who, at = "/"): Promise<Page> {
    const context = await this.browser.newContext({
      viewport: sizes.desktop,
      reducedMotion: "reduce",
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const page = await context.newPage();
    page.on("pageerror", (error) => this.faults.push(error.message));
    page.on("console", (message) => {
      if (/Content.Security.Policy/i.test(message.text())) this.faults.push(message.text());
    });
    await page.goto(this.program.url + at + this.fragment(who));
    // Before the page has taken its token it would be a guest at the next address.
    await page.waitForURL(({ hash }) => !hash.includes("token="));
    return page;
  }

  /** Closes all pages, and fails if one of them threw or broke the content policy. */
  async tidy(): Promise<void> {
    await Promise.all(this.browser.contexts().map((context) => context.close()));
    expect(this.faults.splice(0)).toEqual([]);
  }

  private fragment(who: Who): string {
    if (who === "guest") return "";
    return `#token=${who === "admin" ? this.program.adminToken : this.program.userToken}`;
  }
}

/** createRoom makes a room on the rooms page, and ends on the new room's page. */
export async function createRoom(page: Page, name: string, level = "Restricted"): Promise<void> {
  await page.getByRole("button", { name: "New room" }).click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Who may enter").selectOption({ label: level });
  await page.getByRole("button", { name: "Create room" }).click();
  await page.getByRole("heading", { name, level: 1 }).waitFor();
}

/** joinCall goes from a room's page through the door into the call. */
export async function joinCall(page: Page, name?: string): Promise<void> {
  await page.getByRole("link", { name: "Join" }).click();
  if (name) await page.getByLabel("Your name").fill(name);
  // Pressed before the camera is open, one would come in without it.
  await page.getByLabel("Your camera").waitFor();
  await page.getByLabel("Microphone level").waitFor();
  await page.getByRole("button", { name: "Join the call" }).click();
  await page.getByRole("toolbar", { name: "Call controls" }).waitFor();
}

/** saved does something and waits until the server has answered a call of this name. */
export async function saved(page: Page, rpc: string, act: () => Promise<unknown>): Promise<void> {
  await Promise.all([page.waitForResponse((response) => response.url().endsWith(`/${rpc}`)), act()]);
}

/**
 * shoot keeps a picture of the page, wide and narrow, light and dark, and
 * checks that nothing has to be scrolled sideways.
 */
export async function shoot(page: Page, name: string): Promise<void> {
  await mkdir(screenshots, { recursive: true });
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport);
    await page.evaluate(() => scrollTo(0, 0));
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({
        fullPage: true,
        path: path.join(screenshots, `${name}-${size}-${colorScheme}.png`),
      });
    }
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width, `${name} at ${viewport.width} px`).toBeLessThanOrEqual(viewport.width);
  }
  await page.setViewportSize(sizes.desktop);
  await page.emulateMedia({ colorScheme: "light" });
}
