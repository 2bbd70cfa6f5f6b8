import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ActionDeclaration, PipelineDeclaration } from "@aws-sdk/client-codepipeline";
import type { Runtime } from "@aws-sdk/client-lambda";
import { zipFolder } from "@penstock/server";
import type { Client } from "./client.ts";
import { WORKSPACE } from "./server.ts";

/*
 * The ground that a pipeline stands on, laid by any client: a role for the pipeline, a versioned bucket with a
 * source, functions with their roles; and short ways to write a declaration.
 */

const ACCOUNT = "000000000000";

/** The one bucket of a test: of its source, and of its artifacts. */
export const BUCKET = "penstock-conformance";

/** What the pipelines of the tests run as. */
export const PIPELINE_ROLE = `arn:aws:iam::${ACCOUNT}:role/pipeline`;

const EVERYTHING_OF_A_PIPELINE = allow(["s3:*", "lambda:InvokeFunction", "kms:*", "sts:AssumeRole"]);

/** The reference function's policy, as it stands in the examples. */
export const REPORTING_POLICY = readFileSync(join(WORKSPACE, "examples/invoke-lambda/policy.json"), "utf8");

/** A policy with one statement for all resources. */
export function allow(actions: readonly string[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] });
}

/** Creates a role that a service may assume, with at most one inline policy; answers its ARN. */
export function createRole(client: Client, name: string, service: string, policy?: string): Promise<string> {
  return createRoleFor(client, name, { Service: service }, policy);
}

/** Creates the role of an action, which the pipeline's role may assume; answers its ARN. */
export function createActionRole(client: Client, name: string, policy: string): Promise<string> {
  return createRoleFor(client, name, { AWS: PIPELINE_ROLE }, policy);
}

/** Creates a role that a principal may assume, with at most one inline policy; answers its ARN. */
export async function createRoleFor(
  { iam }: Client,
  name: string,
  principal: Readonly<Record<string, string>>,
  policy?: string,
): Promise<string> {
  const trust = { Effect: "Allow", Principal: principal, Action: "sts:AssumeRole" };
  const { Role: role } = await iam.createRole({
    RoleName: name,
    AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
  });
  if (policy) await iam.putRolePolicy({ RoleName: name, PolicyName: "its-policy", PolicyDocument: policy });
  return role?.Arn ?? "";
}

/** The pipeline's role, the bucket, and a source in it under `source.zip`; answers the source's version. */
export async function layGround(client: Client, source: Uint8Array): Promise<string> {
  await createRole(client, "pipeline", "codepipeline.amazonaws.com", EVERYTHING_OF_A_PIPELINE);
  await client.s3.createBucket({ Bucket: BUCKET });
  await client.s3.putBucketVersioning({ Bucket: BUCKET, VersioningConfiguration: { Status: "Enabled" } });
  const { VersionId: version } = await client.s3.putObject({ Bucket: BUCKET, Key: "source.zip", Body: source });
  return version ?? "";
}

/** A function to create. */
export interface DeclaredFunction {
  readonly name: string;
  readonly runtime: Runtime;
  readonly handler: string;
  readonly code: Uint8Array;
  /** The policy of its role; without one it may do nothing. */
  readonly policy?: string;
  readonly environment?: Record<string, string>;
}

/** Creates a function and a role of its own. */
export async function createFunction(client: Client, declared: DeclaredFunction): Promise<void> {
  const { name, runtime, handler, code, policy, environment } = declared;
  const role = await createRole(client, `${name}-role`, "lambda.amazonaws.com", policy);
  await client.lambda.createFunction({
    FunctionName: name,
    Runtime: runtime,
    Role: role,
    Handler: handler,
    Code: { ZipFile: code },
    Timeout: 30,
    ...(environment && { Environment: { Variables: environment } }),
  });
}

/** Zips some files, given by name. */
export async function zipOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<Uint8Array> {
  const dir = mkdtempSync(join(tmpdir(), "penstock-zip-"));
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, "in", name)), { recursive: true });
      writeFileSync(join(dir, "in", name), content);
    }
    await zipFolder(join(dir, "in"), join(dir, "out.zip"));
    return readFileSync(join(dir, "out.zip"));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Zips files of the tests' own functions. */
export async function zipOfFunctions(...names: readonly string[]): Promise<Uint8Array> {
  const read = (name: string) => readFileSync(join(WORKSPACE, "conformance/functions", name));
  return await zipOf(Object.fromEntries(names.map((name) => [name, read(name)])));
}

/** A pipeline of an S3 source, which does not poll, and some stages of one action each, unless given as lists. */
export function pipeline(
  name: string,
  stages: readonly (ActionDeclaration | ActionDeclaration[])[],
  more: Partial<PipelineDeclaration> = {},
): PipelineDeclaration {
  const lists = [sourceAction(), ...stages].map((stage) => (Array.isArray(stage) ? stage : [stage]));
  return {
    name,
    roleArn: PIPELINE_ROLE,
    artifactStore: { type: "S3", location: BUCKET },
    stages: lists.map((actions, index) => ({ name: index === 0 ? "Source" : `Stage${index}`, actions })),
    ...more,
  };
}

/** Reads `source.zip` of the bucket. */
export function sourceAction(more: Partial<ActionDeclaration> = {}): ActionDeclaration {
  return {
    name: "Fetch",
    actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" },
    configuration: { S3Bucket: BUCKET, S3ObjectKey: "source.zip", PollForSourceChanges: "false" },
    outputArtifacts: [{ name: "SourceZip" }],
    ...more,
  };
}

/** Calls a function. */
export function lambdaAction(
  name: string,
  functionName: string,
  more: Partial<ActionDeclaration> = {},
): ActionDeclaration {
  return {
    name,
    actionTypeId: { category: "Invoke", owner: "AWS", provider: "Lambda", version: "1" },
    ...more,
    configuration: { FunctionName: functionName, ...more.configuration },
  };
}
