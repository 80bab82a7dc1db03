import { create } from "@bufbuild/protobuf";
import { Role } from "@anteroom/client/room";
import { DialInNumberSchema } from "@anteroom/client/sip";
import { expect, it } from "vitest";
import { initials } from "./initials";
import { groupNumber, maskNumbers, mayAdminister, numberLabel, peopleIn, roleName } from "./words";

it.each([
  ["+33123456789", "+33 123 456 789"],
  ["+15551234567", "+1 555 123 4567"],
  ["+4930123456", "+49 301 234 56"],
  ["+352123456", "+352 123 456"],
  ["1234", "1234"],
])("groups %s", (number, grouped) => {
  expect(groupNumber(number)).toBe(grouped);
  expect(grouped.replaceAll(" ", "")).toBe(number);
});

it.each([
  ["Phone +15557777123", "Phone +1•••123"],
  ["sip_+33612345678", "sip_+3•••678"],
  ["Room 42", "Room 42"],
  ["Ada", "Ada"],
])("masks %s", (name, masked) => {
  expect(maskNumbers(name)).toBe(masked);
});

it("puts a number's place beside it", () => {
  const number = create(DialInNumberSchema, {
    number: "+331",
    country: "FR",
    label: "Paris",
    tollFree: true,
  });
  expect(numberLabel(number)).toBe("Paris, France, toll-free");
  expect(numberLabel(create(DialInNumberSchema, { number: "+331" }))).toBe("");
});

it("has a word for every role, and lets owners and admins change a room", () => {
  const roles = Object.values(Role).filter((role): role is Role => typeof role === "number");
  expect(roles.map(roleName).every(Boolean)).toBe(true);
  expect(roles.filter(mayAdminister)).toEqual([Role.OWNER, Role.ADMIN]);
});

it("counts people", () => {
  expect([0, 1, 2].map(peopleIn)).toEqual(["0 people in", "1 person in", "2 people in"]);
});

it("takes initials of names in any script", () => {
  expect(["Ada Lovelace", "ada", "", "Élodie de la Tour", "𝒜 ☎"].map(initials)).toEqual([
    "AL",
    "A",
    "",
    "ÉT",
    "𝒜☎",
  ]);
});
