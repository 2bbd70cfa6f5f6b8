import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createMasterKey, MasterKeyError, openMasterKey } from "./master-key.ts";

const HEX = "0a".repeat(32);
let parent: string;
let dataDir: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "penstock-key-"));
  dataDir = join(parent, "data");
});
afterEach(() => rmSync(parent, { recursive: true }));

test("the first use makes a key beside the data that only its owner may read, and the next one finds it", () => {
  const first = openMasterKey({ dataDir, env: {} });
  expect(statSync(`${dataDir}.key`).mode & 0o777).toBe(0o600);
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  expect(readdirSync(parent).sort()).toEqual(["data", "data.key"]);
  expect(readdirSync(dataDir)).toEqual(["master-key.check"]);
  expect(openMasterKey({ dataDir, env: {} }).derive("kms")).toEqual(first.derive("kms"));
});

test("every purpose has a key of its own, the same every time, and the data does not hold the master key", () => {
  const key = createMasterKey(Buffer.from(HEX, "hex"));
  const derived = (["sessions", "session-secrets", "objects", "kms", "check"] as const).map((purpose) =>
    key.derive(purpose).toString("hex"),
  );
  expect(new Set([HEX, ...derived]).size).toBe(6);
  expect(createMasterKey(Buffer.from(HEX, "hex")).derive("objects").toString("hex")).toBe(derived[2]);
  openMasterKey({ dataDir, env: { PENSTOCK_MASTER_KEY: HEX } });
  const check = readFileSync(join(dataDir, "master-key.check"), "utf8");
  expect([HEX, ...derived]).not.toContain(check.trim());
});

test("the environment goes before the file, as hexadecimal or base64, and makes none", () => {
  const hex = openMasterKey({ dataDir, env: { PENSTOCK_MASTER_KEY: HEX } });
  const base64 = openMasterKey({ dataDir, env: { PENSTOCK_MASTER_KEY: Buffer.from(HEX, "hex").toString("base64") } });
  expect(base64.derive("kms")).toEqual(hex.derive("kms"));
  expect(existsSync(`${dataDir}.key`)).toBe(false);
});

test("a key of the wrong length is refused without being shown", () => {
  const open = () => openMasterKey({ dataDir, env: { PENSTOCK_MASTER_KEY: "c2VjcmV0" } });
  expect(open).toThrow(MasterKeyError);
  expect(open).toThrow("PENSTOCK_MASTER_KEY does not hold a master key: it must be 32 bytes as base64 or hexadecimal.");
  expect(open).not.toThrow("c2VjcmV0");
  writeFileSync(`${dataDir}.key`, "", { mode: 0o600 });
  expect(() => openMasterKey({ dataDir, env: {} })).toThrow(`${dataDir}.key does not hold a master key`);
});

test("a key file that others may use is refused", () => {
  openMasterKey({ dataDir, env: {} });
  for (const mode of [0o640, 0o604, 0o620, 0o601]) {
    chmodSync(`${dataDir}.key`, mode);
    expect(() => openMasterKey({ dataDir, env: {} })).toThrow(`chmod 600 ${dataDir}.key`);
  }
  chmodSync(`${dataDir}.key`, 0o400);
  openMasterKey({ dataDir, env: {} });
});

test("a key file that is a link is refused", () => {
  writeFileSync(join(parent, "other"), HEX, { mode: 0o600 });
  symlinkSync(join(parent, "other"), `${dataDir}.key`);
  expect(() => openMasterKey({ dataDir, env: {} })).toThrow("is not a plain file");
});

test("data that was sealed under another key is refused, and so is data whose key is gone", () => {
  openMasterKey({ dataDir, env: {} });
  expect(() => openMasterKey({ dataDir, env: { PENSTOCK_MASTER_KEY: HEX } })).toThrow(
    "is sealed under another master key than the one in PENSTOCK_MASTER_KEY",
  );
  rmSync(`${dataDir}.key`);
  expect(() => openMasterKey({ dataDir, env: {} })).toThrow(`but ${dataDir}.key is not there`);
  expect(existsSync(`${dataDir}.key`)).toBe(false);
});

test("another file may be named, but not inside the data folder", () => {
  const file = join(parent, "keys", "penstock");
  openMasterKey({ dataDir, env: {}, file });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(() => openMasterKey({ dataDir: join(parent, "x"), env: {}, file: join(parent, "x", "key") })).toThrow(
    "must not lie in the data folder",
  );
});
