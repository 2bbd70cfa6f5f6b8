import { afterAll, describe, expect, test } from "vitest";
import { awsCli } from "./aws-cli.ts";
import { boto3 } from "./boto3.ts";
import { allow, createRole } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { startPenstock } from "./server.ts";

const server = await startPenstock();
afterAll(server.stop);
const root = javascript(server);
const ROOT_ARN = `arn:aws:iam::${server.account}:root`;
await root.iam.createRole({
  RoleName: "deployer",
  AssumeRolePolicyDocument: JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: ROOT_ARN }, Action: "sts:AssumeRole" }],
  }),
});
await root.iam.putRolePolicy({
  RoleName: "deployer",
  PolicyName: "p",
  PolicyDocument: allow(["s3:ListAllMyBuckets", "iam:ListRoles"]),
});
await createRole(root, "of-a-service", "lambda.amazonaws.com");

describe.each([
  ["AWS SDK for JavaScript v3", javascript],
  ["boto3", boto3],
  ["AWS CLI", awsCli],
] as const)("STS by %s", (_, make) => {
  const { sts } = make(server);
  const role = `arn:aws:iam::${server.account}:role/deployer`;

  test("tells root who it is", async () => {
    const { Account: account, Arn: arn } = await sts.getCallerIdentity({});
    expect({ account, arn }).toEqual({ account: server.account, arn: ROOT_ARN });
  });

  test("gives a session of a role, which is the role for every service, within a session policy", async () => {
    const answer = await sts.assumeRole({
      RoleArn: role,
      RoleSessionName: "s-1",
      DurationSeconds: 900,
      Policy: allow(["s3:*"]),
    });
    const arn = `arn:aws:sts::${server.account}:assumed-role/deployer/s-1`;
    expect(answer.AssumedRoleUser).toMatchObject({ Arn: arn, AssumedRoleId: expect.stringMatching(/^AROA\w+:s-1$/) });
    const {
      AccessKeyId: accessKeyId = "",
      SecretAccessKey: secretAccessKey = "",
      SessionToken: sessionToken = "",
    } = answer.Credentials ?? {};
    expect(accessKeyId).toMatch(/^ASIA/);
    const lifetimeMs = new Date(answer.Credentials?.Expiration ?? 0).getTime() - Date.now();
    expect(lifetimeMs).toBeGreaterThan(880_000);
    expect(lifetimeMs).toBeLessThanOrEqual(900_000);
    const session = make(server, { credentials: { accessKeyId, secretAccessKey, sessionToken } });
    expect((await session.sts.getCallerIdentity({})).Arn).toBe(arn);
    await session.s3.listBuckets({});
    await expect(session.iam.listRoles({})).rejects.toMatchObject({
      message: expect.stringContaining("because no session policy allows the iam:ListRoles action"),
    });
    await expect(session.s3.createBucket({ Bucket: "not-allowed" })).rejects.toMatchObject({
      name: "AccessDenied",
      message: expect.stringContaining("because no identity-based policy allows the s3:CreateBucket action"),
    });
  });

  test.each([
    ["that trusts a service alone", "of-a-service"],
    ["that does not exist", "nobody"],
  ])("a role %s is not given", async (_title, name) => {
    const RoleArn = `arn:aws:iam::${server.account}:role/${name}`;
    await expect(sts.assumeRole({ RoleArn, RoleSessionName: "s-1" })).rejects.toMatchObject({
      name: expect.stringMatching(/^AccessDenied/),
      message: expect.stringMatching(
        `^User: ${ROOT_ARN} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
      ),
    });
  });
});
