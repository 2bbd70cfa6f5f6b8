import { expect, test } from "vitest";
import { checkEnvironment, rootKeys } from "./environment.ts";

test("known variables and those of others are fine", () => {
  expect(() => checkEnvironment({ PENSTOCK_PORT: "4567", AWS_REGION: "eu-west-1", PENSTOCKS: "1" })).not.toThrow();
});

test("a misspelt variable is refused with the near one", () => {
  expect(() => checkEnvironment({ PENSTOCK_PROT: "4567" })).toThrowError(
    expect.objectContaining({ exitCode: 2, remedy: expect.stringContaining("PENSTOCK_PORT") }),
  );
});

test("root keys come in pairs, and half a pair is refused without showing it", () => {
  expect(rootKeys({})).toBeUndefined();
  expect(rootKeys({ PENSTOCK_ROOT_ACCESS_KEY_ID: "A", PENSTOCK_ROOT_SECRET_ACCESS_KEY: "hunter2" })).toEqual({
    accessKeyId: "A",
    secretAccessKey: "hunter2",
  });
  expect(() => rootKeys({ PENSTOCK_ROOT_SECRET_ACCESS_KEY: "hunter2" })).toThrowError(/only one of/);
  expect(() => rootKeys({ PENSTOCK_ROOT_SECRET_ACCESS_KEY: "hunter2" })).not.toThrowError(/hunter2/);
});
