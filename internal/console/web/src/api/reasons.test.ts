import { ErrorInfoSchema } from "@anteroom/client/google/rpc/error_details";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, it } from "vitest";
import { explain, reasonOf } from "./reasons";

function refusal(code: Code, reason: string, message: string): ConnectError {
  return new ConnectError(message, code, undefined, [
    { desc: ErrorInfoSchema, value: { domain: "anteroom", reason } },
  ]);
}

it("tells the reason that the server gave", () => {
  expect(reasonOf(refusal(Code.PermissionDenied, "room_entry_denied", "no"))).toBe("room_entry_denied");
  expect(reasonOf(new Error("plain"))).toBeUndefined();
});

it("has a sentence of its own for a known reason", () => {
  expect(explain(refusal(Code.ResourceExhausted, "room_full", "full"))).toMatch(/room is full/);
});

it("falls back to the server's message, as a sentence", () => {
  expect(explain(refusal(Code.Internal, "brand_new", "the moon is away"))).toBe("The moon is away.");
  expect(explain(refusal(Code.Internal, "constructor", "odd"))).toBe("Odd.");
});

it("says so when there is no connection", () => {
  expect(explain(ConnectError.from(new TypeError("Failed to fetch")))).toMatch(/cannot be reached/);
});
