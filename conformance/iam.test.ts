import { afterAll, describe, expect, test } from "vitest";
import { boto3 } from "./boto3.ts";
import { allow } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { startPenstock } from "./server.ts";

const server = await startPenstock();
afterAll(server.stop);
const TRUST = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
};

describe.each([javascript(server), boto3(server)])("IAM by $name", ({ name, iam }) => {
  const RoleName = `role-of-${name.replaceAll(" ", "-")}`;
  const PolicyName = "reports";

  test("a role lives with its inline policies, and goes when they have gone", async () => {
    const { Role: created } = await iam.createRole({
      RoleName,
      AssumeRolePolicyDocument: JSON.stringify(TRUST),
      Description: "of a test",
    });
    expect(created).toMatchObject({
      RoleName,
      Path: "/",
      Arn: `arn:aws:iam::${server.account}:role/${RoleName}`,
      RoleId: expect.stringMatching(/^AROA/),
    });
    await expect(iam.createRole({ RoleName, AssumeRolePolicyDocument: JSON.stringify(TRUST) })).rejects.toMatchObject({
      name: expect.stringMatching(/^EntityAlreadyExists/),
      message: `Role with name ${RoleName} already exists.`,
    });
    const { Role: read } = await iam.getRole({ RoleName });
    expect(read?.Description).toBe("of a test");
    expect(document(read?.AssumeRolePolicyDocument)).toEqual(TRUST);

    const PolicyDocument = allow(["codepipeline:PutJobSuccessResult"]);
    await iam.putRolePolicy({ RoleName, PolicyName, PolicyDocument });
    expect((await iam.listRolePolicies({ RoleName })).PolicyNames).toEqual([PolicyName]);
    const policy = await iam.getRolePolicy({ RoleName, PolicyName });
    expect(document(policy.PolicyDocument)).toEqual(JSON.parse(PolicyDocument));
    await expect(iam.deleteRole({ RoleName })).rejects.toMatchObject({
      name: expect.stringMatching(/^DeleteConflict/),
    });
    await iam.deleteRolePolicy({ RoleName, PolicyName });
    await iam.deleteRole({ RoleName });
    await expect(iam.getRole({ RoleName })).rejects.toMatchObject({
      name: expect.stringMatching(/^NoSuchEntity/),
      message: `The role with name ${RoleName} cannot be found.`,
    });
  });

  test("a policy that is none is refused, and nothing of it is kept", async () => {
    const broken = { RoleName: `broken-${name.length}`, AssumeRolePolicyDocument: "{" };
    await expect(iam.createRole(broken)).rejects.toMatchObject({
      name: expect.stringMatching(/^MalformedPolicyDocument/),
    });
    await expect(iam.getRole({ RoleName: broken.RoleName })).rejects.toMatchObject({
      name: expect.stringMatching(/^NoSuchEntity/),
    });
  });
});

/** Python clients answer a policy as a value, the SDK as it came: JSON, encoded for a URL. */
function document(policy: unknown): unknown {
  return typeof policy === "string" ? JSON.parse(decodeURIComponent(policy)) : policy;
}
