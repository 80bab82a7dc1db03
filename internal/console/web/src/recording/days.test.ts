import { expect, it } from "vitest";
import { dayOf, endOfDay, tomorrow } from "./days";

it("reads back the day that it ends", () => {
  for (const day of ["2026-01-01", "2026-02-28", "2026-12-31"]) expect(dayOf(endOfDay(day))).toBe(day);
  expect(endOfDay("2026-03-01").getTime() - endOfDay("2026-02-28").getTime()).toBe(86_400_000);
});

it("has tomorrow after today", () => {
  expect(tomorrow() > dayOf(new Date())).toBe(true);
});
