import { afterEach, beforeEach, expect, test } from "vitest";
import { createIdentity } from "../../identity/create-identity.ts";
import type { Caller, Identity } from "../../identity/identity.ts";
import { createMasterKey } from "../../identity/master-key.ts";
import { insertRole, putRolePolicy } from "../../store/role.ts";
import { openSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import type { Store } from "../../store/store.ts";
import type { Input, Output } from "./context.ts";
import { operations } from "./operations.ts";
import type { Credentials, Operations } from "./shapes.generated.ts";

const ACCOUNT = "000000000000";
const NOW = 1_790_648_060_000;
const ROOT: Caller = { type: "root", account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, accessKeyId: "test" };
const arnOf = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;

let store: Store;
let identity: Identity;

beforeEach(() => {
  store = openSqliteStore({ path: ":memory:" });
  const masterKey = createMasterKey(Buffer.alloc(32, 1));
  const log = { warn: () => undefined };
  const options = { store, masterKey, account: ACCOUNT, rootKeys: [], mode: "enforce", log, now: () => NOW } as const;
  identity = createIdentity(options);
});
afterEach(() => store.close());

function send<Name extends keyof Operations>(
  name: Name,
  input: Input<Name>,
  principal: Caller = ROOT,
): Promise<Output<Name>> {
  const call = { requestId: "r", region: "us-east-1", principal, now: NOW };
  return operations[name].run(input, { store, identity }, call);
}

async function addRole(name: string, trust: object, policy?: object): Promise<void> {
  const trust_policy = JSON.stringify({ Statement: { Effect: "Allow", Action: "sts:AssumeRole", ...trust } });
  const row = {
    account: ACCOUNT,
    name,
    path: "/",
    id: `AROA${name}`,
    arn: arnOf(name),
    trust_policy,
    description: null,
  };
  await store.transact(async (tx) => {
    await tx.run(insertRole, { ...row, max_session_seconds: 3600, tags: "[]", created_at: NOW });
    const document = JSON.stringify({ Statement: { Effect: "Allow", ...policy } });
    if (policy) await tx.run(putRolePolicy, { role_arn: row.arn, kind: "inline", name: "p", document });
  });
}

function callerOf(credentials: Credentials | undefined): Caller {
  const found = identity.findKey(credentials?.AccessKeyId ?? "", credentials?.SessionToken, NOW);
  if (!found.found) throw new Error(found.reason);
  return found.principal;
}

/** Credentials of a role, however it trusts. */
function as(name: string): Caller {
  const { accessKeyId, sessionToken } = identity.issueSession({
    roleArn: arnOf(name),
    sessionName: "run",
    durationSeconds: 900,
    now: NOW,
  });
  const found = identity.findKey(accessKeyId, sessionToken, NOW);
  if (!found.found) throw new Error(found.reason);
  return found.principal;
}

const assume = (name: string, principal: Caller = ROOT, more: Partial<Input<"AssumeRole">> = {}) =>
  send("AssumeRole", { RoleArn: arnOf(name), RoleSessionName: "mine", ...more }, principal);

const refusal = (arn: string, name: string) => ({
  code: "AccessDenied",
  status: 403,
  message: `User: ${arn} is not authorized to perform: sts:AssumeRole on resource: ${arnOf(name)}`,
});

test("a role that trusts the account is assumed by its root, and the credentials are its", async () => {
  await addRole("open", { Principal: { AWS: arnOf("x").replace("role/x", "root") } });
  const answer = await assume("open", ROOT, { DurationSeconds: 900 });
  expect(answer.AssumedRoleUser).toEqual({
    AssumedRoleId: "AROAopen:mine",
    Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/open/mine`,
  });
  expect(answer.Credentials?.Expiration).toBe(NOW + 900_000);
  const caller = callerOf(answer.Credentials);
  expect(await send("GetCallerIdentity", {}, caller)).toEqual({
    UserId: "AROAopen:mine",
    Account: ACCOUNT,
    Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/open/mine`,
  });
});

test("a role that trusts only a service is refused to everybody else, root too", async () => {
  await addRole("service", { Principal: { Service: "lambda.amazonaws.com" } });
  await expect(assume("service")).rejects.toMatchObject(refusal(ROOT.arn, "service"));
});

test("a role that is not there is answered like one that trusts somebody else", async () => {
  await expect(assume("none")).rejects.toMatchObject(refusal(ROOT.arn, "none"));
});

test("a role that is named may assume without a policy of its own; the account's others need one", async () => {
  await addRole("named", { Principal: { AWS: arnOf("one") } });
  await addRole("account", { Principal: { AWS: ACCOUNT } });
  await addRole("one", { Principal: "*" });
  await addRole("two", { Principal: "*" }, { Action: "sts:AssumeRole", Resource: arnOf("account") });
  expect((await assume("named", as("one"))).AssumedRoleUser?.AssumedRoleId).toBe("AROAnamed:mine");
  await expect(assume("named", as("two"))).rejects.toMatchObject(refusal(as("two").arn, "named"));
  await expect(assume("account", as("one"))).rejects.toMatchObject(refusal(as("one").arn, "account"));
  expect((await assume("account", as("two"))).AssumedRoleUser?.AssumedRoleId).toBe("AROAaccount:mine");
});

test("conditions of the trust see the external id and the session's name", async () => {
  const Condition = { StringEquals: { "sts:ExternalId": "42", "sts:RoleSessionName": "mine" } };
  await addRole("conditional", { Principal: { AWS: "*" }, Condition });
  await expect(assume("conditional")).rejects.toMatchObject(refusal(ROOT.arn, "conditional"));
  await expect(assume("conditional", ROOT, { ExternalId: "43" })).rejects.toMatchObject(
    refusal(ROOT.arn, "conditional"),
  );
  const wrongName = { ExternalId: "42", RoleSessionName: "other" };
  await expect(assume("conditional", ROOT, wrongName)).rejects.toMatchObject(refusal(ROOT.arn, "conditional"));
  expect((await assume("conditional", ROOT, { ExternalId: "42" })).Credentials).toBeDefined();
});

test("a trust that denies somebody denies them", async () => {
  await addRole("shut", { Effect: "Deny", Principal: "*" });
  await expect(assume("shut")).rejects.toMatchObject(refusal(ROOT.arn, "shut"));
});

test("a session policy narrows the credentials", async () => {
  await addRole("wide", { Principal: "*" }, { Action: "s3:*", Resource: "*" });
  const Policy = JSON.stringify({ Statement: { Effect: "Allow", Action: "s3:GetObject", Resource: "*" } });
  const answer = await assume("wide", ROOT, { Policy });
  expect(answer.PackedPolicySize).toBeGreaterThan(0);
  const request = { caller: callerOf(answer.Credentials), resource: "arn:aws:s3:::b/k" };
  expect(await identity.authorize({ ...request, action: "s3:GetObject" })).toEqual({ allowed: true });
  expect(await identity.authorize({ ...request, action: "s3:PutObject" })).toMatchObject({ reason: "noSessionPolicy" });
});

test("session policies that are no policies, or too long, are refused", async () => {
  await addRole("wide", { Principal: "*" });
  await expect(assume("wide", ROOT, { Policy: "{" })).rejects.toMatchObject({
    code: "MalformedPolicyDocument",
    message: "Syntax errors in policy.",
  });
  await expect(assume("wide", ROOT, { Policy: " ".repeat(2049) })).rejects.toMatchObject({ code: "ValidationError" });
  await expect(assume("wide", ROOT, { PolicyArns: [{ arn: "x" }] })).rejects.toMatchObject({ code: "ValidationError" });
});

test("a session lasts no longer than the role allows, and an hour when a session asks", async () => {
  await addRole("wide", { Principal: "*" });
  await expect(assume("wide", ROOT, { DurationSeconds: 3601 })).rejects.toMatchObject({
    code: "ValidationError",
    message: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
  });
  await expect(assume("wide", as("wide"), { DurationSeconds: 3601 })).rejects.toMatchObject({
    message: "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
  });
  expect((await assume("wide")).Credentials?.Expiration).toBe(NOW + 3_600_000);
});

test("root is told who it is, and gets credentials that end; a session gets none", async () => {
  expect(await send("GetCallerIdentity", {})).toEqual({ UserId: ACCOUNT, Account: ACCOUNT, Arn: ROOT.arn });
  const { Credentials: credentials } = await send("GetSessionToken", { DurationSeconds: 43_200 });
  expect(credentials?.Expiration).toBe(NOW + 3_600_000);
  const root = callerOf(credentials);
  expect(root).toMatchObject({ type: "root", arn: ROOT.arn });
  await expect(send("GetSessionToken", {}, root)).rejects.toMatchObject({ code: "AccessDenied", status: 403 });
  await addRole("wide", { Principal: "*" });
  await expect(send("GetSessionToken", {}, as("wide"))).rejects.toMatchObject({ code: "AccessDenied" });
});
