import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";

it("is the example that the client's README shows", async () => {
  const example = await readFile(path.join(import.meta.dirname, "create-room.ts"), "utf8");
  const readme = await readFile(path.resolve(import.meta.dirname, "../../../../gen/ts/README.md"), "utf8");
  expect(readme).toContain("```ts\n" + example + "```");
});
