import { afterEach, beforeEach, expect, test } from "vitest";
import { createMasterKey } from "../identity/master-key.ts";
import { findKey, listKeys } from "../store/key.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { createKeys } from "./create-keys.ts";
import type { Key, KeyStore } from "./keys.ts";

const ACCOUNT = "000000000000";
const REGION = "us-east-1";
const HOME = { account: "000000000000", region: REGION };
const CONTEXT = { "aws:s3:arn": "arn:aws:s3:::b/k", other: "x" };
const PLAIN = Buffer.from("a secret");

let store: Store;
let now: number;
let keys: KeyStore;

beforeEach(() => {
  store = openSqliteStore({ path: ":memory:" });
  now = 1_790_648_060_000;
  keys = open(1);
});
afterEach(() => store.close());

function open(masterByte: number): KeyStore {
  return createKeys({
    store,
    masterKey: createMasterKey(Buffer.alloc(32, masterByte)),
    now: () => now,
  });
}

const newKey = (): Promise<Key> => keys.create({ ...HOME, description: "" });

test("what is encrypted is decrypted, with the context in any order and after a restart", async () => {
  const key = await newKey();
  const sealed = await keys.encrypt(key, PLAIN, CONTEXT);
  expect(sealed.includes(PLAIN)).toBe(false);
  const { "aws:s3:arn": arn, other } = CONTEXT;
  expect(await open(1).decrypt(sealed, { other, "aws:s3:arn": arn })).toEqual(PLAIN);
  expect((await keys.keyOf(sealed)).arn).toBe(key.arn);
});

test("the same bytes never look the same twice", async () => {
  const key = await newKey();
  const [one, two] = [await keys.encrypt(key, PLAIN, {}), await keys.encrypt(key, PLAIN, {})];
  expect(one).not.toEqual(two);
});

test("another context, another key's material and any altered byte are refused alike", async () => {
  const key = await newKey();
  const other = await newKey();
  const sealed = await keys.encrypt(key, PLAIN, CONTEXT);
  const invalid = { code: "InvalidCiphertextException", message: "" };
  for (const context of [{}, { ...CONTEXT, more: "x" }, { ...CONTEXT, other: "y" }, { Other: "x" }]) {
    await expect(keys.decrypt(sealed, context)).rejects.toMatchObject(invalid);
  }
  const exchanged = Buffer.from(sealed);
  Buffer.from(other.id.replaceAll("-", ""), "hex").copy(exchanged, 1);
  await expect(keys.decrypt(exchanged, CONTEXT)).rejects.toMatchObject(invalid);
  for (let at = 0; at < sealed.length; at += 1) {
    const altered = Buffer.from(sealed);
    altered.writeUInt8(altered.readUInt8(at) ^ 1, at);
    await expect(keys.decrypt(altered, CONTEXT)).rejects.toMatchObject(invalid);
    await expect(keys.decrypt(sealed.subarray(0, at), CONTEXT)).rejects.toMatchObject(invalid);
  }
});

test("a context cannot be rewritten into another one with the same text", async () => {
  const key = await newKey();
  const sealed = await keys.encrypt(key, PLAIN, { a: 'b"],["c' });
  await expect(keys.decrypt(sealed, { a: "b", c: "" })).rejects.toMatchObject({ code: "InvalidCiphertextException" });
});

test("rows hold nothing that another master key could open, nor a fitting row of another key", async () => {
  const key = await newKey();
  const sealed = await keys.encrypt(key, PLAIN, {});
  await expect(open(2).decrypt(sealed, {})).rejects.toThrow();
});

test("keys are found by id, ARN, alias and alias ARN, in their region only", async () => {
  const { arn } = await keys.find("alias/aws/s3", HOME);
  const id = arn.slice(arn.lastIndexOf("/") + 1);
  const names = [id, arn, "alias/aws/s3", `arn:aws:kms:${REGION}:${ACCOUNT}:alias/aws/s3`];
  for (const name of names) expect((await keys.find(name, HOME)).arn).toBe(arn);
  await expect(keys.find(id, { ...HOME, region: "eu-west-1" })).rejects.toMatchObject({
    code: "NotFoundException",
    message: `Key 'arn:aws:kms:eu-west-1:${ACCOUNT}:key/${id}' does not exist`,
  });
  await expect(keys.find(arn, { ...HOME, region: "eu-west-1" })).rejects.toMatchObject({
    message: `Invalid arn ${REGION}`,
  });
  await expect(keys.find("alias/none", HOME)).rejects.toMatchObject({
    message: `Alias arn:aws:kms:${REGION}:${ACCOUNT}:alias/none is not found.`,
  });
  await expect(keys.find("nonsense", HOME)).rejects.toMatchObject({ message: "Invalid keyId 'nonsense'" });
});

test("S3's own key is made once, however many ask at once, and one for each region", async () => {
  const asked = await Promise.all([1, 2, 3].map(() => keys.newDataKey(undefined, HOME, CONTEXT)));
  expect(new Set(asked.map(({ keyArn }) => keyArn)).size).toBe(1);
  expect(await store.read.all(listKeys, { ...HOME, after: "", limit: 10 })).toMatchObject([{ manager: "AWS" }]);
  expect((await keys.newDataKey("aws/s3", HOME, {})).keyArn).toBe(asked[0]?.keyArn);
  expect((await keys.newDataKey(undefined, { ...HOME, region: "eu-west-1" }, {})).keyArn).not.toBe(asked[0]?.keyArn);
});

test("a data key opens with its context only, and S3 shows KMS's errors as its own", async () => {
  const { plain, sealed } = await keys.newDataKey(undefined, HOME, CONTEXT);
  expect(plain).toHaveLength(32);
  expect(await keys.openDataKey(sealed, CONTEXT)).toEqual(plain);
  await expect(keys.openDataKey(sealed, {})).rejects.toMatchObject({ code: "KMS.InvalidCiphertextException" });
  await expect(keys.newDataKey("alias/none", HOME, {})).rejects.toMatchObject({ code: "KMS.NotFoundException" });
});

test("a disabled key does nothing until it is enabled again", async () => {
  const key = await newKey();
  const sealed = await keys.encrypt(key, PLAIN, {});
  await keys.setState(key, "Disabled");
  const disabled = { code: "DisabledException", message: `${key.arn} is disabled.` };
  await expect(keys.encrypt(key, PLAIN, {})).rejects.toMatchObject(disabled);
  await expect(keys.decrypt(sealed, {})).rejects.toMatchObject(disabled);
  await expect(keys.newDataKey(key.id, HOME, {})).rejects.toMatchObject({ code: "KMS.DisabledException" });
  await keys.setState(await keys.find(key.id, HOME), "Enabled");
  expect(await keys.decrypt(sealed, {})).toEqual(PLAIN);
});

test("of two changes of state at once the second is refused", async () => {
  const key = await newKey();
  await keys.setState(key, "PendingDeletion", now + 1);
  await expect(keys.setState(key, "Disabled")).rejects.toMatchObject({ code: "KMSInvalidStateException" });
});

test("a key that is to be deleted is refused, and gone at its time to the millisecond", async () => {
  const key = await newKey();
  const sealed = await keys.encrypt(key, PLAIN, {});
  const deletionAt = now + 7 * 24 * 60 * 60_000;
  await keys.setState(key, "PendingDeletion", deletionAt);
  const pending = { code: "KMSInvalidStateException", message: `${key.arn} is pending deletion.` };
  await expect(keys.decrypt(sealed, {})).rejects.toMatchObject(pending);
  now = deletionAt - 1;
  await expect(keys.encrypt(key, PLAIN, {})).rejects.toMatchObject(pending);
  now = deletionAt;
  await expect(keys.find(key.id, HOME)).rejects.toMatchObject({ message: `Key '${key.arn}' does not exist` });
  await expect(keys.decrypt(sealed, {})).rejects.toMatchObject({ code: "InvalidCiphertextException" });
  await store.transact(async () => undefined); // What was deferred rides in this commit.
  expect(await store.read.first(findKey, { id: key.id })).toBeUndefined();
});
