import { expect, test } from "vitest";
import { PermissionError } from "./failure.ts";
import { failureText, failureTypeOf } from "./failure-of.ts";

/** An error inside so many others. */
const inside = (error: unknown, depth: number): unknown =>
  depth === 0 ? error : inside(new Error("outer", { cause: error }), depth - 1);

test.each([
  [
    "throttled, although with a status that says denied",
    { name: "ThrottlingException", statusCode: 403 },
    "SystemUnavailable",
  ],
  ["throttled by status alone", { status: 429 }, "SystemUnavailable"],
  ["throttled, by a prefix", { code: "EC2ThrottledException" }, "SystemUnavailable"],
  ["denied, by the name of its shape", { __type: "com.amazonaws.sts#ExpiredTokenException" }, "PermissionError"],
  ["denied, by its code", { Code: "SignatureDoesNotMatch" }, "PermissionError"],
  ["down, by status alone", { $metadata: { httpStatusCode: 500 } }, "SystemUnavailable"],
  ["cut off", { code: "ECONNRESET" }, "SystemUnavailable"],
  ["a file that is missing", { code: "ENOENT" }, "JobFailed"],
  ["a status that is none", { status: "rejected" }, "JobFailed"],
  ["a failure of another copy of the library", { type: "RevisionOutOfSync" }, "RevisionOutOfSync"],
  ["a type of something else", { type: "system" }, "JobFailed"],
  ["a failure at the eighth level", inside(new PermissionError("no"), 7), "PermissionError"],
  ["one below it", inside(new PermissionError("no"), 8), "JobFailed"],
  ["nothing", undefined, "JobFailed"],
])("%s is told by its type", (_, error, type) => {
  expect(failureTypeOf(error)).toBe(type);
});

test.each([
  [new Error("no"), "no"],
  [new TypeError("no"), "TypeError: no"],
  [new PermissionError("no"), "no"],
  [{ name: "AccessDenied", message: "AccessDenied: no" }, "AccessDenied: no"],
  ["plain words", "plain words"],
  ["", "An empty text was thrown without a message."],
  [null, "null was thrown without a message."],
  [Symbol("s"), "Symbol(s) was thrown without a message."],
  [{}, "An object was thrown without a message."],
])("%s says so", (error, text) => {
  expect(failureText(error)).toBe(text);
});
