import { Readable } from "node:stream";
import type { DeployFunction, Server } from "../src/index.ts";

/*
 * The pipeline of counting-server.ts: an S3 source, then Lambda actions that follow each other and only report.
 */

/** Actions of the pipeline beside its source. */
export const ACTIONS_COUNT = 5;
export const PIPELINE_NAME = "counted";

const ACCOUNT = "000000000000";
const REGION = "us-east-1";
const BUCKET = "counted";
const FUNCTION = "report";
/** A zip without entries is its end record and nothing else. */
const EMPTY_ZIP = Buffer.concat([Buffer.from("PK\x05\x06"), Buffer.alloc(18)]);

/** Of the function, all that differs from runtime to runtime. */
export type CountedFunction = Pick<DeployFunction, "runtime" | "handler" | "codeDir">;

const SOURCE = {
  name: "Source",
  actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" },
  configuration: { S3Bucket: BUCKET, S3ObjectKey: "source.zip", PollForSourceChanges: "false" },
  outputArtifacts: [{ name: "Source" }],
};

export async function deploy(server: Server, code: CountedFunction): Promise<void> {
  await putRole(server, "pipeline", "codepipeline", ["s3:*", "lambda:InvokeFunction"]);
  await putRole(server, "function", "lambda", ["codepipeline:PutJobSuccessResult"]);
  const rest = { environment: {}, timeoutSeconds: 60, memoryMb: 256, roleArn: roleArn("function") };
  await server.deployFunction({ ...code, ...rest, name: FUNCTION });
  await server.objects.createBucket(BUCKET, REGION);
  await server.objects.setVersioning(BUCKET, "Enabled");
  await server.objects.put({ bucket: BUCKET, key: "source.zip", body: Readable.from([EMPTY_ZIP]) });
  await server.deployPipeline({
    name: PIPELINE_NAME,
    roleArn: roleArn("pipeline"),
    pipelineType: "V2",
    executionMode: "PARALLEL",
    artifactStore: { type: "S3", location: BUCKET },
    stages: [
      { name: "Source", actions: [SOURCE] },
      { name: "Report", actions: Array.from({ length: ACTIONS_COUNT }, (_, index) => reportAction(index + 1)) },
    ],
  });
}

function reportAction(runOrder: number) {
  return {
    name: `Report-${runOrder}`,
    runOrder,
    actionTypeId: { category: "Invoke", owner: "AWS", provider: "Lambda", version: "1" },
    configuration: { FunctionName: FUNCTION },
  };
}

function roleArn(name: string): string {
  return `arn:aws:iam::${ACCOUNT}:role/${name}`;
}

async function putRole(server: Server, name: string, service: string, actions: readonly string[]): Promise<void> {
  const trust = { Effect: "Allow", Principal: { Service: `${service}.amazonaws.com` }, Action: "sts:AssumeRole" };
  const policy = { Effect: "Allow", Action: actions, Resource: "*" };
  const document = (statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  await server.call("iam", "CreateRole", { RoleName: name, AssumeRolePolicyDocument: document(trust) });
  await server.call("iam", "PutRolePolicy", {
    RoleName: name,
    PolicyName: "its-policy",
    PolicyDocument: document(policy),
  });
}
