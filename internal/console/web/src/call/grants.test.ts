import { expect, it } from "vitest";
import { publishable } from "./grants";

function token(video: object): string {
  const payload = Buffer.from(JSON.stringify({ name: "Zoë ☎", video })).toString("base64url");
  return `header.${payload}.signature`;
}

it("lets a host publish everything", () => {
  expect([...publishable(token({ canPublish: true }))]).toEqual(["camera", "microphone", "screen_share"]);
});

it("keeps to the sources that the token names", () => {
  const named = token({ canPublish: true, canPublishSources: ["microphone", "screen_share_audio"] });
  expect([...publishable(named)]).toEqual(["microphone"]);
});

it.each([token({ canPublish: false }), token({}), "", "no token", "a.%%%.c"])(
  "lets %s publish nothing",
  (text) => {
    expect(publishable(text).size).toBe(0);
  },
);
