import { expect, test } from "vitest";
import { accountsOf, checkEnvironment, rootKeys } from "./environment.ts";

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

test("accounts come from the file, and over it from the environment", () => {
  const declared = { "111111111111": { accessKeyId: "A", secretAccessKey: "a" } };
  expect(accountsOf(undefined, {})).toEqual({});
  expect(accountsOf(declared, {})).toEqual(declared);
  expect(accountsOf(declared, { PENSTOCK_ACCOUNTS: " 111111111111=B:b/:=\n222222222222=C:c " })).toEqual({
    "111111111111": { accessKeyId: "B", secretAccessKey: "b/:=" },
    "222222222222": { accessKeyId: "C", secretAccessKey: "c" },
  });
});

test("an entry that is no account is refused by its number, without showing it", () => {
  for (const entry of ["hunter2", "1234=A:hunter2", "123456789012=A", "123456789012=:hunter2"]) {
    const environment = { PENSTOCK_ACCOUNTS: `111111111111=A:a ${entry}` };
    expect(() => accountsOf(undefined, environment)).toThrowError(/^entry 2 of PENSTOCK_ACCOUNTS/);
    expect(() => accountsOf(undefined, environment)).not.toThrowError(/hunter2/);
  }
});
