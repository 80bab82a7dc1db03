import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { createRoom, House, joinCall, saved, shoot } from "./house";
import { expectMovingVideo } from "./video";

let house: House;

beforeAll(async () => {
  house = await House.open();
});
afterEach(() => house.tidy());
afterAll(() => house.close());

it("refuses an outsider at a restricted room, and shows them neither PIN nor people", async () => {
  const admin = await house.page("admin");
  await createRoom(admin, "Board");
  const path = new URL(admin.url()).pathname;
  for (const who of ["user", "guest"] as const) {
    const outsider = await house.page(who, path);
    await outsider.getByText("You may not enter this room").waitFor();
    await outsider.getByRole("region", { name: "Link" }).waitFor();
    expect(await outsider.getByRole("link", { name: "Join" }).count()).toBe(0);
    expect(await outsider.getByLabel("PIN", { exact: true }).count()).toBe(0);
    expect(await outsider.getByText("admin@example.org").count()).toBe(0);
    await outsider.goto(`${house.program.url}${path}/join`);
    await outsider.getByRole("alert").getByText("You may not enter this room").waitFor();
    if (who === "user") await shoot(outsider, "refused");
  }
});

it("puts the server's refusal in words when the door closes before somebody joins", async () => {
  const admin = await house.page("admin");
  await createRoom(admin, "Open house", "Public");
  const guest = await house.page("guest", `${new URL(admin.url()).pathname}/join`);
  await guest.getByLabel("Your name").fill("Gil");
  await guest.getByLabel("Your camera").waitFor();
  await shoot(guest, "door");
  const level = admin.getByRole("region", { name: "Settings" }).getByLabel("Who may enter");
  await saved(admin, "UpdateRoom", () => level.selectOption({ label: "Restricted" }));
  await guest.getByRole("button", { name: "Join the call" }).click();
  await guest.getByRole("alert").getByText("You may not enter this room").waitFor();
});

it("says that a room is full", async () => {
  const admin = await house.page("admin");
  await createRoom(admin, "Small", "Public");
  const most = admin.getByLabel("People at most");
  await most.fill("1");
  await saved(admin, "UpdateRoom", () => most.press("Enter"));
  const path = new URL(admin.url()).pathname;
  await joinCall(admin);
  await admin.getByRole("button", { name: "People: 1" }).waitFor();
  const guest = await house.page("guest", path);
  await expect
    .poll(async () => {
      await guest.reload();
      await guest.getByRole("heading", { name: "Small" }).waitFor();
      return guest.getByText("1 person in").isVisible();
    })
    .toBe(true);
  await guest.getByRole("link", { name: "Join" }).click();
  await guest.getByLabel("Your name").fill("Gil");
  await guest.getByRole("button", { name: "Join the call" }).click();
  await guest.getByRole("alert").getByText("The room is full").waitFor();
});

it("lets viewers watch, without controls but leaving", async () => {
  const admin = await house.page("admin");
  await createRoom(admin, "Lecture", "Public");
  const listen = admin.getByLabel("People without an access only watch and listen");
  await saved(admin, "UpdateRoom", () => listen.check());
  const path = new URL(admin.url()).pathname;
  await joinCall(admin);
  const viewer = await house.page("guest", `${path}/join`);
  await viewer.getByText("You watch and listen in this room").waitFor();
  await viewer.getByLabel("Your name").fill("Vera");
  await viewer.getByRole("button", { name: "Join the call" }).click();
  const controls = viewer.getByRole("toolbar", { name: "Call controls" });
  await viewer.getByRole("button", { name: "People: 2" }).waitFor();
  await expectMovingVideo(viewer);
  expect(await controls.getByRole("button").allTextContents()).toEqual(["Leave"]);
});

it("lets somebody join whose browser gives neither camera nor microphone", async () => {
  const admin = await house.page("admin");
  await createRoom(admin, "No devices");
  await admin.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
  });
  await admin.goto(`${admin.url()}/join`);
  await admin.getByText("Your browser blocks the camera").waitFor();
  await admin.getByText("Your browser blocks the microphone").waitFor();
  await shoot(admin, "door-blocked");
  await admin.getByRole("button", { name: "Join the call" }).click();
  await admin.getByRole("button", { name: "People: 1" }).waitFor();
});

it("asks once more, with the ticket, when the media server does not let somebody in", async () => {
  const admin = await house.page("admin");
  await createRoom(admin, "Second try");
  const tickets: string[] = [];
  await admin.route("**/anteroom.v1.RoomService/JoinRoom", async (route) => {
    const request = route.request().postDataJSON() as { ticket?: string };
    tickets.push(request.ticket ?? "");
    const response = await route.fetch();
    const body = (await response.json()) as { pass: { token: string } };
    if (tickets.length === 1) body.pass.token = "broken";
    await route.fulfill({ response, json: body });
  });
  await joinCall(admin);
  await admin.getByRole("button", { name: "People: 1" }).waitFor();
  expect(tickets).toHaveLength(2);
  expect(tickets[1]).not.toBe("");
});
