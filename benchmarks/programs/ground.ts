/** What a pipeline with Lambda actions stands on: roles, buckets, a source object, a function. */
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { type Server, startServer } from "@penstock/server";

export const ACCOUNT = "000000000000";
export const REGION = "us-east-1";
const SOURCE_BUCKET = "bench-source";
const ARTIFACT_BUCKET = "bench-artifacts";
const SOURCE_KEY = "source.zip";

export const FUNCTION_ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/bench-function`;
const PIPELINE_ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/bench-pipeline`;

/** A zip without entries is its end record and nothing else. */
const EMPTY_ZIP = Buffer.concat([Buffer.from("PK\x05\x06"), Buffer.alloc(18)]);

/** Where a server of the bench keeps its data and its caches. */
export interface Places {
  readonly dataDir: string;
  readonly cacheDir: string;
}

/** A server as `penstock invoke` has one, except that a job without a report keeps waiting. */
export function startBenchServer(
  { dataDir, cacheDir }: Places,
  onMoment?: (moment: string) => void,
  preloadedFork: "off" | "python" = "off",
): Promise<Server> {
  return startServer({
    dataDir,
    cacheDir,
    account: ACCOUNT,
    region: REGION,
    timing: "fast",
    unreported: "wait",
    log: (level, message) => void (level === "error" && process.stderr.write(`${message}\n`)),
    preloadedFork,
    ...(onMoment && { onMoment }),
  });
}

/** A language that functions of the bench are written in; each has a folder. */
export type Language = "python" | "node";

const RUNTIMES: Readonly<Record<Language, string>> = {
  python: "python3.12",
  node: `nodejs${process.versions.node.split(".")[0]}.x`,
};

/** Makes everything but the pipelines, with one function. */
export async function layGround(server: Server, functionName: string, language: Language = "python"): Promise<void> {
  await putRole(server, "bench-pipeline", { Service: "codepipeline.amazonaws.com" }, ["s3:*", "lambda:InvokeFunction"]);
  await putRole(server, "bench-function", { Service: "lambda.amazonaws.com", AWS: `arn:aws:iam::${ACCOUNT}:root` }, [
    "codepipeline:PutJobFailureResult",
    "codepipeline:PutJobSuccessResult",
  ]);
  await server.deployFunction({
    name: functionName,
    runtime: RUNTIMES[language],
    handler: `${functionName}.handler`,
    codeDir: fileURLToPath(new URL(`../functions/${language}`, import.meta.url)),
    environment: {},
    timeoutSeconds: 60,
    memoryMb: 512,
    roleArn: FUNCTION_ROLE_ARN,
  });
  for (const bucket of [SOURCE_BUCKET, ARTIFACT_BUCKET]) await server.objects.createBucket(bucket, REGION);
  await server.objects.setVersioning(SOURCE_BUCKET, "Enabled");
  await server.objects.put({ bucket: SOURCE_BUCKET, key: SOURCE_KEY, body: Readable.from([EMPTY_ZIP]) });
}

async function putRole(server: Server, name: string, principal: object, actions: readonly string[]): Promise<void> {
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: principal, Action: "sts:AssumeRole" }],
  };
  const policy = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] };
  await server.call("iam", "CreateRole", { RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) });
  await server.call("iam", "PutRolePolicy", {
    RoleName: name,
    PolicyName: "bench",
    PolicyDocument: JSON.stringify(policy),
  });
}

/** Deploys a pipeline: an S3 source, then as many Lambda actions as asked for, one after the other or all at once. */
export async function deployChain(
  server: Server,
  name: string,
  functionName: string,
  actionsCount: number,
  order: "in sequence" | "at once" = "in sequence",
): Promise<void> {
  const actions = Array.from({ length: actionsCount }, (_, index) => ({
    name: `Report-${index + 1}`,
    runOrder: order === "at once" ? 1 : index + 1,
    actionTypeId: { category: "Invoke", owner: "AWS", provider: "Lambda", version: "1" },
    configuration: { FunctionName: functionName },
  }));
  await server.deployPipeline({
    name,
    roleArn: PIPELINE_ROLE_ARN,
    pipelineType: "V2",
    executionMode: "PARALLEL",
    artifactStore: { type: "S3", location: ARTIFACT_BUCKET },
    stages: [
      { name: "Source", actions: [sourceAction()] },
      { name: "Report", actions },
    ],
  });
}

function sourceAction() {
  return {
    name: "Source",
    actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" },
    configuration: { S3Bucket: SOURCE_BUCKET, S3ObjectKey: SOURCE_KEY, PollForSourceChanges: "false" },
    outputArtifacts: [{ name: "Source" }],
  };
}

/** Starts an execution and answers its id. */
export async function startExecution(server: Server, name: string): Promise<string> {
  // Output of StartPipelineExecution, as the model has it.
  const { pipelineExecutionId } = (await server.call("codepipeline", "StartPipelineExecution", { name })) as {
    pipelineExecutionId: string;
  };
  return pipelineExecutionId;
}

/** The folders of a program, from the folder that the bench gave it. */
export function placesIn(workDir: string, name: string): Places {
  return { dataDir: join(workDir, name, "data"), cacheDir: join(workDir, "cache", "penstock") };
}
