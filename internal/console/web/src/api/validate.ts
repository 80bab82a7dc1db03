import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import type { Violation } from "@bufbuild/protovalidate";

/**
 * checkRequest refuses a request that breaks the rules written in the protos
 * before it is sent; the server checks the same rules. The rules' engine is
 * loaded when the first request with anything in it is made.
 */
export const checkRequest: Interceptor = (next) => async (request) => {
  if (!request.stream && request.method.input.fields.length > 0) {
    const result = (await validator()).validate(request.method.input, request.message);
    if (result.kind === "invalid") throw invalid(result.violations);
  }
  return next(request);
};

let loading: ReturnType<typeof load> | undefined;

function validator() {
  return (loading ??= load());
}

async function load() {
  const { createValidator } = await import("@bufbuild/protovalidate");
  return createValidator();
}

function invalid(violations: Violation[]): ConnectError {
  return new ConnectError(violations.map(sentence).join("; "), Code.InvalidArgument);
}

function sentence(violation: Violation): string {
  const field = violation.field.find((part) => part.kind === "field")?.name ?? "request";
  return `${field.replaceAll("_", " ")}: ${violation.message}`;
}
