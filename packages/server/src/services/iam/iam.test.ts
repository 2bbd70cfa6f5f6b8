import { afterEach, beforeEach, expect, test } from "vitest";
import { createIdentity } from "../../identity/create-identity.ts";
import type { Caller } from "../../identity/identity.ts";
import { createMasterKey } from "../../identity/master-key.ts";
import { openSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import type { Store } from "../../store/store.ts";
import type { Iam, Input, Output } from "./context.ts";
import { operations } from "./operations.ts";
import type { Operations } from "./shapes.generated.ts";

const ACCOUNT = "000000000000";
const NOW = 1_790_648_060_701;
const ROOT: Caller = { type: "root", account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, accessKeyId: "test" };
const TRUST =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}';
const POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}';
const BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
const RoleName = "fn";

let store: Store;
let iam: Iam;

beforeEach(() => {
  store = openSqliteStore({ path: ":memory:" });
  const masterKey = createMasterKey(Buffer.alloc(32, 1));
  const log = { warn: () => undefined };
  const options = { store, masterKey, rootKeys: [], mode: "enforce", log, now: () => NOW } as const;
  iam = { store, identity: createIdentity(options) };
});
afterEach(() => store.close());

const call = { requestId: "r", region: "us-east-1", principal: ROOT, now: NOW };

function send<Name extends keyof Operations>(name: Name, input: Input<Name>): Promise<Output<Name>> {
  return operations[name].run(input, iam, call);
}

const addRole = (name = RoleName, more: Partial<Input<"CreateRole">> = {}) =>
  send("CreateRole", { RoleName: name, AssumeRolePolicyDocument: TRUST, ...more });

test("a role is shown as it was made, its trust policy in percent-encoding", async () => {
  const Tags = [{ Key: "team", Value: "x" }];
  const { Role } = await addRole(RoleName, { Path: "/service/", Description: "runs fn", Tags });
  expect(Role.RoleId).toMatch(/^AROA[A-Z2-7]{17}$/);
  expect(Role).toMatchObject({
    Path: "/service/",
    RoleName,
    Arn: `arn:aws:iam::${ACCOUNT}:role/service/fn`,
    CreateDate: 1_790_648_060_000,
    Description: "runs fn",
    MaxSessionDuration: 3600,
    Tags,
  });
  expect(Role.AssumeRolePolicyDocument).toMatch(/^%7B%22Version%22%3A%222012-10-17%22/);
  expect(decodeURIComponent(Role.AssumeRolePolicyDocument ?? "")).toBe(TRUST);
  expect(await send("GetRole", { RoleName })).toEqual({ Role });
});

test("a name is taken once, and an unknown one is told", async () => {
  await addRole();
  await expect(addRole(RoleName, { Path: "/other/" })).rejects.toMatchObject({
    code: "EntityAlreadyExists",
    status: 409,
    message: "Role with name fn already exists.",
  });
  const missing = { code: "NoSuchEntity", status: 404, message: "The role with name none cannot be found." };
  const none = { RoleName: "none" };
  const named = { ...none, PolicyName: "p" };
  await expect(send("GetRole", none)).rejects.toMatchObject(missing);
  await expect(send("UpdateRole", none)).rejects.toMatchObject(missing);
  await expect(send("DeleteRole", none)).rejects.toMatchObject(missing);
  await expect(send("ListRolePolicies", none)).rejects.toMatchObject(missing);
  await expect(send("ListAttachedRolePolicies", none)).rejects.toMatchObject(missing);
  await expect(send("GetRolePolicy", named)).rejects.toMatchObject(missing);
  await expect(send("DeleteRolePolicy", named)).rejects.toMatchObject(missing);
  await expect(send("PutRolePolicy", { ...named, PolicyDocument: POLICY })).rejects.toMatchObject(missing);
  await expect(send("AttachRolePolicy", { ...none, PolicyArn: BASIC })).rejects.toMatchObject(missing);
  await expect(send("UpdateAssumeRolePolicy", { ...none, PolicyDocument: TRUST })).rejects.toMatchObject(missing);
});

test("a policy that is none is refused and changes nothing", async () => {
  const malformed = (message: string) => ({ code: "MalformedPolicyDocument", status: 400, message });
  await expect(addRole(RoleName, { AssumeRolePolicyDocument: "{" })).rejects.toMatchObject(
    malformed("This policy contains invalid Json"),
  );
  await expect(addRole(RoleName, { AssumeRolePolicyDocument: POLICY })).rejects.toMatchObject(
    malformed("AssumeRole policy may only specify STS AssumeRole actions."),
  );
  await addRole();
  const put = (PolicyDocument: string) => send("PutRolePolicy", { RoleName, PolicyName: "p", PolicyDocument });
  await expect(put("{}")).rejects.toMatchObject(malformed("Syntax errors in policy."));
  await expect(put(TRUST)).rejects.toMatchObject(malformed("Policy document should not specify a principal."));
  const update = send("UpdateAssumeRolePolicy", { RoleName, PolicyDocument: "{" });
  await expect(update).rejects.toMatchObject(malformed("This policy contains invalid Json"));
  expect(await send("ListRolePolicies", { RoleName })).toEqual({ PolicyNames: [], IsTruncated: false });
});

test("policies that are too long, too many or not kept are refused", async () => {
  await addRole();
  const long = JSON.parse(POLICY);
  long.Statement[0].Action = Array.from({ length: 400 }, (_, index) => `s3:GetSomethingNumber${index}`);
  const put = send("PutRolePolicy", { RoleName, PolicyName: "p", PolicyDocument: JSON.stringify(long) });
  await expect(put).rejects.toMatchObject({
    code: "LimitExceeded",
    message: "Maximum policy size of 10240 bytes exceeded for role fn",
  });
  expect(await send("ListRolePolicies", { RoleName })).toMatchObject({ PolicyNames: [] });
  const boundary = addRole("bound", { PermissionsBoundary: "arn:aws:iam::aws:policy/AdministratorAccess" });
  await expect(boundary).rejects.toMatchObject({ code: "InvalidInput" });
});

test("policies of a role's own are put, replaced, shown and deleted", async () => {
  await addRole();
  const named = { RoleName, PolicyName: "p" };
  await send("PutRolePolicy", { ...named, PolicyDocument: POLICY });
  await send("PutRolePolicy", { ...named, PolicyDocument: POLICY.replace("s3:*", "s3:Get*") });
  await send("PutRolePolicy", { RoleName, PolicyName: "a", PolicyDocument: POLICY });
  expect(await send("ListRolePolicies", { RoleName })).toEqual({ PolicyNames: ["a", "p"], IsTruncated: false });
  const { PolicyDocument } = await send("GetRolePolicy", named);
  expect(PolicyDocument).toContain("%22s3%3AGet%2A%22");
  await send("DeleteRolePolicy", named);
  const missing = { code: "NoSuchEntity", message: "The role policy with name p cannot be found." };
  await expect(send("DeleteRolePolicy", named)).rejects.toMatchObject(missing);
  await expect(send("GetRolePolicy", named)).rejects.toMatchObject(missing);
});

test("AWS's policies are attached once, listed and detached; others are not there", async () => {
  await addRole();
  const attachment = { RoleName, PolicyArn: BASIC };
  await send("AttachRolePolicy", attachment);
  await send("AttachRolePolicy", attachment);
  const attached = [{ PolicyName: "AWSLambdaBasicExecutionRole", PolicyArn: BASIC }];
  expect(await send("ListAttachedRolePolicies", { RoleName })).toEqual({
    AttachedPolicies: attached,
    IsTruncated: false,
  });
  expect(await send("ListAttachedRolePolicies", { RoleName, PathPrefix: "/other/" })).toMatchObject({
    AttachedPolicies: [],
  });
  await send("DetachRolePolicy", attachment);
  await expect(send("DetachRolePolicy", attachment)).rejects.toMatchObject({
    code: "NoSuchEntity",
    message: `Policy ${BASIC} was not found.`,
  });
  const PolicyArn = "arn:aws:iam::aws:policy/Nothing";
  await expect(send("AttachRolePolicy", { RoleName, PolicyArn })).rejects.toMatchObject({
    code: "NoSuchEntity",
    message: `Policy ${PolicyArn} does not exist or is not attachable.`,
  });
});

test("a role with policies is not deleted", async () => {
  await addRole();
  await send("PutRolePolicy", { RoleName, PolicyName: "p", PolicyDocument: POLICY });
  await send("AttachRolePolicy", { RoleName, PolicyArn: BASIC });
  const conflict = (message: string) => ({ code: "DeleteConflict", status: 409, message });
  await expect(send("DeleteRole", { RoleName })).rejects.toMatchObject(
    conflict("Cannot delete entity, must detach all policies first."),
  );
  await send("DetachRolePolicy", { RoleName, PolicyArn: BASIC });
  await expect(send("DeleteRole", { RoleName })).rejects.toMatchObject(
    conflict("Cannot delete entity, must delete policies first."),
  );
  await send("DeleteRolePolicy", { RoleName, PolicyName: "p" });
  await send("DeleteRole", { RoleName });
  await expect(send("GetRole", { RoleName })).rejects.toMatchObject({ code: "NoSuchEntity" });
});

test("roles are listed by name, in pages, under a path", async () => {
  for (const name of ["c", "a", "d", "b"]) await addRole(name, { Path: name === "b" ? "/" : "/x/" });
  const first = await send("ListRoles", { PathPrefix: "/x/", MaxItems: 2 });
  expect(first.Roles.map((role) => role.RoleName)).toEqual(["a", "c"]);
  expect(first.IsTruncated).toBe(true);
  const rest = await send("ListRoles", { PathPrefix: "/x/", MaxItems: 2, Marker: first.Marker ?? "" });
  expect(rest.Roles.map((role) => role.RoleName)).toEqual(["d"]);
  expect(rest).toMatchObject({ IsTruncated: false });
  expect((await send("ListRoles", {})).Roles).toHaveLength(4);
  await expect(send("ListRoles", { Marker: "?" })).rejects.toMatchObject({ code: "ValidationError" });
});

test("changes of a role count at once for its sessions", async () => {
  await addRole();
  const { identity } = iam;
  const roleArn = `arn:aws:iam::${ACCOUNT}:role/fn`;
  const issued = identity.issueSession({ roleArn, sessionName: "s", durationSeconds: 900, now: NOW });
  const found = identity.findKey(issued.accessKeyId, issued.sessionToken, NOW);
  if (!found.found) throw new Error(found.reason);
  const request = { caller: found.principal, action: "s3:GetObject", resource: "arn:aws:s3:::b/k" };
  const may = async () => (await identity.authorize(request)).allowed;
  expect(await may()).toBe(false);
  await send("PutRolePolicy", { RoleName, PolicyName: "p", PolicyDocument: POLICY });
  expect(await may()).toBe(true);
  await send("DeleteRolePolicy", { RoleName, PolicyName: "p" });
  expect(await may()).toBe(false);
  await send("AttachRolePolicy", { RoleName, PolicyArn: "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess" });
  expect(await may()).toBe(true);
});

test("updates keep what they do not name", async () => {
  await addRole(RoleName, { Description: "old" });
  await send("UpdateRole", { RoleName, MaxSessionDuration: 7200 });
  const trust = TRUST.replace("lambda", "codepipeline");
  await send("UpdateAssumeRolePolicy", { RoleName, PolicyDocument: trust });
  const { Role } = await send("GetRole", { RoleName });
  expect(Role).toMatchObject({ Description: "old", MaxSessionDuration: 7200 });
  expect(decodeURIComponent(Role.AssumeRolePolicyDocument ?? "")).toBe(trust);
});

test("every operation asks for its own action on the role's ARN, path and all", async () => {
  await addRole(RoleName, { Path: "/service/" });
  const input = { RoleName, Path: "/service/", PolicyArn: BASIC, PolicyName: "p" };
  for (const [name, { access }] of Object.entries(operations)) {
    // Every operation reads only those members of the input that it has.
    const wanted = await access?.(input as never, iam, call);
    const resource = `arn:aws:iam::${ACCOUNT}:role/${name === "ListRoles" ? "" : "service/fn"}`;
    expect(wanted).toMatchObject([{ action: `iam:${name}`, resource }]);
  }
});
