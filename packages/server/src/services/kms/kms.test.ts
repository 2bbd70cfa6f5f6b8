import { afterEach, beforeEach, expect, test } from "vitest";
import { createIdentity } from "../../identity/create-identity.ts";
import type { Caller, Identity } from "../../identity/identity.ts";
import { createMasterKey } from "../../identity/master-key.ts";
import { createKeys } from "../../keys/create-keys.ts";
import { insertRole, putRolePolicy } from "../../store/role.ts";
import { openSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import type { Store } from "../../store/store.ts";
import type { Input, Kms, Output } from "./context.ts";
import { operations } from "./operations.ts";
import type { Operations } from "./shapes.generated.ts";

const ACCOUNT = "000000000000";
const REGION = "us-east-1";
const NOW = 1_790_648_060_000;
const ROOT: Caller = { type: "root", account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, accessKeyId: "test" };
const Plaintext = Buffer.from("a secret");
const EncryptionContext = { purpose: "test" };

let store: Store;
let identity: Identity;
let kms: Kms;

beforeEach(() => {
  store = openSqliteStore({ path: ":memory:" });
  const masterKey = createMasterKey(Buffer.alloc(32, 1));
  const log = { warn: () => undefined };
  const options = { store, masterKey, account: ACCOUNT, rootKeys: [], mode: "enforce", log, now: () => NOW } as const;
  identity = createIdentity(options);
  kms = { store, identity, keys: createKeys({ store, masterKey, now: () => NOW }) };
});
afterEach(() => store.close());

interface From {
  readonly region?: string;
  readonly principal?: Caller;
}

function send<Name extends keyof Operations>(name: Name, input: Input<Name>, from: From = {}): Promise<Output<Name>> {
  return operations[name].run(input, kms, { requestId: "r", region: REGION, principal: ROOT, now: NOW, ...from });
}

async function newKey(input: Input<"CreateKey"> = {}): Promise<string> {
  return (await send("CreateKey", input)).KeyMetadata?.KeyId ?? "";
}

const arnOf = (id: string) => `arn:aws:kms:${REGION}:${ACCOUNT}:key/${id}`;

/** A session of a new role with one statement. */
async function roleWith(policy: object): Promise<Caller> {
  const arn = `arn:aws:iam::${ACCOUNT}:role/user`;
  const trust_policy = '{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}';
  const row = {
    account: ACCOUNT,
    name: "user",
    path: "/",
    id: "AROA",
    arn,
    trust_policy,
    description: null,
    max_session_seconds: 3600,
  };
  await store.transact(async (tx) => {
    await tx.run(insertRole, { ...row, tags: "[]", created_at: NOW });
    const document = JSON.stringify({ Statement: { Effect: "Allow", ...policy } });
    await tx.run(putRolePolicy, { role_arn: arn, kind: "inline", name: "p", document });
  });
  const session = identity.issueSession({ roleArn: arn, sessionName: "s", durationSeconds: 900, now: NOW });
  const found = identity.findKey(session.accessKeyId, session.sessionToken, NOW);
  if (!found.found) throw new Error(found.reason);
  return found.principal;
}

test("a key is described as it was made", async () => {
  const { KeyMetadata } = await send("CreateKey", { Description: "artifacts" });
  const KeyId = KeyMetadata?.KeyId ?? "";
  expect(KeyMetadata).toEqual({
    AWSAccountId: ACCOUNT,
    KeyId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    Arn: arnOf(KeyId),
    CreationDate: NOW,
    Enabled: true,
    Description: "artifacts",
    KeyUsage: "ENCRYPT_DECRYPT",
    KeyState: "Enabled",
    Origin: "AWS_KMS",
    KeyManager: "CUSTOMER",
    CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
    KeySpec: "SYMMETRIC_DEFAULT",
    EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
    MultiRegion: false,
  });
  expect(await send("DescribeKey", { KeyId })).toEqual({ KeyMetadata });
});

test("kinds of keys that are not here are refused", async () => {
  const unsupported = { code: "UnsupportedOperationException" };
  await expect(newKey({ KeySpec: "RSA_2048" })).rejects.toMatchObject(unsupported);
  await expect(newKey({ KeyUsage: "SIGN_VERIFY" })).rejects.toMatchObject(unsupported);
  await expect(newKey({ Origin: "EXTERNAL" })).rejects.toMatchObject(unsupported);
  await expect(newKey({ MultiRegion: true })).rejects.toMatchObject(unsupported);
});

test("what is encrypted under an alias is decrypted without naming a key", async () => {
  const id = await newKey();
  await send("CreateAlias", { AliasName: "alias/mine", TargetKeyId: id });
  const sealed = await send("Encrypt", { KeyId: "alias/mine", Plaintext, EncryptionContext });
  expect(sealed).toMatchObject({ KeyId: arnOf(id), EncryptionAlgorithm: "SYMMETRIC_DEFAULT" });
  const CiphertextBlob = Buffer.from(sealed.CiphertextBlob ?? []);
  const opened = { KeyId: arnOf(id), Plaintext, EncryptionAlgorithm: "SYMMETRIC_DEFAULT" };
  expect(await send("Decrypt", { CiphertextBlob, EncryptionContext })).toEqual(opened);
  expect(await send("Decrypt", { CiphertextBlob, EncryptionContext, KeyId: "alias/mine" })).toEqual(opened);
});

test("a ciphertext is refused with another context, another key, another region or altered", async () => {
  const id = await newKey();
  const other = await newKey();
  const sealed = await send("Encrypt", { KeyId: id, Plaintext, EncryptionContext });
  const CiphertextBlob = Buffer.from(sealed.CiphertextBlob ?? []);
  const invalid = { code: "InvalidCiphertextException", message: "" };
  await expect(send("Decrypt", { CiphertextBlob })).rejects.toMatchObject(invalid);
  await expect(send("Decrypt", { CiphertextBlob: Buffer.from("x"), EncryptionContext })).rejects.toMatchObject(invalid);
  const elsewhere = send("Decrypt", { CiphertextBlob, EncryptionContext }, { region: "eu-west-1" });
  await expect(elsewhere).rejects.toMatchObject(invalid);
  await expect(send("Decrypt", { CiphertextBlob, EncryptionContext, KeyId: other })).rejects.toMatchObject({
    code: "IncorrectKeyException",
    message: "The key ID in the request does not identify a CMK that can perform this operation.",
  });
  const asymmetric = send("Encrypt", { KeyId: id, Plaintext, EncryptionAlgorithm: "RSAES_OAEP_SHA_1" });
  await expect(asymmetric).rejects.toMatchObject({ code: "InvalidKeyUsageException" });
});

test("data keys have the size that is asked for and open with Decrypt", async () => {
  const KeyId = await newKey();
  for (const [size, bytes] of [
    [{ KeySpec: "AES_256" }, 32],
    [{ KeySpec: "AES_128" }, 16],
    [{ NumberOfBytes: 7 }, 7],
  ] as const) {
    const made = await send("GenerateDataKey", { KeyId, EncryptionContext, ...size });
    expect(made.Plaintext).toHaveLength(bytes);
    const CiphertextBlob = Buffer.from(made.CiphertextBlob ?? []);
    expect(await send("Decrypt", { CiphertextBlob, EncryptionContext })).toMatchObject({ Plaintext: made.Plaintext });
  }
  const without = await send("GenerateDataKeyWithoutPlaintext", { KeyId, KeySpec: "AES_256" });
  expect(Object.keys(without).sort()).toEqual(["CiphertextBlob", "KeyId"]);
  const neither = { code: "ValidationException", message: "Please specify either number of bytes or key spec." };
  await expect(send("GenerateDataKey", { KeyId })).rejects.toMatchObject(neither);
  const both = send("GenerateDataKey", { KeyId, KeySpec: "AES_256", NumberOfBytes: 7 });
  await expect(both).rejects.toMatchObject(neither);
});

test("a dry run does nothing but check", async () => {
  const KeyId = await newKey();
  const dry = { code: "DryRunOperationException" };
  await expect(send("Encrypt", { KeyId, Plaintext, DryRun: true })).rejects.toMatchObject(dry);
  await expect(send("GenerateDataKey", { KeyId, KeySpec: "AES_256", DryRun: true })).rejects.toMatchObject(dry);
  await send("DisableKey", { KeyId });
  await expect(send("Encrypt", { KeyId, Plaintext, DryRun: true })).rejects.toMatchObject({
    code: "DisabledException",
  });
});

test("a key that is disabled or to be deleted is refused in KMS's words", async () => {
  const KeyId = await newKey();
  const arn = arnOf(KeyId);
  const sealed = await send("Encrypt", { KeyId, Plaintext });
  const CiphertextBlob = Buffer.from(sealed.CiphertextBlob ?? []);
  const uses = () => [
    send("Encrypt", { KeyId, Plaintext }),
    send("Decrypt", { CiphertextBlob }),
    send("GenerateDataKey", { KeyId, KeySpec: "AES_256" }),
    send("GenerateDataKeyWithoutPlaintext", { KeyId, KeySpec: "AES_256" }),
  ];
  await send("DisableKey", { KeyId });
  for (const use of uses()) {
    await expect(use).rejects.toMatchObject({ code: "DisabledException", message: `${arn} is disabled.` });
  }
  expect(await send("ScheduleKeyDeletion", { KeyId, PendingWindowInDays: 7 })).toEqual({
    KeyId: arn,
    DeletionDate: NOW + 7 * 86_400_000,
    KeyState: "PendingDeletion",
    PendingWindowInDays: 7,
  });
  const pending = { code: "KMSInvalidStateException", message: `${arn} is pending deletion.` };
  const changes = [
    send("EnableKey", { KeyId }),
    send("DisableKey", { KeyId }),
    send("ScheduleKeyDeletion", { KeyId }),
    send("CreateAlias", { AliasName: "alias/late", TargetKeyId: KeyId }),
  ];
  for (const refused of [...uses(), ...changes]) await expect(refused).rejects.toMatchObject(pending);
  expect(await send("DescribeKey", { KeyId })).toMatchObject({
    KeyMetadata: { KeyState: "PendingDeletion", Enabled: false, DeletionDate: NOW + 7 * 86_400_000 },
  });
  await send("CancelKeyDeletion", { KeyId });
  expect((await send("DescribeKey", { KeyId })).KeyMetadata?.KeyState).toBe("Disabled");
  await expect(send("CancelKeyDeletion", { KeyId })).rejects.toMatchObject({
    code: "KMSInvalidStateException",
    message: `${arn} is not pending deletion.`,
  });
  await send("EnableKey", { KeyId });
  expect(await send("Decrypt", { CiphertextBlob })).toMatchObject({ Plaintext });
});

test("a deletion waits 7 to 30 days", async () => {
  const KeyId = await newKey();
  for (const PendingWindowInDays of [6, 31]) {
    const refused = send("ScheduleKeyDeletion", { KeyId, PendingWindowInDays });
    await expect(refused).rejects.toMatchObject({ code: "ValidationException" });
  }
  expect((await send("ScheduleKeyDeletion", { KeyId })).PendingWindowInDays).toBe(30);
});

test("aliases are made once, listed and deleted", async () => {
  const id = await newKey();
  const alias = { AliasName: "alias/mine", TargetKeyId: id };
  await send("CreateAlias", alias);
  await expect(send("CreateAlias", alias)).rejects.toMatchObject({
    code: "AlreadyExistsException",
    message: `An alias with the name arn:aws:kms:${REGION}:${ACCOUNT}:alias/mine already exists`,
  });
  await send("CreateAlias", alias, { region: REGION }).catch(() => undefined);
  const entry = {
    AliasName: "alias/mine",
    AliasArn: `arn:aws:kms:${REGION}:${ACCOUNT}:alias/mine`,
    TargetKeyId: id,
    CreationDate: NOW,
    LastUpdatedDate: NOW,
  };
  expect(await send("ListAliases", {})).toEqual({ Aliases: [entry], Truncated: false });
  expect(await send("ListAliases", { KeyId: id })).toEqual({ Aliases: [entry], Truncated: false });
  expect(await send("ListAliases", {}, { region: "eu-west-1" })).toEqual({ Aliases: [], Truncated: false });
  await send("DeleteAlias", { AliasName: "alias/mine" });
  await expect(send("DeleteAlias", { AliasName: "alias/mine" })).rejects.toMatchObject({
    code: "NotFoundException",
    message: `Alias arn:aws:kms:${REGION}:${ACCOUNT}:alias/mine is not found.`,
  });
});

test("names that are no names of customers are refused", async () => {
  const TargetKeyId = await newKey();
  const invalid = { code: "ValidationException", message: "Invalid identifier" };
  await expect(send("CreateAlias", { AliasName: "mine", TargetKeyId })).rejects.toMatchObject(invalid);
  await expect(send("CreateAlias", { AliasName: "alias/", TargetKeyId })).rejects.toMatchObject(invalid);
  const notAuthorized = { code: "NotAuthorizedException" };
  await expect(send("CreateAlias", { AliasName: "alias/aws/mine", TargetKeyId })).rejects.toMatchObject(notAuthorized);
  await expect(send("DeleteAlias", { AliasName: "alias/aws/s3" })).rejects.toMatchObject(notAuthorized);
  const ofAlias = send("CreateAlias", { AliasName: "alias/b", TargetKeyId: "alias/a" });
  await expect(ofAlias).rejects.toMatchObject({ code: "ValidationException" });
});

test("keys are listed in pages", async () => {
  const ids = [await newKey(), await newKey(), await newKey()].sort();
  const first = await send("ListKeys", { Limit: 2 });
  expect(first.Keys).toEqual(ids.slice(0, 2).map((KeyId) => ({ KeyId, KeyArn: arnOf(KeyId) })));
  const rest = await send("ListKeys", { Limit: 2, Marker: first.NextMarker ?? "" });
  expect(rest).toEqual({ Keys: [{ KeyId: ids[2], KeyArn: arnOf(ids[2] ?? "") }], Truncated: false });
  await expect(send("ListKeys", { Marker: "?" })).rejects.toMatchObject({ code: "InvalidMarkerException" });
});

test("by the default policy the account's own policies decide", async () => {
  const KeyId = await newKey();
  const principal = await roleWith({ Action: "kms:Encrypt", Resource: arnOf(KeyId) });
  expect(await send("Encrypt", { KeyId, Plaintext }, { principal })).toMatchObject({ KeyId: arnOf(KeyId) });
  await expect(send("GenerateDataKey", { KeyId, KeySpec: "AES_256" }, { principal })).rejects.toMatchObject({
    code: "AccessDeniedException",
    status: 400,
    message: `User: arn:aws:sts::${ACCOUNT}:assumed-role/user/s is not authorized to perform: kms:GenerateDataKey on resource: ${arnOf(KeyId)} because no identity-based policy allows the kms:GenerateDataKey action`,
  });
});

test("a key policy that does not name the account shuts out what its own policies allow", async () => {
  const principal = await roleWith({ Action: "kms:*", Resource: "*" });
  const Policy = JSON.stringify({
    Statement: { Effect: "Allow", Principal: { AWS: "111111111111" }, Action: "kms:*", Resource: "*" },
  });
  await expect(newKey({ Policy })).rejects.toMatchObject({
    code: "MalformedPolicyDocumentException",
    message: "The new key policy will not allow you to update the key policy in the future.",
  });
  const KeyId = await newKey({ Policy, BypassPolicyLockoutSafetyCheck: true });
  await expect(send("Encrypt", { KeyId, Plaintext }, { principal })).rejects.toMatchObject({
    message: expect.stringMatching(/because no resource-based policy allows the kms:Encrypt action$/),
  });
});

test("an encryption context is a condition that policies can ask for", async () => {
  const KeyId = await newKey();
  const Condition = { StringEquals: { "kms:EncryptionContext:purpose": "test" } };
  const principal = await roleWith({ Action: "kms:Encrypt", Resource: "*", Condition });
  expect(await send("Encrypt", { KeyId, Plaintext, EncryptionContext }, { principal })).toBeDefined();
  const denied = { code: "AccessDeniedException" };
  await expect(send("Encrypt", { KeyId, Plaintext }, { principal })).rejects.toMatchObject(denied);
});

test("a policy can name keys by their aliases", async () => {
  const Condition = { "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/artifacts" } };
  const principal = await roleWith({ Action: "kms:Encrypt", Resource: "*", Condition });
  const KeyId = await newKey();
  await expect(send("Encrypt", { KeyId, Plaintext }, { principal })).rejects.toThrow("kms:Encrypt");
  await send("CreateAlias", { AliasName: "alias/artifacts", TargetKeyId: KeyId });
  await expect(send("Encrypt", { KeyId, Plaintext }, { principal })).resolves.toMatchObject({ KeyId: arnOf(KeyId) });
});

test("a key policy is shown and replaced, and a broken one refused", async () => {
  const KeyId = await newKey();
  const { Policy = "" } = await send("GetKeyPolicy", { KeyId });
  expect(JSON.parse(Policy)).toMatchObject({
    Id: "key-default-1",
    Statement: [{ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "kms:*" }],
  });
  const other = Policy.replace("key-default-1", "mine");
  await send("PutKeyPolicy", { KeyId, Policy: other });
  expect(await send("GetKeyPolicy", { KeyId })).toEqual({ Policy: other, PolicyName: "default" });
  await expect(send("PutKeyPolicy", { KeyId, Policy: "{" })).rejects.toMatchObject({
    code: "MalformedPolicyDocumentException",
  });
  await expect(send("GetKeyPolicy", { KeyId, PolicyName: "x" })).rejects.toMatchObject({ code: "NotFoundException" });
});

test("S3's own key may be looked at, but neither used directly nor changed", async () => {
  const { KeyMetadata } = await send("DescribeKey", { KeyId: "alias/aws/s3" });
  const KeyId = KeyMetadata?.KeyId ?? "";
  expect(KeyMetadata).toMatchObject({ KeyManager: "AWS", KeyState: "Enabled" });
  const denied = { code: "AccessDeniedException" };
  await expect(send("Encrypt", { KeyId, Plaintext })).rejects.toMatchObject(denied);
  await expect(send("DisableKey", { KeyId })).rejects.toMatchObject(denied);
  await expect(send("ScheduleKeyDeletion", { KeyId })).rejects.toMatchObject(denied);
});
