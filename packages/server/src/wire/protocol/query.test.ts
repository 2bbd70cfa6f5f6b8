import {
  CreateRoleCommand,
  DeleteRoleCommand,
  GetRoleCommand,
  IAMClient,
  ListRolesCommand,
  ListUsersCommand,
} from "@aws-sdk/client-iam";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import StsV2 from "aws-sdk/clients/sts.js";
import { expect, test } from "vitest";
import { model as iamModel } from "../../services/iam/model.generated.ts";
import type { CreateRoleInput, Operations as IamOperations } from "../../services/iam/shapes.generated.ts";
import { model as stsModel } from "../../services/sts/model.generated.ts";
import type { AssumeRoleInput, Operations as StsOperations } from "../../services/sts/shapes.generated.ts";
import { ServiceError } from "../error.ts";
import { service } from "../service.ts";
import { clientOptions, listen } from "../testing/listen.ts";
import { send, sendSigned } from "../testing/sign.ts";

const inputs: (AssumeRoleInput | CreateRoleInput)[] = [];
const expiresAt = Date.parse("2026-11-24T11:00:00Z");

const sts = service<undefined, StsOperations>({
  model: stsModel,
  context: undefined,
  operations: {
    GetCallerIdentity: {
      name: "GetCallerIdentity",
      run: async (_input, _context, { principal }) => ({ Arn: principal.arn }),
    },
    AssumeRole: {
      name: "AssumeRole",
      async run(input) {
        inputs.push(input);
        const Credentials = { AccessKeyId: "A", SecretAccessKey: "<&>", SessionToken: "T", Expiration: expiresAt };
        return { Credentials };
      },
    },
  },
});

const role = { RoleName: "r", Path: "/", RoleId: "i", Arn: "arn:aws:iam::000000000000:role/r", CreateDate: expiresAt };
const iam = service<undefined, IamOperations>({
  model: iamModel,
  context: undefined,
  operations: {
    CreateRole: {
      name: "CreateRole",
      async run(input) {
        inputs.push(input);
        return { Role: { ...role, Tags: input.Tags ?? [] } };
      },
    },
    ListRoles: { name: "ListRoles", run: async () => ({ Roles: [role, role], IsTruncated: false }) },
    DeleteRole: { name: "DeleteRole", run: async () => ({}) },
    GetRole: {
      name: "GetRole",
      async run({ RoleName }) {
        throw new ServiceError("NoSuchEntity", `The role with name ${RoleName} cannot be found.`, 404);
      },
    },
  },
});

test("structures, lists and numbers of a form", async () => {
  await using server = await listen({ sts });
  const input = {
    RoleArn: role.Arn,
    RoleSessionName: "session",
    DurationSeconds: 900,
    Policy: '{"a": "b+c&d=é"}',
    Tags: [
      { Key: "k", Value: "v 1" },
      { Key: "l", Value: "" },
    ],
    TransitiveTagKeys: ["k"],
  };
  const output = await new STSClient(clientOptions(server)).send(new AssumeRoleCommand(input));
  expect(inputs.at(-1)).toEqual(input);
  expect(output.Credentials).toEqual({
    AccessKeyId: "A",
    SecretAccessKey: "<&>",
    SessionToken: "T",
    Expiration: new Date(expiresAt),
  });
  const old = new StsV2({ ...clientOptions(server), maxRetries: 0 });
  expect((await old.getCallerIdentity().promise()).Arn).toBe("arn:aws:iam::000000000000:root");
});

test("replies are wrapped, and one without output as well", async () => {
  await using server = await listen({ iam });
  const client = new IAMClient(clientOptions(server));
  const AssumeRolePolicyDocument = "{}";
  const created = await client.send(
    new CreateRoleCommand({ RoleName: "r", AssumeRolePolicyDocument, Tags: [{ Key: "a", Value: "b" }] }),
  );
  expect(created.Role?.Tags).toEqual([{ Key: "a", Value: "b" }]);
  expect((await client.send(new ListRolesCommand({}))).Roles?.length).toBe(2);
  await client.send(new DeleteRoleCommand({ RoleName: "r" }));
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const raw = await sendSigned(server.port, { service: "iam", headers, body: "Action=DeleteRole&RoleName=r" });
  expect(raw.body).toBe(
    '<DeleteRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000004</RequestId></ResponseMetadata></DeleteRoleResponse>',
  );
});

test("errors, broken constraints and what is not served have the protocol's document", async () => {
  await using server = await listen({ iam, sts });
  const client = new IAMClient(clientOptions(server));
  await expect(client.send(new GetRoleCommand({ RoleName: "x" }))).rejects.toMatchObject({
    name: expect.stringMatching(/^NoSuchEntity/),
    message: "The role with name x cannot be found.",
    $metadata: { httpStatusCode: 404, requestId: "00000000-0000-4000-8000-000000000001" },
  });
  await expect(client.send(new ListUsersCommand({}))).rejects.toMatchObject({ name: "InvalidAction" });
  await expect(client.send(new GetRoleCommand({ RoleName: "x".repeat(65) }))).rejects.toMatchObject({
    name: "ValidationError",
    message:
      "1 validation error detected: Value at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64",
  });
  const spoken = new STSClient(clientOptions(server)).send(
    new AssumeRoleCommand({ RoleArn: role.Arn, RoleSessionName: "a b" }),
  );
  await expect(spoken).rejects.toMatchObject({
    message: expect.stringContaining(
      "Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular",
    ),
  });
});

test("forms are told apart by their version when nothing is signed", async () => {
  await using server = await listen({ iam, sts });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const ofIam = await send(server.port, { body: "Action=GetRole&Version=2010-05-08" }, headers);
  expect(ofIam.body).toContain('<ErrorResponse xmlns="https://iam.amazonaws.com');
  const ofNobody = await send(server.port, { body: "Action=Publish&Version=2010-03-31" }, headers);
  expect(ofNobody).toMatchObject({ status: 400, body: expect.stringContaining("<Code>InvalidAction</Code>") });
  expect(server.calls.map((call) => [call.service, call.errorCode])).toEqual([
    ["iam", "MissingAuthenticationToken"],
    ["form", "InvalidAction"],
  ]);
});
