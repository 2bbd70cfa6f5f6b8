import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { type Server, ServiceError } from "../src/index.ts";

/*
 * The pipeline of crashing-server.ts: an S3 source; a function that continues twice, writes an artifact and sets a
 * variable; one that uses both; and the documentation's sample, which reports success and then raises.
 */

const SOURCE = "a word that was written once";
export const PIPELINE_NAME = "killed";
const ACCOUNT = "000000000000";
const BUCKET = "killed";
const SAMPLE = fileURLToPath(new URL("../../../examples/invoke-lambda", import.meta.url));

/** What the last action writes when all went well. */
export const SIGNED = `6 words: ${SOURCE.toUpperCase()}`;

const invoke = { category: "Invoke", owner: "AWS", provider: "Lambda", version: "1" } as const;

const DECLARATION = {
  name: PIPELINE_NAME,
  roleArn: roleArn("pipeline"),
  pipelineType: "V2",
  executionMode: "QUEUED",
  artifactStore: { type: "S3", location: BUCKET },
  stages: [
    {
      name: "Source",
      actions: [
        {
          name: "Fetch",
          actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" },
          configuration: { S3Bucket: BUCKET, S3ObjectKey: "source.txt", PollForSourceChanges: "false" },
          outputArtifacts: [{ name: "Text" }],
        },
      ],
    },
    {
      name: "Work",
      actions: [
        {
          name: "Shout",
          namespace: "Shouted",
          actionTypeId: invoke,
          configuration: { FunctionName: "shout" },
          inputArtifacts: [{ name: "Text" }],
          outputArtifacts: [{ name: "Loud" }],
        },
        {
          name: "Sign",
          runOrder: 2,
          actionTypeId: invoke,
          configuration: { FunctionName: "sign", UserParameters: "#{Shouted.Words} words" },
          inputArtifacts: [{ name: "Loud" }],
          outputArtifacts: [{ name: "Signed" }],
        },
      ],
    },
    {
      name: "Release",
      actions: [{ name: "Sample", actionTypeId: invoke, configuration: { FunctionName: "invoke-lambda" } }],
    },
  ],
};

/** Makes all of it unless the pipeline is there. Each step may have been done by a life before this one. */
export async function deploy(
  server: Server,
  { ledger, codeDir }: { readonly ledger: string; readonly codeDir: string },
): Promise<void> {
  if (await isThere(() => server.call("codepipeline", "GetPipeline", { name: PIPELINE_NAME }))) return;
  await isThere(() => server.objects.createBucket(BUCKET, "us-east-1"));
  await server.objects.setVersioning(BUCKET, "Enabled");
  await server.objects.put({ bucket: BUCKET, key: "source.txt", body: Readable.from([Buffer.from(SOURCE)]) });
  const report = readFileSync(`${SAMPLE}/policy.json`, "utf8");
  const everything = { Effect: "Allow", Action: ["s3:*", "kms:*", "lambda:InvokeFunction"], Resource: "*" };
  await putRole(server, "pipeline", "codepipeline", JSON.stringify({ Version: "2012-10-17", Statement: [everything] }));
  await putRole(server, "function", "lambda", report);
  const common = { environment: { LEDGER: ledger }, timeoutSeconds: 60, memoryMb: 256, roleArn: roleArn("function") };
  const node = { ...common, runtime: "nodejs24.x", codeDir };
  await server.deployFunction({ ...node, name: "shout", handler: "shout.handler" });
  await server.deployFunction({ ...node, name: "sign", handler: "sign.handler" });
  const sample = { runtime: "python3.12", codeDir: SAMPLE, handler: "lambda_function.lambda_handler" };
  await server.deployFunction({ ...common, ...sample, name: "invoke-lambda" });
  await server.deployPipeline(DECLARATION);
}

/** Runs a step; answers whether what it makes or looks for is there already. */
async function isThere(step: () => Promise<unknown>): Promise<boolean> {
  try {
    await step();
    return true;
  } catch (error) {
    if (error instanceof ServiceError) return false;
    throw error;
  }
}

function roleArn(name: string): string {
  return `arn:aws:iam::${ACCOUNT}:role/${name}`;
}

async function putRole(server: Server, name: string, service: string, policy: string): Promise<void> {
  const trust = { Effect: "Allow", Principal: { Service: `${service}.amazonaws.com` }, Action: "sts:AssumeRole" };
  const document = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
  await isThere(() => server.call("iam", "CreateRole", { RoleName: name, AssumeRolePolicyDocument: document }));
  await server.call("iam", "PutRolePolicy", { RoleName: name, PolicyName: "its-policy", PolicyDocument: policy });
}
