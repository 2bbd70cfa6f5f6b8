import { expect, test } from "vitest";
import { roleArnOf, usedRoles } from "./deploy-roles.ts";
import type { Action, FunctionDeclaration, Project } from "./project.ts";
import { accountOfFunction, bucketsOf, calledFunctions, pipelinePolicy, REPORT_RESULTS } from "./role-policies.ts";

const declared: FunctionDeclaration = {
  runtime: "python3.12",
  handler: "a.b",
  code: ".",
  environment: {},
  timeoutSeconds: 60,
  memoryMb: 256,
};

function invoke(name: string, functionName: string, more: Partial<Action> = {}): Action {
  return {
    name,
    actionTypeId: { category: "Invoke", owner: "AWS", provider: "Lambda", version: "1" },
    configuration: { FunctionName: functionName },
    ...more,
  };
}

const source: Action = {
  name: "Fetch",
  actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" },
  configuration: { S3Bucket: "in", S3ObjectKey: "in.zip" },
  outputArtifacts: [{ name: "Source" }],
};

const project: Project = {
  pipeline: {
    name: "p",
    roleArn: "arn:aws:iam::123456789012:role/service-role/Pipe",
    artifactStores: {
      "us-east-1": { type: "S3", location: "store" },
      "eu-west-1": { type: "S3", location: "store-eu" },
    },
    stages: [
      { name: "Source", actions: [source] },
      {
        name: "Build",
        actions: [
          invoke("A", "F"),
          invoke("B", "arn:aws:lambda:us-east-1:123456789012:function:G:live", {
            roleArn: "arn:aws:iam::123456789012:role/Act",
          }),
          invoke("C", "#{x.y}"),
        ],
      },
    ],
  },
  functions: { F: declared, H: { ...declared, role: "Shared" } },
  roles: {},
  buckets: {},
  inputs: {},
  account: "123456789012",
  region: "us-east-1",
  origin: "pipeline.json",
  notes: [],
};

test("every role that is used is found, with its path and who may assume it", () => {
  const roles = [...usedRoles(project).values()].map(
    ({ name, path, trust, uses }) =>
      `${path}${name} ${uses} ${/"Principal":(\{.*?\})/.exec(JSON.stringify(trust))?.[1]}`,
  );
  expect(roles).toEqual([
    '/service-role/Pipe the pipeline {"Service":["codepipeline.amazonaws.com"]}',
    '/Act action B {"AWS":"arn:aws:iam::123456789012:role/service-role/Pipe"}',
    '/F-role function F {"Service":["lambda.amazonaws.com"]}',
    '/Shared function H {"Service":["lambda.amazonaws.com"]}',
  ]);
});

test("a function's role is a name in the account, or an ARN as it is", () => {
  expect(roleArnOf(project, "F")).toBe("arn:aws:iam::123456789012:role/F-role");
  expect(roleArnOf(project, "H")).toBe("arn:aws:iam::123456789012:role/Shared");
  const other = { ...project, functions: { F: { ...declared, role: "arn:aws:iam::1:role/x" } } };
  expect(roleArnOf(other, "F")).toBe("arn:aws:iam::1:role/x");
});

test("the pipeline's role gets its own buckets and functions, and no more", () => {
  expect(bucketsOf(project)).toEqual(["store", "store-eu", "in"]);
  expect(calledFunctions(project)).toEqual(["F", "G"].map((name) => ({ name, account: "123456789012" })));
  const policy = JSON.stringify(pipelinePolicy(project));
  expect(policy).toContain('"arn:aws:lambda:*:123456789012:function:G"');
  expect(policy).toContain('"arn:aws:iam::123456789012:role/Act"');
  expect(policy).not.toContain('"s3:*"');
});

test("a pipeline that calls no function gets no statement without a resource, which IAM refuses", () => {
  const plain = { ...project, pipeline: { ...project.pipeline, stages: [{ name: "Source", actions: [source] }] } };
  expect(JSON.stringify(pipelinePolicy(plain))).not.toContain("[]");
});

test("a function that nobody gave a role may report results, and nothing else", () => {
  const { policy } = usedRoles(project).get("F-role") ?? {};
  expect(policy).toBe(REPORT_RESULTS);
  expect(REPORT_RESULTS["Statement"]).toEqual([
    {
      Effect: "Allow",
      Action: ["codepipeline:PutJobFailureResult", "codepipeline:PutJobSuccessResult"],
      Resource: "*",
    },
  ]);
});

test("an action with a role of another account has its function there, with a role of its own", () => {
  const act = "arn:aws:iam::999999999999:role/Act";
  const stages = [{ name: "Build", actions: [invoke("A", "F", { roleArn: act })] }];
  const across = { ...project, pipeline: { ...project.pipeline, stages }, functions: { F: declared, H: declared } };
  expect(calledFunctions(across)).toEqual([{ name: "F", account: "999999999999" }]);
  expect(accountOfFunction("F", across)).toBe("999999999999");
  expect(accountOfFunction("H", across)).toBe("123456789012");
  const bare = { ...across, functions: { F: { ...declared, role: "mine" } } };
  expect(accountOfFunction("F", bare)).toBe("123456789012");
  const accounts = [...usedRoles(across).values()].map(({ name, account }) => `${name} ${account}`);
  expect(accounts).toEqual(["Pipe 123456789012", "Act 999999999999", "F-role 999999999999", "H-role 123456789012"]);
});

test("a role's name in two accounts is refused: penstock.yaml could not tell them apart", () => {
  const stages = [{ name: "Build", actions: [invoke("A", "F", { roleArn: "arn:aws:iam::999999999999:role/Pipe" })] }];
  expect(() => usedRoles({ ...project, pipeline: { ...project.pipeline, stages } })).toThrowError(
    "role Pipe is named in account 123456789012 and in account 999999999999",
  );
});
