/* What is derived from which line: of functions from their sources, of pipelines from their declarations. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import type { Action, FunctionDeclaration, Project } from "../project/project.ts";
import { readProject } from "../project/read-project.ts";
import { cdkText } from "./formats/cdk.ts";
import { terraformText } from "./formats/terraform.ts";
import { neededRoleOfFunction, neededRoles } from "./needed-roles.ts";
import { archiveProject } from "./testing/archive-project.ts";
import { readHcl } from "./testing/read-hcl.ts";

function functionOf(
  files: Readonly<Record<string, string>>,
  more: Partial<FunctionDeclaration> = {},
): FunctionDeclaration {
  const code = mkdtempSync(join(tmpdir(), "penstock-needs-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(code, name)), { recursive: true });
    writeFileSync(join(code, name), text);
  }
  const handler = "app.handler";
  return { runtime: "nodejs24.x", handler, code, environment: {}, timeoutSeconds: 60, memoryMb: 128, ...more };
}

function projectOf(actions: readonly Action[], more: Partial<Project> = {}): Project {
  return {
    pipeline: {
      name: "web",
      roleArn: "arn:aws:iam::123456789012:role/web",
      artifactStore: { type: "S3", location: "store" },
      stages: [{ name: "All", actions }],
    },
    ...{ functions: {}, roles: {}, buckets: {}, inputs: {}, notes: [], origin: "pipeline.json" },
    ...{ account: "123456789012", region: "eu-west-1" },
    ...more,
  };
}

function lambda(functionName: string, more: Partial<Action> = {}): Action {
  const actionTypeId = { category: "Invoke", owner: "AWS", provider: "Lambda", version: "1" };
  return { name: "Call", actionTypeId, configuration: { FunctionName: functionName }, ...more };
}

/** Statements as `Sid: actions on resources`, of one role. */
function said(project: Project, role = "web"): readonly string[] {
  const { roles } = neededRoles(project);
  const statements = roles.find(({ name }) => name === role)?.statements ?? [];
  return statements.map(({ Sid, Action, Resource }) => `${Sid}: ${Action.join(" ")} on ${Resource.join(" ")}`);
}

const WITH_TOOLKIT = 'import { defineJob } from "@penstock/toolkit";\n';

test.each([
  ["a bare function", { "app.mjs": "export const handler = 1;" }, {}, ""],
  [
    "fresh credentials, asked for itself",
    { "app.mjs": "new GetJobDetailsCommand({})" },
    {},
    "RenewArtifactCredentials",
  ],
  [
    "the toolkit in a run of more than 14 minutes",
    { "app.mjs": WITH_TOOLKIT },
    { timeoutSeconds: 841 },
    "RenewArtifactCredentials",
  ],
  ["the toolkit in 14 minutes", { "app.mjs": WITH_TOOLKIT }, { timeoutSeconds: 840 }, ""],
  ["a long run without the toolkit", { "app.mjs": "" }, { timeoutSeconds: 900 }, ""],
  [
    "an imported file",
    { "app.ts": 'export * from "./a/b.js";', "a/b.ts": 'import "./c";', "a/c.ts": "getJobDetails()" },
    {},
    "RenewArtifactCredentials",
  ],
  ["a neighbour that it does not import", { "app.mjs": "", "other.mjs": "getJobDetails()" }, {}, ""],
  [
    "a Python module",
    { "app.py": "from lib import calls\n", "lib/calls.py": "c.get_job_details(jobId=1)" },
    { runtime: "python3.13" },
    "RenewArtifactCredentials",
  ],
  [
    "a relative Python module",
    { "app.py": "import pkg.one as o\n", "pkg/one.py": "from .two import x", "pkg/two.py": "get_job_details" },
    { runtime: "python3.13" },
    "RenewArtifactCredentials",
  ],
  [
    "a bucket for states",
    { "app.mjs": `${WITH_TOOLKIT} defineJob({ stateBucket: "states" })` },
    {},
    "KeepState arn:aws:s3:::states/*",
  ],
  [
    "a bucket and prefix in a variable",
    { "app.mjs": `${WITH_TOOLKIT} defineJob({ stateBucket: process.env.STATES })` },
    { environment: { STATES: "states/a/" } },
    "KeepState arn:aws:s3:::states/a/*",
  ],
  [
    "a variable that is not set",
    { "app.mjs": `${WITH_TOOLKIT} defineJob({ stateBucket: process.env["STATES"] })` },
    {},
    "",
  ],
])("of %s it is told what it needs beside reports and logs", (_, files, more, expected) => {
  const declared = functionOf(files as Record<string, string>, more);
  const { roles } = neededRoleOfFunction(projectOf([], { functions: { fn: declared } }), "fn");
  const statements = roles[0]?.statements ?? [];
  expect(statements.map(({ Sid }) => Sid)).toEqual(expect.arrayContaining(["ReportResults", "WriteLogs"]));
  const others = statements.filter(({ Sid }) => Sid !== "ReportResults" && Sid !== "WriteLogs");
  expect(others.map(({ Sid, Resource }) => (Sid === "KeepState" ? `${Sid} ${Resource}` : Sid)).join()).toBe(expected);
});

test("calls of services that it makes with its own rights are told, because what it does there is not known", () => {
  const declared = functionOf(
    { "app.py": 'boto3.client("dynamodb"), boto3.resource("s3"), boto3.client("codepipeline")' },
    { runtime: "python3.13" },
  );
  const { notes } = neededRoles(projectOf([], { functions: { fn: declared } }));
  expect(notes).toEqual(["function fn uses dynamodb; what it does there is not known, so add that to its policy"]);
});

test.each([
  ["a name", "fn", "arn:aws:lambda:eu-west-1:123456789012:function:fn"],
  ["an alias", "fn:live", "arn:aws:lambda:eu-west-1:123456789012:function:fn:live"],
  [
    "an ARN",
    "arn:aws:lambda:us-east-1:123456789012:function:fn:7",
    "arn:aws:lambda:us-east-1:123456789012:function:fn:7",
  ],
  ["a variable in it", "fn-#{variables.stage}", "arn:aws:lambda:eu-west-1:123456789012:function:fn-*"],
])("a function by %s is the one that the role may invoke", (_, given, arn) => {
  expect(said(projectOf([lambda(given)]))).toEqual([`InvokeFunctions: lambda:InvokeFunction on ${arn}`]);
});

test("an action that reads only is not given the right to write, and one in another region uses its store", () => {
  const roleArn = "arn:aws:iam::123456789012:role/reader";
  const project = projectOf([lambda("fn", { roleArn, region: "us-west-2", inputArtifacts: [{ name: "A" }] })]);
  const { artifactStore: _, ...pipeline } = project.pipeline;
  const artifactStores = { "us-west-2": { type: "S3", location: "west" } };
  const there = { ...project, pipeline: { ...pipeline, artifactStores } };
  expect(said(there, "reader")).toEqual([
    "ReadArtifacts: s3:GetObject s3:GetObjectVersion on arn:aws:s3:::west/web/*",
    "InvokeFunctions: lambda:InvokeFunction on arn:aws:lambda:us-west-2:123456789012:function:fn",
  ]);
  expect(said(there)).toEqual([`AssumeActionRoles: sts:AssumeRole on ${roleArn}`]);
});

test("no role of a whole project is given an action or a resource more than this", async () => {
  const project = await readProject(archiveProject());
  const table = neededRoles(project).roles.map(({ name }) => [name, ...said(project, name)].join("\n    "));
  expect(`\n  ${table.join("\n  ")}\n`).toBe(`
  archive-pipeline
    LookAtSources: s3:GetBucketAcl s3:GetBucketLocation s3:GetBucketVersioning on arn:aws:s3:::penstock-archive-source
    ReadSources: s3:GetObject s3:GetObjectVersion on arn:aws:s3:::penstock-archive-source/in/source.zip
    ReadArtifacts: s3:GetObject s3:GetObjectVersion on arn:aws:s3:::penstock-archive/archive-of-everythin/*
    WriteArtifacts: s3:PutObject on arn:aws:s3:::penstock-archive/archive-of-everythin/*
    UseArtifactKey: kms:Decrypt kms:GenerateDataKey on arn:aws:kms:us-east-1:000000000000:key/*
    InvokeFunctions: lambda:InvokeFunction on arn:aws:lambda:us-east-1:000000000000:function:pack
    DeployFiles: s3:PutObject on arn:aws:s3:::penstock-site/texts/*
    DeployCode: lambda:UpdateFunctionCode on arn:aws:lambda:us-east-1:000000000000:function:send
    AssumeActionRoles: sts:AssumeRole on arn:aws:iam::000000000000:role/archive-send
  archive-send
    ReadArtifacts: s3:GetObject s3:GetObjectVersion on arn:aws:s3:::penstock-archive/archive-of-everythin/*
    UseArtifactKey: kms:Decrypt on arn:aws:kms:us-east-1:000000000000:key/*
    InvokeFunctions: lambda:InvokeFunction on arn:aws:lambda:us-east-1:000000000000:function:send
  pack-role
    ReportResults: codepipeline:PutJobFailureResult codepipeline:PutJobSuccessResult on *
    RenewArtifactCredentials: codepipeline:GetJobDetails on *
    KeepState: s3:GetObject s3:PutObject on arn:aws:s3:::penstock-states/pack/*
    WriteLogs: logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/pack arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/pack:*
  sender
    ReportResults: codepipeline:PutJobFailureResult codepipeline:PutJobSuccessResult on *
    WriteLogs: logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/send arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/send:*
`);
});

test("a role that names the pipeline's in its trust needs no statement there", () => {
  const trusting = (principal: string) => ({
    trust: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { AWS: principal }, Action: "sts:AssumeRole" }],
    },
    policies: {},
  });
  const actions = [lambda("fn", { roleArn: "arn:aws:iam::123456789012:role/x" })];
  const byRole = projectOf(actions, { roles: { x: trusting("arn:aws:iam::123456789012:role/web") } });
  expect(said(byRole)).toEqual([]);
  const byAccount = projectOf(actions, { roles: { x: trusting("arn:aws:iam::123456789012:root") } });
  expect(said(byAccount)).toEqual(["AssumeActionRoles: sts:AssumeRole on arn:aws:iam::123456789012:role/x"]);
});

test.each([
  [
    "a key id",
    "1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    undefined,
  ],
  ["a key's ARN", "arn:aws:kms:us-east-1:210987654321:key/k", "arn:aws:kms:us-east-1:210987654321:key/k", undefined],
  ["an alias", "alias/a", "arn:aws:kms:eu-west-1:123456789012:key/*", "alias/a"],
  [
    "an alias's ARN",
    "arn:aws:kms:us-east-1:210987654321:alias/a",
    "arn:aws:kms:us-east-1:210987654321:key/*",
    "alias/a",
  ],
])("the key of the artifact store by %s", (_, id, resource, alias) => {
  const project = projectOf([lambda("fn", { inputArtifacts: [{ name: "A" }] })]);
  const artifactStore = { type: "S3", location: "store", encryptionKey: { id, type: "KMS" } };
  const { roles } = neededRoles({ ...project, pipeline: { ...project.pipeline, artifactStore } });
  const key = roles[0]?.statements.find(({ Sid }) => Sid === "UseArtifactKey");
  expect(key).toMatchObject({ Action: ["kms:Decrypt"], Resource: [resource] });
  expect(key?.Condition?.["ForAnyValue:StringEquals"]?.["kms:ResourceAliases"]).toBe(alias);
});

test.each([
  ["an object", { Extract: "false", ObjectKey: "a.zip" }, "DeployFiles: s3:PutObject on arn:aws:s3:::site/a.zip"],
  ["files", { Extract: "true" }, "DeployFiles: s3:PutObject on arn:aws:s3:::site/*"],
  [
    "files below a key",
    { Extract: "true", ObjectKey: "v-#{a.b}" },
    "DeployFiles: s3:PutObject on arn:aws:s3:::site/v-*/*",
  ],
  [
    "files with an ACL",
    { Extract: "true", CannedACL: "private" },
    "DeployFiles: s3:PutObject s3:PutObjectAcl on arn:aws:s3:::site/*",
  ],
])("a deployment of %s to a bucket", (_, configuration, expected) => {
  const actionTypeId = { category: "Deploy", owner: "AWS", provider: "S3", version: "1" };
  const action = {
    name: "Site",
    actionTypeId,
    configuration: { BucketName: "site", ...configuration } as Record<string, string>,
  };
  expect(said(projectOf([action]))).toEqual([expected]);
});

test("a deployment to a function needs its alias, and its code only with an artifact", () => {
  const actionTypeId = { category: "Deploy", owner: "AWS", provider: "Lambda", version: "1" };
  const configuration = { FunctionName: "fn", FunctionAlias: "live", PublishedTargetVersion: "3" };
  const arn = "arn:aws:lambda:eu-west-1:123456789012:function:fn";
  const action: Action = { name: "Code", actionTypeId, configuration };
  expect(said(projectOf([action]))).toEqual([`DeployCode: lambda:GetAlias lambda:UpdateAlias on ${arn}`]);
  const withCode: Action = {
    name: "Code",
    actionTypeId,
    configuration: { FunctionName: "fn" },
    inputArtifacts: [{ name: "A" }],
  };
  expect(said(projectOf([withCode]))).toContain(`DeployCode: lambda:UpdateFunctionCode on ${arn}`);
});

test("what an action of another provider needs is said to be unknown, and an approval needs nothing", () => {
  const of = (category: string, provider: string): Action => ({
    name: provider,
    actionTypeId: { category, owner: "AWS", provider, version: "1" },
  });
  const { notes } = neededRoles(projectOf([of("Build", "CodeBuild"), of("Approval", "Manual")]));
  expect(notes).toEqual(["action CodeBuild: what AWS Build CodeBuild needs is not known here, so add it to its role"]);
});

const odd = {
  ...{ name: "odd role", path: "/", uses: "nobody" },
  trust: {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "lambda.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "aws:SourceArn": `$\{aws:PrincipalArn} %{if}` } },
      },
    ],
  },
  statements: [],
} as const;

test("a trust that is not plain is kept whole", async () => {
  expect(cdkText([odd])).toContain(`assumeRolePolicyDocument = ${JSON.stringify(odd.trust)}`);
  const [role] = await readHcl(terraformText([odd]));
  expect(role?.members["assume_role_policy"]).toEqual(odd.trust);
});

test("variables of IAM are no templates of Terraform", () => {
  expect(terraformText([odd])).toContain('"$${aws:PrincipalArn} %%{if}"');
});
