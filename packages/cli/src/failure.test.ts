import { expect, test } from "vitest";
import { EXIT, Failure, inputWrong, isServiceError, toFailure } from "./failure.ts";

class ServiceError extends Error {
  override readonly name = "ServiceError";
  readonly code = "InvalidStructureException";
}

test("a failure stays what it is", () => {
  const failure = inputWrong("no such file", "name another");
  expect(toFailure(failure)).toBe(failure);
});

test("a service's refusal of a declaration is wrong input, in the service's words", () => {
  const failure = toFailure(new ServiceError("Pipeline has only 1 stage(s)."));
  expect(failure.exitCode).toBe(EXIT.inputWrong);
  expect(failure.message).toBe("InvalidStructureException: Pipeline has only 1 stage(s).");
});

test("a system error is told with a remedy, and its cause is kept", () => {
  const error = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  const failure = toFailure(error);
  expect(failure.exitCode).toBe(EXIT.surroundings);
  expect(failure.remedy).toContain("disk space");
  expect(failure.cause).toBe(error);
});

test("whatever else is thrown becomes a failure of Penstock, even when it is no error", () => {
  expect(toFailure("boom")).toBeInstanceOf(Failure);
  expect(toFailure(undefined).exitCode).toBe(EXIT.surroundings);
});

test("an error with a system's code is no service error", () => {
  expect(isServiceError(Object.assign(new Error("x"), { code: "EACCES" }))).toBe(false);
});
