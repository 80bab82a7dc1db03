import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { bundle, pageWithApi } from "./bundle";
import { callerToken } from "./caller";
import { createRoom, House, joinCall, shoot } from "./house";

let house: House;

beforeAll(async () => {
  house = await House.open();
});
afterEach(() => house.tidy());
afterAll(() => house.close());

// What a page shows by itself, which takes a second and not fifteen.
const soon = { timeout: 3_000 };

// Until internal/meeting publishes what internal/meeting/tell.go says.
it("shows who comes and goes, without a reload", async () => {
  const ada = await house.page("admin");
  await createRoom(ada, "Open door", "Public");
  const room = new URL(ada.url()).pathname;
  const list = await house.page("admin");
  const card = list.getByRole("listitem").filter({ hasText: "Open door" });
  await card.waitFor();

  const zoe = await house.page("guest", room);
  await joinCall(zoe, "Zoë Guest");
  const now = ada.getByRole("list", { name: "People in the room" });
  await now.getByText("Zoë Guest").waitFor(soon);
  await ada.getByText("1 person in").waitFor(soon);
  await card.getByText("1 person in").waitFor(soon);
  await shoot(ada, "room-live");

  const telephone = await pageWithApi(house, await bundle());
  const id = await roomId(house, room);
  const token = callerToken(house.program, id, "+33612345678");
  await telephone.evaluate(([url, t]) => window.api.enter(url, t), [
    house.program.livekit.url,
    token,
  ] as const);
  const caller = now.getByRole("listitem").filter({ hasText: "Phone +3•••678" });
  await caller.getByText("By telephone").waitFor(soon);
  await card.getByText("2 people in").waitFor(soon);
  expect(await ada.content()).not.toContain("612345678");

  await zoe.getByRole("button", { name: "Leave" }).click();
  await now.getByText("Zoë Guest").waitFor({ state: "detached", ...soon });
  await card.getByText("1 person in").waitFor(soon);
});

it("follows a new name in the list, with one stream for the page", async () => {
  const ada = await house.page("admin");
  await createRoom(ada, "Before");
  const list = await house.page("admin");
  const streams: string[] = [];
  list.on("request", (request) => {
    if (request.url().endsWith("/Watch")) streams.push(request.url());
  });
  await list.reload();
  await list.getByText("Before", { exact: true }).waitFor();
  await ada.getByRole("button", { name: "Rename" }).click();
  await ada.getByLabel("Name", { exact: true }).fill("Afterwards");
  await ada.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
  await list.getByText("Afterwards", { exact: true }).waitFor(soon);
  expect(streams).toHaveLength(1);
});

async function roomId(at: House, path: string): Promise<string> {
  const slug = path.slice(path.lastIndexOf("/") + 1);
  const answer = await fetch(`${at.program.url}/anteroom.v1.RoomService/GetRoom`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${at.program.adminToken}` },
    body: JSON.stringify({ room: slug }),
  });
  const { room } = (await answer.json()) as { room: { id: string } };
  return room.id;
}
