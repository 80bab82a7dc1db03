import { create } from "@bufbuild/protobuf";
import { EventOrigin, EventOutcome, EventSchema } from "@anteroom/client/webhook";
import { expect, it } from "vitest";
import { isTrouble, originName, outcomeChoices, outcomeName, readable, whenText } from "./words";

function numbers<T extends number>(of: Record<string, string | number>): T[] {
  return Object.values(of).filter((value): value is T => typeof value === "number");
}

it("has a word for every outcome and every origin", () => {
  expect(numbers<EventOutcome>(EventOutcome).map(outcomeName).every(Boolean)).toBe(true);
  expect(numbers<EventOrigin>(EventOrigin).map(originName).every(Boolean)).toBe(true);
});

it("can list each outcome alone", () => {
  const alone = outcomeChoices.flatMap(({ value }) => (value.length === 1 ? value : []));
  expect(alone.sort()).toEqual(numbers<EventOutcome>(EventOutcome).filter(Boolean).sort());
});

it("tells what needs somebody to look", () => {
  const trouble = numbers<EventOutcome>(EventOutcome).filter((outcome) =>
    isTrouble(create(EventSchema, { outcome })),
  );
  expect(trouble).toEqual([EventOutcome.FAILED, EventOutcome.DEAD]);
});

it("writes bodies for reading", () => {
  expect(readable('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}');
  expect(readable("not JSON")).toBe("not JSON");
});

it("says nothing of a time that is not known", () => {
  expect(whenText(undefined)).toBe("");
});
