import { expect, it } from "vitest";
import { takeToken } from "./token";

it("takes the token out of the fragment and cleans the address", () => {
  expect(takeToken("http://localhost:7000/r/weekly?a=1#token=a.b-c_d")).toEqual({
    token: "a.b-c_d",
    address: "http://localhost:7000/r/weekly?a=1",
  });
});

it("leaves the rest of the fragment", () => {
  expect(takeToken("http://localhost/#token=x&tab=2").address).toBe("http://localhost/#tab=2");
});

it.each([
  "http://localhost/",
  "http://localhost/#token=",
  "http://localhost/?token=x",
  "http://localhost/#top",
])("finds no token in %s", (address) => {
  expect(takeToken(address)).toEqual({ token: undefined, address });
});
