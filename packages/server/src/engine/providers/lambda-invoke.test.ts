import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import {
  AddPermissionCommand,
  CreateAliasCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateFunctionCodeCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ACCOUNT, type LambdaServer, startLambda, zipOf } from "../../services/lambda/testing/lambda-server.ts";

let lambda: LambdaServer;
const arn = (name: string) => `arn:aws:lambda:us-east-1:${ACCOUNT}:function:${name}`;

/** Reports success, with the version that ran and how it was called. */
const reports = (word: string) => `
import { CodePipelineClient, PutJobSuccessResultCommand } from "@aws-sdk/client-codepipeline";
const client = new CodePipelineClient({});
export const handler = async (event, context) => {
  const outputVariables = { word: "${word}", version: context.functionVersion, arn: context.invokedFunctionArn };
  await client.send(new PutJobSuccessResultCommand({ jobId: event["CodePipeline.job"].id, outputVariables }));
};`;

beforeAll(async () => {
  const nodeModulesDirs = [fileURLToPath(new URL("../../../../../node_modules", import.meta.url))];
  lambda = await startLambda({ nodeModulesDirs, unreported: "fail" });
  const allow = { Effect: "Allow", Action: ["s3:*", "lambda:InvokeFunction"], Resource: "*" };
  const deny = { Effect: "Deny", Action: "lambda:InvokeFunction", Resource: arn("guarded:live") };
  const service = "codepipeline.amazonaws.com";
  await lambda.role("pipeline", [allow, deny], service);
  await lambda.role("powerless", [{ Effect: "Allow", Action: "s3:*", Resource: "*" }], service);
  await lambda.server.call("s3", "CreateBucket", { Bucket: "penstock-invoke" });
  const versioned = { Bucket: "penstock-invoke", VersioningConfiguration: { Status: "Enabled" } };
  await lambda.server.call("s3", "PutBucketVersioning", versioned);
  await putZip("source.zip", { "a.txt": "a" });
  for (const name of ["reporter", "guarded"]) {
    await lambda.create(name, reports("one"), { Publish: true });
    const alias = { FunctionName: name, Name: "live", FunctionVersion: "1" };
    await lambda.client.send(new CreateAliasCommand(alias));
  }
  const ZipFile = await zipOf(lambda.dir, { "index.mjs": reports("latest") });
  await lambda.client.send(new UpdateFunctionCodeCommand({ FunctionName: "reporter", ZipFile }));
});
afterAll(() => lambda.stop());

async function putZip(Key: string, files: Readonly<Record<string, string>>): Promise<void> {
  const Body = Readable.from([await zipOf(lambda.dir, files)]);
  await lambda.server.call("s3", "PutObject", { Bucket: "penstock-invoke", Key, Body });
}

let runs = 0;

/** Runs a pipeline with one action that calls a function; answers how the action ended, and with what. */
async function invoke(FunctionName: string, role = "pipeline") {
  runs += 1;
  const name = `pipeline-${runs}`;
  const type = (category: string, provider: string) => ({ category, owner: "AWS", provider, version: "1" });
  const fetch = {
    name: "Fetch",
    actionTypeId: type("Source", "S3"),
    configuration: { S3Bucket: "penstock-invoke", S3ObjectKey: "source.zip" },
    outputArtifacts: [{ name: "Source" }],
  };
  const call = { name: "Call", actionTypeId: type("Invoke", "Lambda"), configuration: { FunctionName } };
  await lambda.server.deployPipeline({
    name,
    roleArn: `arn:aws:iam::${ACCOUNT}:role/${role}`,
    artifactStore: { type: "S3", location: "penstock-invoke" },
    stages: [
      { name: "Source", actions: [fetch] },
      { name: "Invoke", actions: [call] },
    ],
  });
  const started = await lambda.server.call("codepipeline", "StartPipelineExecution", { name });
  const { pipelineExecutionId } = started as { pipelineExecutionId: string }; // the operation's output
  await lambda.server.settled(pipelineExecutionId);
  const ended = lambda.story.find(
    (entry) => entry.type === "actionFinished" && entry.action === "Call" && entry.executionId === pipelineExecutionId,
  );
  if (ended?.type !== "actionFinished") throw new Error("The action has not ended.");
  return { status: ended.status, variables: ended.outputVariables, error: ended.error };
}

test.each([
  ["reporter", "latest", "$LATEST", "reporter"],
  ["reporter:$LATEST", "latest", "$LATEST", "reporter:$LATEST"],
  ["reporter:1", "one", "1", "reporter:1"],
  ["reporter:live", "one", "1", "reporter:live"],
  [`${ACCOUNT}:function:reporter:live`, "one", "1", "reporter:live"],
  [arn("reporter"), "latest", "$LATEST", "reporter"],
  [arn("reporter:live"), "one", "1", "reporter:live"],
])("an action whose FunctionName is %s calls %s", async (reference, word, version, invoked) => {
  const variables = { word, version, arn: arn(invoked) };
  expect(await invoke(reference)).toEqual({ status: "Succeeded", variables, error: undefined });
});

test("a function, a version or an alias that is not there fails the action with the name as it was given", async () => {
  for (const reference of ["none", "reporter:9", "reporter:none"]) {
    const error = { code: "ConfigurationError", message: `The AWS Lambda function ${reference} does not exist.` };
    expect(await invoke(reference)).toMatchObject({ status: "Failed", error });
  }
});

test("the right to call is asked for what the action names: the alias, not the version behind it", async () => {
  expect(await invoke("guarded:1")).toMatchObject({ status: "Succeeded" });
  expect(await invoke("guarded:live")).toMatchObject({ status: "Failed", error: { code: "PermissionError" } });
});

test("a function's own policy lets a pipeline call it whose role has no right of its own", async () => {
  expect(await invoke("reporter", "powerless")).toMatchObject({ error: { code: "PermissionError" } });
  await lambda.client.send(
    new AddPermissionCommand({
      FunctionName: "reporter",
      StatementId: "pipeline",
      Action: "lambda:InvokeFunction",
      Principal: `arn:aws:iam::${ACCOUNT}:role/powerless`,
    }),
  );
  expect(await invoke("reporter", "powerless")).toMatchObject({ status: "Succeeded" });
});

test("settings of an alias decide how often a failing action is tried", async () => {
  const FunctionName = "reporter-that-fails";
  await lambda.create(FunctionName, "export const handler = async () => { throw new Error('no'); };", {
    Publish: true,
  });
  await lambda.client.send(new CreateAliasCommand({ FunctionName, Name: "live", FunctionVersion: "1" }));
  await lambda.client.send(
    new PutFunctionEventInvokeConfigCommand({ FunctionName, Qualifier: "live", MaximumRetryAttempts: 1 }),
  );
  const attempts = () => lambda.story.filter(({ type }) => type === "attemptEnded").length;
  const before = attempts();
  expect(await invoke(`${FunctionName}:live`)).toMatchObject({ status: "Failed" });
  expect(attempts() - before).toBe(2);
  expect(await invoke(FunctionName)).toMatchObject({ status: "Failed" });
  expect(attempts() - before).toBe(5);
});

test("a function that deploys another: creation refused by conflict, then code from the artifact bucket, version, alias", async () => {
  await putZip("code.zip", { "index.mjs": "export const handler = async () => 'deployed';" });
  await lambda.create("target", "export const handler = async () => 'before';");
  const deployer = `
import * as lambda from "@aws-sdk/client-lambda";
import { CodePipelineClient, PutJobFailureResultCommand, PutJobSuccessResultCommand } from "@aws-sdk/client-codepipeline";
const client = new lambda.LambdaClient({});
const code = { S3Bucket: "penstock-invoke", S3Key: "code.zip" };
const target = { FunctionName: "target" };
async function deploy() {
  try {
    const Role = "arn:aws:iam::${ACCOUNT}:role/lambda";
    await client.send(new lambda.CreateFunctionCommand({ ...target, Role, Runtime: "nodejs22.x", Handler: "index.handler", Code: code }));
  } catch (error) {
    if (error.name !== "ResourceConflictException") throw error;
    await client.send(new lambda.UpdateFunctionCodeCommand({ ...target, ...code }));
    await lambda.waitUntilFunctionUpdatedV2({ client, maxWaitTime: 10 }, target);
    await client.send(new lambda.UpdateFunctionConfigurationCommand({ ...target, Timeout: 9 }));
  }
  const { Version } = await client.send(new lambda.PublishVersionCommand(target));
  await client.send(new lambda.CreateAliasCommand({ ...target, Name: "live", FunctionVersion: Version }));
  return Version;
}
export const handler = async (event) => {
  const jobId = event["CodePipeline.job"].id;
  const pipeline = new CodePipelineClient({});
  try {
    const version = await deploy();
    await pipeline.send(new PutJobSuccessResultCommand({ jobId, outputVariables: { version } }));
  } catch (error) {
    const failureDetails = { type: "JobFailed", message: String(error) };
    await pipeline.send(new PutJobFailureResultCommand({ jobId, failureDetails }));
  }
};`;
  await lambda.create("deployer", deployer);
  expect(await invoke("deployer")).toEqual({ status: "Succeeded", variables: { version: "1" }, error: undefined });
  expect(await lambda.call("target:live")).toEqual({ value: "deployed", version: "1", error: undefined });
});
