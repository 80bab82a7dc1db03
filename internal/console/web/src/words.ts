import { AccessLevel, Role } from "@anteroom/client/room";
import type { DialInNumber } from "@anteroom/client/sip";

/** Choice is one option of a list with what it means. */
export interface Choice<T> {
  value: T;
  label: string;
  hint: string;
}

/** The access levels, the most open one last. */
export const accessLevels: Choice<AccessLevel>[] = [
  { value: AccessLevel.RESTRICTED, label: "Restricted", hint: "Only people with an access" },
  { value: AccessLevel.TRUSTED, label: "Trusted", hint: "Everybody who is signed in" },
  { value: AccessLevel.PUBLIC, label: "Public", hint: "Everybody who knows the link" },
];

/** The roles that an access can give. */
export const grantableRoles: Choice<Role>[] = [
  { value: Role.MEMBER, label: "Member", hint: "Enters always and takes part" },
  { value: Role.ADMIN, label: "Admin", hint: "Also changes the room and its accesses" },
  { value: Role.OWNER, label: "Owner", hint: "Also deletes the room and makes owners" },
];

const roleNames: Record<Role, string> = {
  [Role.UNSPECIFIED]: "No access",
  [Role.OWNER]: "Owner",
  [Role.ADMIN]: "Admin",
  [Role.MEMBER]: "Member",
  [Role.GUEST]: "Guest",
  [Role.VIEWER]: "Viewer",
};

/** roleName is the word for a role. */
export function roleName(role: Role): string {
  return roleNames[role];
}

/** accessLevelChoice is an access level with its words. */
export function accessLevelChoice(level: AccessLevel): Choice<AccessLevel> | undefined {
  return accessLevels.find((choice) => choice.value === level);
}

/** mayAdminister tells whether the role changes a room. */
export function mayAdminister(role: Role): boolean {
  return role === Role.OWNER || role === Role.ADMIN;
}

/** peopleIn says how many people are there. */
export function peopleIn(people: number): string {
  return people === 1 ? "1 person in" : `${people} people in`;
}

/** numberLabel is what to show beside a telephone number. */
export function numberLabel(number: DialInNumber): string {
  return [number.label, countryName(number.country), number.tollFree ? "toll-free" : ""]
    .filter(Boolean)
    .join(", ");
}

/** groupNumber puts spaces into an E.164 number, for reading: +33 123 456 789. */
export function groupNumber(number: string): string {
  const match = /^\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})(\d+)$/.exec(number);
  if (!match) return number;
  const [, country = "", rest = ""] = match;
  return `+${country} ${groups(rest).join(" ")}`;
}

/**
 * maskNumbers hides the middle of each telephone number in a name, since a
 * caller's name is often nothing but the number.
 */
export function maskNumbers(name: string): string {
  return name.replace(/(\+?\d)\d{3,}(\d{3})/g, "$1•••$2");
}

// Threes, the last group of two to four digits.
function groups(digits: string): string[] {
  const found = digits.match(/\d{3}(?=\d{2})|\d+/g);
  return found ?? [digits];
}

function countryName(code: string): string {
  if (!/^[A-Z]{2}$/.test(code)) return "";
  return new Intl.DisplayNames(["en"], { type: "region" }).of(code) ?? code;
}
