import { ErrorInfoSchema } from "@anteroom/client/google/rpc/error_details";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, it } from "vitest";
import { isEnd, problemOf, returnOf, signInAddress } from "./signIn";

it("says in words why a sign-in failed", () => {
  expect(problemOf("")).toBeUndefined();
  expect(problemOf("?problem=denied")).toMatch(/did not let you in/);
  expect(problemOf("?problem=late")).toMatch(/too long/);
  expect(problemOf("?problem=constructor")).toMatch(/refused/);
});

it("keeps where one was", () => {
  expect(signInAddress("/r/weekly?a=1&b=2")).toBe("/auth/sign-in?return=%2Fr%2Fweekly%3Fa%3D1%26b%3D2");
  expect(returnOf("?problem=late&return=%2Fr%2Fweekly")).toBe("/r/weekly");
  expect(returnOf("")).toBe("/");
});

it.each([
  [Code.Unauthenticated, "sign_in_ended", true],
  [Code.Unauthenticated, "sign_in_required", true],
  [Code.Unauthenticated, "sign_in_refused", false],
  [Code.PermissionDenied, "operator_required", false],
])("tells an end by %s %s", (code, reason, end) => {
  const detail = { desc: ErrorInfoSchema, value: { domain: "anteroom", reason } };
  expect(isEnd(new ConnectError("no", code, undefined, [detail]))).toBe(end);
});
