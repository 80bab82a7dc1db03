import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { createRoom, House, shoot } from "./house";
import { fillIn, startProvider, type Provider } from "./openid";

let provider: Provider;
let house: House;

beforeAll(async () => {
  provider = await startProvider();
  house = await House.open(...provider.settings);
});
afterEach(() => house.tidy());
afterAll(async () => {
  await house.close();
  await provider.stop();
});

async function signedIn(name: string, at = "/"): Promise<Page> {
  const page = await house.page("guest", at);
  await page.getByRole("banner").getByRole("link", { name: "Sign in" }).click();
  await fillIn(page, name);
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  return page;
}

const here = (page: Page) => page.url().slice(house.program.url.length);

it("signs in, goes back to where one was, says who one is, and signs out", async () => {
  const guest = await house.page("guest");
  await guest.getByRole("heading", { name: "Sign in" }).waitFor();
  await shoot(guest, "welcome-sign-in");
  await guest.getByRole("main").getByRole("link", { name: "Sign in" }).click();
  await fillIn(guest, "ada");
  await createRoom(guest, "Ada's");
  const path = here(guest);
  expect(await guest.getByRole("banner").textContent()).toContain("Ada Admin");
  expect(await guest.getByRole("banner").textContent()).toContain("Operator");
  await shoot(guest, "signed-in");

  await guest.getByRole("button", { name: "Sign out" }).click();
  await guest.getByRole("heading", { name: "Welcome to Anteroom" }).waitFor();
  expect(here(guest)).toBe("/");
  expect(await guest.evaluate(() => [document.cookie, sessionStorage.length + localStorage.length])).toEqual([
    "",
    0,
  ]);
  await guest.goto(house.program.url + path);
  await guest.getByText("You may not enter this room").waitFor();
  await guest.getByRole("banner").getByRole("link", { name: "Sign in" }).click();
  await fillIn(guest, "ada");
  await guest.getByRole("heading", { name: "Ada's", level: 1 }).waitFor();
  expect(here(guest)).toBe(path);
});

it("keeps the sign-in from scripts", async () => {
  const page = await signedIn("ada");
  expect(await page.evaluate(() => document.cookie)).toBe("");
  const cookies = await page.context().cookies(house.program.url);
  expect(cookies).toHaveLength(1);
  expect(cookies[0]).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/", domain: "127.0.0.1" });
});

it("lets two operators look at events, and nobody else", async () => {
  for (const name of ["ada", "oscar"]) {
    const operator = await signedIn(name);
    await operator.getByRole("link", { name: "Events" }).click();
    await operator
      .getByText("No events here")
      .or(operator.getByRole("list", { name: "Events" }))
      .waitFor();
  }
  const user = await signedIn("uma");
  expect(await user.getByRole("link", { name: "Events" }).count()).toBe(0);
  expect(await user.getByLabel("All rooms of this installation").count()).toBe(0);
  await user.goto(`${house.program.url}/events`);
  await user.getByRole("alert").getByText("Only an operator").waitFor();
  expect(await user.getByRole("banner").textContent()).not.toContain("Operator");
  await shoot(user, "not-an-operator");
});

it("says that a sign-in has ended, and leads back", async () => {
  const page = await signedIn("ada");
  await createRoom(page, "Interrupted");
  const path = here(page);
  const other = await page.context().newPage();
  await other.goto(house.program.url);
  await other.getByRole("button", { name: "Sign out" }).click();
  await other.getByRole("heading", { name: "Welcome to Anteroom" }).waitFor();

  await page.getByRole("button", { name: "Rename" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Renamed");
  await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
  await page.getByRole("dialog").getByRole("alert").waitFor();
  await page.keyboard.press("Escape");
  const ended = page.getByRole("alert").filter({ hasText: "Your sign-in has ended." });
  await ended.waitFor();
  await page.getByRole("heading", { name: "Interrupted", level: 1 }).waitFor();
  await shoot(page, "sign-in-ended");
  await ended.getByRole("link", { name: "Sign in again" }).click();
  await fillIn(page, "ada");
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  expect(here(page)).toBe(path);
  await page.getByRole("heading", { name: "Interrupted", level: 1 }).waitFor();
});

it("lets somebody go on as a guest whose cookie signs nobody in any more", async () => {
  const page = await signedIn("uma");
  const [cookie] = await page.context().cookies(house.program.url);
  if (!cookie) throw new Error("no cookie");
  await page.context().addCookies([{ ...cookie, value: "A".repeat(43) }]);
  await page.reload();
  await page.getByRole("alert").getByText("Your sign-in has ended.").waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Welcome to Anteroom" }).waitFor();
  expect(await page.getByRole("alert").count()).toBe(0);
});

it("says in words why a sign-in failed", async () => {
  const page = await house.page("guest", "/auth/callback?code=x&state=AAAAAAAAAAAA");
  await page.getByRole("alert").getByText("began in another browser").waitFor();
  await shoot(page, "sign-in-late");
  await page.goto(`${house.program.url}/sign-in?problem=denied&return=%2Fevents`);
  await page.getByRole("alert").getByText("did not let you in").waitFor();
  await shoot(page, "sign-in-denied");
  await page.getByRole("link", { name: "Try again" }).click();
  await fillIn(page, "ada");
  await page.getByRole("heading", { name: "Events", level: 1 }).waitFor();
});

it("lets no link sign somebody in as another", async () => {
  const guest = await house.page("user");
  await guest.getByRole("heading", { name: "Sign in" }).waitFor();
  expect(here(guest)).toBe("/");
  expect(await guest.evaluate(() => sessionStorage.length)).toBe(0);
  const ada = await signedIn("ada");
  await ada.goto(`${house.program.url}/#token=${house.program.userToken}`);
  await expect.poll(() => here(ada)).toBe("/");
  await ada.getByRole("button", { name: "Sign out" }).waitFor();
  expect(await ada.getByRole("banner").textContent()).toContain("Ada Admin");
});

it("does nothing for a page of elsewhere", async () => {
  const page = await signedIn("ada");
  const evil = await page.context().newPage();
  await evil.goto(`${provider.issuer}/keys`);
  const api = `${house.program.url}/anteroom.v1.RoomService/CreateRoom`;
  const told = await evil.evaluate(async (url) => {
    const options = { method: "POST", credentials: "include", body: '{"name":"By Mallory"}' } as const;
    const json = fetch(url, { ...options, headers: { "Content-Type": "application/json" } });
    const blind = fetch(url, { ...options, mode: "no-cors", headers: { "Content-Type": "text/plain" } });
    return (await Promise.allSettled([json, blind])).map((result) => result.status);
  }, api);
  expect(told[0]).toBe("rejected");
  for (const [action, type] of [
    [`${house.program.url}/auth/sign-out`, "application/x-www-form-urlencoded"],
    [api, "text/plain"],
  ] as const) {
    const form = await page.context().newPage();
    await form.goto(`${provider.issuer}/keys`);
    const answer = form.waitForResponse(action);
    await form.evaluate(
      ([url, enctype]) => {
        const element = document.createElement("form");
        Object.assign(element, { method: "POST", action: url, enctype });
        document.body.append(element);
        element.submit();
      },
      [action, type] as const,
    );
    expect([403, 415]).toContain((await answer).status());
  }
  await page.reload();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  await page.getByRole("heading", { name: "Rooms", level: 1 }).waitFor();
  expect(await page.getByText("By Mallory").count()).toBe(0);
});
