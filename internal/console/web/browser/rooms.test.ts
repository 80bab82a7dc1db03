import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { createRoom, House, saved, shoot } from "./house";

let house: House;

beforeAll(async () => {
  house = await House.open();
});
afterEach(() => house.tidy());
afterAll(() => house.close());

it("tells a guest how to sign in, and takes the token out of the address", async () => {
  const guest = await house.page("guest");
  await guest.getByRole("heading", { name: "Sign in" }).waitFor();
  await shoot(guest, "sign-in");
  const user = await house.page("user");
  await user.getByText("Uma User").waitFor();
  expect(user.url()).toBe(`${house.program.url}/`);
  await user.getByText("No rooms yet").waitFor();
  await shoot(user, "no-rooms");
  await user.getByRole("button", { name: "Sign out" }).click();
  await user.getByRole("heading", { name: "Sign in" }).waitFor();
});

it("says in words that a token is not valid", async () => {
  const guest = await house.page("guest", "/#token=not-a-token");
  await guest.getByRole("alert").getByText("no longer valid").waitFor();
  expect(await guest.evaluate(() => sessionStorage.length)).toBe(0);
});

it("shows link, numbers and PIN of a room, and copies them", async () => {
  const admin = await house.page("admin");
  await createRoom(admin, "Bücher & Café");
  const telephone = admin.getByRole("region", { name: "By telephone" });
  const shown = await telephone.getByLabel("PIN", { exact: true }).textContent();
  expect(shown).toMatch(/^\d[\d ]{8,18}\d$/);
  await telephone.getByRole("button", { name: "Copy the PIN" }).click();
  await telephone.getByText("Copied").waitFor();
  const clipboard = () => admin.evaluate(() => navigator.clipboard.readText());
  expect(await clipboard()).toBe(shown?.replaceAll(" ", ""));
  await admin.getByRole("button", { name: "Copy the link" }).click();
  await expect.poll(clipboard).toBe(admin.url());
  const call = telephone.getByRole("link", { name: "Call from this device" });
  expect(await call.getAttribute("href")).toMatch(/^tel:\+\d+/);
  await shoot(admin, "room");

  await telephone.getByRole("button", { name: "New PIN" }).click();
  await admin.getByRole("dialog").getByRole("button", { name: "New PIN" }).click();
  await expect.poll(() => telephone.getByLabel("PIN", { exact: true }).textContent()).not.toBe(shown);
});

it("changes a room, its people, and deletes it", async () => {
  const admin = await house.page("admin");
  await createRoom(admin, "Draft");
  await admin.getByRole("button", { name: "Rename" }).click();
  await admin.getByLabel("Name", { exact: true }).fill("Board");
  await admin.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
  await admin.getByRole("heading", { name: "Board", level: 1 }).waitFor();

  const settings = admin.getByRole("region", { name: "Settings" });
  const most = settings.getByLabel("People at most");
  await saved(admin, "UpdateRoom", () =>
    settings.getByLabel("Who may enter").selectOption({ label: "Trusted" }),
  );
  await most.fill("12");
  await saved(admin, "UpdateRoom", () => most.press("Enter"));
  await settings.getByLabel("People may dial in by telephone").uncheck();
  await admin.getByRole("region", { name: "By telephone" }).waitFor({ state: "detached" });

  const people = admin.getByRole("region", { name: "People with access" });
  await people.getByLabel("E-mail address").fill("someone@example.org");
  await people.getByRole("button", { name: "Give access" }).click();
  const role = people.getByLabel("Role of someone@example.org");
  await saved(admin, "ListAccesses", () => role.selectOption({ label: "Admin" }));
  await people.getByLabel("E-mail address").fill("someone@example.org");
  await people.getByRole("button", { name: "Give access" }).click();
  await people.getByRole("alert").getByText("has access already").waitFor();
  await people.getByLabel("Role of admin@example.org").selectOption({ label: "Member" });
  await people.getByRole("alert").getByText("at least one owner").waitFor();
  await shoot(admin, "room-admin");

  await admin.reload();
  expect(await most.inputValue()).toBe("12");
  expect(await settings.getByLabel("People may dial in by telephone").isChecked()).toBe(false);
  expect(await role.locator("option:checked").textContent()).toBe("Admin");
  await people.getByRole("button", { name: "Take away the access of someone@example.org" }).click();
  await role.waitFor({ state: "detached" });

  await admin.getByRole("button", { name: "Delete this room" }).click();
  await shoot(admin, "room-delete");
  await admin.getByRole("button", { name: "Delete room" }).click();
  await admin.getByRole("heading", { name: "Rooms", level: 1 }).waitFor();
  expect(await admin.getByText("Board").count()).toBe(0);
});

it("lists rooms page by page", async () => {
  const admin = await house.page("admin");
  for (let number = 1; number <= 21; number++) {
    await createRoom(admin, `Room ${number}`);
    await admin.getByRole("link", { name: "Rooms" }).click();
  }
  const cards = admin.getByRole("list", { name: "Rooms" }).getByRole("listitem");
  await expect.poll(() => cards.count()).toBe(20);
  await shoot(admin, "rooms");
  await admin.getByRole("button", { name: "More rooms" }).click();
  await admin.getByText("Room 1", { exact: true }).waitFor();
  expect(await cards.count()).toBeGreaterThan(20);
});

it("says that a page or a room is not there", async () => {
  const guest = await house.page("guest", "/nothing/here");
  await guest.getByRole("heading", { name: "No such page" }).waitFor();
  await guest.goto(`${house.program.url}/r/no-such-room`);
  await guest.getByRole("alert").getByText("There is no such room").waitFor();
  await shoot(guest, "no-such-room");
});
