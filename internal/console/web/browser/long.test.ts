import { afterAll, afterEach, beforeAll, it } from "vitest";
import { House, shoot } from "./house";
import { recorded } from "./recorded";

let house: House;

beforeAll(async () => {
  house = await House.openWithRecorder();
});
afterEach(() => house.tidy());
afterAll(() => house.close());

it("breaks a word that is wider than the page", async () => {
  const ada = await house.page("admin");
  await recorded(ada, "Donaudampfschifffahrt".repeat(8));
  await shoot(ada, "long-recording");
  await ada
    .getByRole("link", { name: /^Donaudampf/ })
    .first()
    .click();
  await ada.getByRole("list", { name: "Recordings of this room" }).waitFor();
  await shoot(ada, "long-room");
});
