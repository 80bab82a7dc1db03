import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { House, saved, shoot } from "./house";
import { tell } from "./webhook";

let house: House;

beforeAll(async () => {
  house = await House.open();
});
afterEach(() => house.tidy());
afterAll(() => house.close());

it("lists events, shows one with its body and applies it once more", async () => {
  const admin = await house.page("admin");
  const made = admin.waitForResponse((response) => response.url().endsWith("/CreateRoom"));
  await admin.getByRole("button", { name: "New room" }).click();
  await admin.getByLabel("Name", { exact: true }).fill("Told about");
  await admin.getByRole("button", { name: "Create room" }).click();
  const { room } = (await (await made).json()) as { room: { id: string } };
  await tell(house.program, { event: "room_started", room: { name: room.id, sid: "RM_ours" } });
  for (let n = 1; n <= 50; n++)
    await tell(house.program, { event: "room_finished", room: { name: "another's", sid: `RM_${n}` } });

  await admin.getByRole("link", { name: "Events" }).click();
  const rows = admin.getByRole("list", { name: "Events" }).getByRole("listitem");
  await expect.poll(() => rows.count()).toBe(50);
  await shoot(admin, "events");
  await admin.getByRole("button", { name: "More events" }).click();
  await admin.getByText("RM_ours").waitFor();
  const show = admin.getByLabel("Show");
  await saved(admin, "ListEvents", () => show.selectOption({ label: "Not applied" }));
  await admin.getByText("No events here").waitFor();
  await show.selectOption({ label: "Applied" });
  await rows.filter({ hasText: "RM_ours" }).getByRole("link", { name: "room_started" }).click();

  await admin.getByRole("heading", { name: "room_started", level: 1 }).waitFor();
  await admin.getByRole("region", { name: "Facts" }).getByRole("link", { name: room.id }).waitFor();
  expect(await admin.getByLabel("JSON").textContent()).toContain('"sid": "RM_ours"');
  await shoot(admin, "event");
  await admin.getByRole("button", { name: "Apply once more" }).click();
  await admin.getByText("It was applied once more").waitFor();
  await admin.getByRole("link", { name: "the replay" }).click();
  await admin.getByText("Replayed", { exact: true }).waitFor();
  await admin.getByRole("link", { name: "All events" }).click();
  await admin.getByRole("heading", { name: "Events", level: 1 }).waitFor();
});

it("shows why an event failed, and that an old one has no body", async () => {
  const admin = await house.page("admin");
  const id = "01890000-0000-7000-8000-000000000000";
  const failed = {
    id,
    type: "participant_joined",
    outcome: "EVENT_OUTCOME_DEAD",
    error: "write the account: poisoned",
    attempts: 26,
    body: "{}",
  };
  const answer = (event: object) =>
    admin.route("**/GetEvent", (route) => route.fulfill({ json: { event } }), { times: 1 });
  await answer(failed);
  await admin.goto(`${house.program.url}/events/${id}`);
  await admin.getByRole("alert").getByText("write the account: poisoned").waitFor();
  await admin.getByText("Dead").waitFor();
  await shoot(admin, "event-dead");
  await admin.getByRole("button", { name: "Apply once more" }).click();
  await admin.getByRole("alert").getByText("There is no such event").waitFor();

  await answer({ ...failed, body: "", error: "" });
  await admin.reload();
  await admin.getByText("It was removed because it was old").waitFor();
  expect(await admin.getByRole("button", { name: "Apply once more" }).count()).toBe(0);
});

it("is for operators", async () => {
  const user = await house.page("user", "/events");
  await user.getByRole("alert").getByText("Only an operator").waitFor();
  expect(await user.getByRole("link", { name: "Events" }).count()).toBe(0);
});
