import { afterEach, beforeEach, expect, test } from "vitest";
import { deleteRole, deleteRolePolicy, insertRole, putRolePolicy, type RoleTable } from "../store/role.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { createIdentity, type IdentityOptions } from "./create-identity.ts";
import type { Caller, Identity } from "./identity.ts";
import { createMasterKey } from "./master-key.ts";

const ACCOUNT = "000000000000";
const NOW = 1_790_648_060_000;
const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/service/fn`;
const ROLE: RoleTable = {
  account: ACCOUNT,
  name: "fn",
  path: "/service/",
  id: "AROAAAAAAAAAAAAAAAAAA",
  arn: ROLE_ARN,
  trust_policy: JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
  }),
  description: null,
  max_session_seconds: 3600,
  tags: "[]",
  created_at: NOW,
};
const FUNCTION_POLICY =
  '{"Version":"2012-10-17","Statement":[{"Sid":"VisualEditor0","Effect":"Allow","Action":["codepipeline:PutJobFailureResult","codepipeline:PutJobSuccessResult"],"Resource":"*"}]}';
const REPORT = { action: "codepipeline:PutJobSuccessResult", resource: "*" };
const REFUSED = {
  allowed: false,
  reason: "noIdentityPolicy",
  message:
    "User: arn:aws:sts::000000000000:assumed-role/fn/run is not authorized to perform: codepipeline:PutJobSuccessResult because no identity-based policy allows the codepipeline:PutJobSuccessResult action",
};

let store: Store;
let warnings: string[];

beforeEach(() => {
  store = openSqliteStore({ path: ":memory:" });
  warnings = [];
});
afterEach(() => store.close());

function open(options: Partial<IdentityOptions> = {}): Identity {
  return createIdentity({
    store,
    masterKey: createMasterKey(Buffer.alloc(32, 1)),
    rootKeys: [{ account: ACCOUNT, accessKeyId: "test", secretAccessKey: "test" }],
    mode: "enforce",
    log: { warn: (_, message) => warnings.push(message) },
    now: () => NOW,
    ...options,
  });
}

async function addRole(document = FUNCTION_POLICY): Promise<void> {
  await store.transact(async (tx) => {
    await tx.run(insertRole, ROLE);
    await tx.run(putRolePolicy, { role_arn: ROLE_ARN, kind: "inline", name: "report", document });
  });
}

function session(identity: Identity, policy?: Parameters<Identity["issueSession"]>[0]["policy"]): Caller {
  const request = { roleArn: ROLE_ARN, sessionName: "run", durationSeconds: 900, now: NOW, ...(policy && { policy }) };
  const { accessKeyId, sessionToken } = identity.issueSession(request);
  const found = identity.findKey(accessKeyId, sessionToken, NOW);
  if (!found.found) throw new Error(found.reason);
  return found.principal;
}

test("keys are known, unknown, with a bad token or with an expired one", () => {
  const identity = open();
  const request = { roleArn: ROLE_ARN, sessionName: "run", durationSeconds: 900, now: NOW };
  const { accessKeyId, sessionToken, expiresAt } = identity.issueSession(request);
  expect(identity.findKey("test", undefined, NOW)).toMatchObject({
    found: true,
    secretAccessKey: "test",
    principal: { type: "root", arn: `arn:aws:iam::${ACCOUNT}:root`, accessKeyId: "test" },
  });
  expect([
    identity.findKey("AKIAIOSFODNN7EXAMPLE", undefined, NOW),
    identity.findKey("AKIAIOSFODNN7EXAMPLE", sessionToken, NOW),
    identity.findKey(accessKeyId, undefined, NOW),
    identity.findKey("test", sessionToken, NOW),
    identity.findKey(accessKeyId, "nonsense", NOW),
    identity.findKey(accessKeyId, sessionToken, expiresAt),
  ]).toEqual([
    { found: false, reason: "unknownKey" },
    { found: false, reason: "unknownKey" },
    { found: false, reason: "unknownKey" },
    { found: false, reason: "badToken" },
    { found: false, reason: "badToken" },
    { found: false, reason: "expiredToken" },
  ]);
});

test("a function with the policy that the guide gives may report its jobs, and nothing else", async () => {
  await addRole();
  const identity = open();
  const caller = session(identity);
  expect(caller.arn).toBe("arn:aws:sts::000000000000:assumed-role/fn/run");
  expect(await identity.authorize({ caller, ...REPORT })).toEqual({ allowed: true });
  expect(await identity.authorize({ caller, action: "s3:GetObject", resource: "arn:aws:s3:::b/k" })).toEqual({
    allowed: false,
    reason: "noIdentityPolicy",
    message:
      "User: arn:aws:sts::000000000000:assumed-role/fn/run is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/k because no identity-based policy allows the s3:GetObject action",
  });
});

test("artifact credentials reach what their session policy names", async () => {
  await addRole('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}');
  const identity = open();
  const statement = { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/in" } as const;
  const caller = session(identity, { Version: "2012-10-17", Statement: [statement] });
  const get = (resource: string) => identity.authorize({ caller, action: "s3:GetObject", resource });
  expect(await get("arn:aws:s3:::b/in")).toEqual({ allowed: true });
  expect(await get("arn:aws:s3:::b/other")).toMatchObject({
    reason: "noSessionPolicy",
    message: expect.stringMatching(
      /on resource: arn:aws:s3:::b\/other because no session policy allows the s3:GetObject action$/,
    ),
  });
});

test("a change to a role counts from the next request on, once it is told", async () => {
  const identity = open();
  const caller = session(identity);
  expect(await identity.authorize({ caller, ...REPORT })).toEqual(REFUSED); // No role yet.
  await addRole();
  identity.roleChanged(ROLE_ARN);
  expect(await identity.authorize({ caller, ...REPORT })).toEqual({ allowed: true });
  await store.transact((tx) => tx.run(deleteRolePolicy, { role_arn: ROLE_ARN, kind: "inline", name: "report" }));
  identity.roleChanged(ROLE_ARN);
  expect(await identity.authorize({ caller, ...REPORT })).toEqual(REFUSED);
});

test("a change while the role is being read is not lost", async () => {
  await addRole();
  const gate = Promise.withResolvers<void>();
  /** The real store, which hands out what it has read only when the gate opens. */
  const reader: Store["read"] = {
    first: (statement, params) => store.read.first(statement, params),
    async all(statement, params) {
      const rows = await store.read.all(statement, params);
      await gate.promise;
      return rows;
    },
  };
  const identity = open({ store: { read: reader } });
  const caller = session(identity);
  const early = identity.authorize({ caller, ...REPORT });
  await store.transact((tx) => tx.run(deleteRolePolicy, { role_arn: ROLE_ARN, kind: "inline", name: "report" }));
  identity.roleChanged(ROLE_ARN);
  gate.resolve();
  expect(await early).toEqual({ allowed: true }); // It was asked before the change.
  expect(await identity.authorize({ caller, ...REPORT })).toEqual(REFUSED);
});

test("the sessions of a role that is gone may do nothing, even what a bucket grants", async () => {
  await addRole();
  const identity = open();
  const caller = session(identity);
  await store.transact(async (tx) => {
    await tx.run(deleteRolePolicy, { role_arn: ROLE_ARN, kind: "inline", name: "report" });
    await tx.run(deleteRole, { arn: ROLE_ARN });
  });
  identity.roleChanged(ROLE_ARN);
  const grant = { Effect: "Allow", Principal: "*", Action: "s3:*", Resource: "*" } as const;
  const request = { caller, action: "s3:GetObject", resource: "arn:aws:s3:::b/k" };
  expect(await identity.authorize({ ...request, resourcePolicy: { Statement: [grant] } })).toMatchObject({
    allowed: false,
  });
});

test("an attached policy of AWS's counts", async () => {
  await store.transact(async (tx) => {
    await tx.run(insertRole, ROLE);
    const name = "arn:aws:iam::aws:policy/AWSCodePipelineCustomActionAccess";
    await tx.run(putRolePolicy, { role_arn: ROLE_ARN, kind: "managed", name, document: null });
  });
  const identity = open();
  expect(await identity.authorize({ caller: session(identity), ...REPORT })).toEqual({ allowed: true });
});

test("conditions see who asks, when, and what the request brings", async () => {
  const holds = async (operator: string, key: string, value: string) => {
    const statement = { Effect: "Allow", Action: "*", Resource: "*", Condition: { [operator]: { [key]: value } } };
    await store.close();
    store = openSqliteStore({ path: ":memory:" });
    await addRole(JSON.stringify({ Version: "2012-10-17", Statement: [statement] }));
    const identity = open();
    const context = { "S3:Prefix": "x" };
    return (await identity.authorize({ caller: session(identity), ...REPORT, context })).allowed;
  };
  expect(await holds("ArnEquals", "aws:PrincipalArn", ROLE_ARN)).toBe(true);
  expect(await holds("StringEquals", "aws:PrincipalAccount", ACCOUNT)).toBe(true);
  expect(await holds("StringEquals", "aws:PrincipalType", "AssumedRole")).toBe(true);
  expect(await holds("StringEquals", "aws:userid", "AROAAAAAAAAAAAAAAAAAA:run")).toBe(true);
  expect(await holds("DateGreaterThan", "aws:CurrentTime", "2026-09-01T00:00:00Z")).toBe(true);
  expect(await holds("NumericLessThan", "aws:EpochTime", String(NOW / 1000))).toBe(false);
  expect(await holds("StringEquals", "s3:prefix", "x")).toBe(true);
  expect(await holds("Null", "aws:username", "true")).toBe(true);
});

test("in warn mode a refusal passes and is logged; in off mode nobody asks", async () => {
  const warn = open({ mode: "warn" });
  expect(await warn.authorize({ caller: session(warn), ...REPORT })).toEqual({ allowed: true });
  expect(warnings).toEqual([REFUSED.message]);
  const off = open({ mode: "off" });
  expect(await off.authorize({ caller: session(off), ...REPORT })).toEqual({ allowed: true });
  expect(warnings).toHaveLength(1);
});

test("a service may assume the roles that trust it", async () => {
  await addRole();
  const identity = open();
  expect(await identity.serviceMayAssume(ROLE_ARN, "lambda.amazonaws.com")).toBe(true);
  expect(await identity.serviceMayAssume(ROLE_ARN, "codepipeline.amazonaws.com")).toBe(false);
  expect(await identity.serviceMayAssume(`${ROLE_ARN}-not`, "lambda.amazonaws.com")).toBe(false);
});

const OTHER = "111122223333";
const OTHER_ROLE_ARN = `arn:aws:iam::${OTHER}:role/action`;

/** A role of another account, which trusts a principal. */
async function addOtherRole(trusted: string, allowed = "s3:GetObject"): Promise<void> {
  const trust = { Effect: "Allow", Principal: { AWS: trusted }, Action: "sts:AssumeRole" };
  const trust_policy = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
  const own = { Effect: "Allow", Action: allowed, Resource: "*" };
  await store.transact(async (tx) => {
    await tx.run(insertRole, { ...ROLE, account: OTHER, name: "action", path: "/", arn: OTHER_ROLE_ARN, trust_policy });
    const document = JSON.stringify({ Version: "2012-10-17", Statement: [own] });
    await tx.run(putRolePolicy, { role_arn: OTHER_ROLE_ARN, kind: "inline", name: "own", document });
  });
}

test("the number of an account is a key of its root, with the secret test, where account numbers are taken", () => {
  const byNumber = open({ takesAccountNumbers: true }).findKey(OTHER, undefined, NOW);
  const principal = { type: "root", account: OTHER, arn: `arn:aws:iam::${OTHER}:root`, accessKeyId: OTHER };
  expect(byNumber).toEqual({ found: true, secretAccessKey: "test", principal });
  const unknown = { found: false, reason: "unknownKey" };
  expect(open().findKey(OTHER, undefined, NOW)).toEqual(unknown);
  expect(open({ takesAccountNumbers: true }).findKey("11112222333", undefined, NOW)).toEqual(unknown);
});

test("each account has keys of its own, and its root's sessions are of that account", () => {
  const identity = open({ rootKeys: [{ account: OTHER, accessKeyId: "AKIAOTHER", secretAccessKey: "s" }] });
  expect(identity.findKey("AKIAOTHER", undefined, NOW)).toMatchObject({ principal: { type: "root", account: OTHER } });
  const { accessKeyId, sessionToken } = identity.issueRootSession({ account: OTHER, durationSeconds: 900, now: NOW });
  expect(identity.findKey(accessKeyId, sessionToken, NOW)).toMatchObject({
    principal: { type: "root", account: OTHER, arn: `arn:aws:iam::${OTHER}:root` },
  });
});

test("the session of a role is of the role's account, and needs both sides for what is another's", async () => {
  await addOtherRole(ROLE_ARN);
  const identity = open();
  const issued = identity.issueSession({ roleArn: OTHER_ROLE_ARN, sessionName: "s", durationSeconds: 900, now: NOW });
  const found = identity.findKey(issued.accessKeyId, issued.sessionToken, NOW);
  if (!found.found) throw new Error(found.reason);
  expect(found.principal).toMatchObject({ account: OTHER, arn: `arn:aws:sts::${OTHER}:assumed-role/action/s` });
  const read = { caller: found.principal, action: "s3:GetObject", resource: "arn:aws:s3:::b/k" };
  expect(await identity.authorize({ ...read, resourceAccount: OTHER })).toEqual({ allowed: true });
  expect(await identity.authorize({ ...read, resourceAccount: ACCOUNT })).toMatchObject({ reason: "noResourcePolicy" });
  const grant = { Effect: "Allow", Principal: { AWS: OTHER }, Action: "s3:*", Resource: "*" } as const;
  const resourcePolicy = { Version: "2012-10-17", Statement: [grant] };
  expect(await identity.authorize({ ...read, resourceAccount: ACCOUNT, resourcePolicy })).toEqual({ allowed: true });
  const write = { ...read, action: "s3:PutObject", resourceAccount: ACCOUNT, resourcePolicy };
  expect(await identity.authorize(write)).toMatchObject({ reason: "noIdentityPolicy" });
  const condition = { StringEquals: { "aws:ResourceAccount": ACCOUNT } };
  const onlyOurs = { Version: "2012-10-17", Statement: [{ ...grant, Condition: condition }] };
  const asked = { ...read, resourcePolicy: onlyOurs };
  expect(await identity.authorize({ ...asked, resourceAccount: ACCOUNT })).toEqual({ allowed: true });
  expect(await identity.authorize({ ...asked, resourceAccount: "222222222222" })).toMatchObject({ allowed: false });
});

test("a role is assumed across accounts when it trusts, and the caller's own policy allows it", async () => {
  const mayAssume = async (trusted: string, policy: string) => {
    await store.close();
    store = openSqliteStore({ path: ":memory:" });
    await addRole(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"${policy}","Resource":"*"}]}`);
    await addOtherRole(trusted);
    const identity = open();
    const decision = await identity.mayAssume(session(identity), OTHER_ROLE_ARN);
    return decision.allowed ? "allowed" : decision.reason;
  };
  expect(await mayAssume(ROLE_ARN, "sts:AssumeRole")).toBe("allowed");
  expect(await mayAssume(`arn:aws:iam::${ACCOUNT}:root`, "sts:AssumeRole")).toBe("allowed");
  expect(await mayAssume(ROLE_ARN, "s3:*")).toBe("noIdentityPolicy");
  expect(await mayAssume(`arn:aws:iam::${OTHER}:root`, "sts:AssumeRole")).toBe("noResourcePolicy");
  const identity = open();
  expect(await identity.mayAssume(session(identity), `${OTHER_ROLE_ARN}-not`)).toMatchObject({ allowed: false });
});

test("root may do everything in its account that no policy of a resource denies", async () => {
  const identity = open();
  const found = identity.findKey("test", undefined, NOW);
  if (!found.found) throw new Error(found.reason);
  const request = { caller: found.principal, action: "s3:GetObject", resource: "arn:aws:s3:::b/k" };
  expect(await identity.authorize(request)).toEqual({ allowed: true });
  const deny = { Effect: "Deny", Principal: "*", Action: "s3:*", Resource: "*" } as const;
  expect(await identity.authorize({ ...request, resourcePolicy: { Statement: [deny] } })).toMatchObject({
    reason: "explicitDeny",
    message: expect.stringMatching(/with an explicit deny in a resource-based policy$/),
  });
});
