import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  allow,
  BUCKET,
  createFunction,
  createRole,
  lambdaAction,
  layGround,
  pipeline,
  REPORTING_POLICY,
  sourceAction,
  zipOf,
} from "./ground.ts";
import { javascript } from "./javascript.ts";
import { startPenstock, WORKSPACE } from "./server.ts";

/*
 * An action whose function deploys another function from the job's artifacts, and the actions behind it that call what
 * was deployed, by every form of its name. The pipeline runs twice, so the second time the function is there already.
 */

const server = await startPenstock();
const client = javascript(server);
afterAll(() => server.stop());

/** What is deployed: it says which of the codes it is, with a word from its layer, and reports. */
const codeOf = (edition: string) =>
  zipOf({
    "index.mjs": `import { CodePipeline } from "@aws-sdk/client-codepipeline";
import { createRequire } from "node:module";
export const handler = async (event, context) => {
  const outputVariables = {
    Edition: ${JSON.stringify(edition)},
    Word: createRequire(import.meta.url)("words").word,
    Version: context.functionVersion,
    InvokedAs: context.invokedFunctionArn,
    DeployedBy: process.env.DEPLOYED_BY,
  };
  if (!event["CodePipeline.job"]) return outputVariables;
  await new CodePipeline().putJobSuccessResult({ jobId: event["CodePipeline.job"].id, outputVariables });
};\n`,
  });
const layerOf = (word: string) =>
  zipOf({ "nodejs/node_modules/words/index.js": `exports.word = ${JSON.stringify(word)};\n` });

let role: string;
beforeAll(async () => {
  await layGround(client, await codeOf("first"));
  role = await createRole(client, "of-the-deployed", "lambda.amazonaws.com", REPORTING_POLICY);
});

/** What a function that deploys is given, in practice. */
const MAY_DEPLOY = allow([
  ...["CreateFunction", "UpdateFunctionCode", "UpdateFunctionConfiguration", "GetFunction", "PublishVersion"].map(
    lambda,
  ),
  ...["CreateAlias", "UpdateAlias", "GetAlias", "PublishLayerVersion", "GetLayerVersion"].map(lambda),
  ...["iam:PassRole", "s3:GetObject", "s3:GetObjectVersion", "codepipeline:PutJobSuccessResult"],
]);
function lambda(operation: string): string {
  return `lambda:${operation}`;
}

describe.each([
  ["boto3", "python3.12", "with_boto3.py"],
  ["the AWS SDK for JavaScript v3", "nodejs22.x", "sdk-v3.mjs"],
] as const)("a function that deploys by %s", (_client, runtime, file) => {
  const module = file.slice(0, file.lastIndexOf("."));
  const name = `deployed-${module.replace(/\W/g, "-")}`;
  const pipelineName = `${name}-pipeline`;
  const arn = `arn:aws:lambda:us-east-1:${server.account}:function:${name}`;
  /** How the actions behind the deployment call it, and as what it then runs. */
  const forms = {
    Name: [name, "$LATEST", arn],
    Latest: [`${name}:$LATEST`, "$LATEST", `${arn}:$LATEST`],
    Version: [`${name}:1`, "1", `${arn}:1`],
    Partial: [`${server.account}:function:${name}`, "$LATEST", arn],
    Whole: [arn, "$LATEST", arn],
    WholeVersion: [`${arn}:1`, "1", `${arn}:1`],
    Alias: [`${name}:live`, undefined, `${arn}:live`],
    WholeAlias: [`${arn}:live`, undefined, `${arn}:live`],
  } as const;

  beforeAll(async () => {
    const code = await zipOf({ [file]: readFileSync(join(WORKSPACE, "conformance/functions/deploy", file)) });
    await createFunction(client, {
      name: `${name}-deployer`,
      runtime,
      handler: `${module}.handler`,
      code,
      policy: MAY_DEPLOY,
    });
  });

  async function run(edition: string, word: string, isFirst: boolean) {
    await client.s3.putObject({ Bucket: BUCKET, Key: "source.zip", Body: await codeOf(edition) });
    await client.s3.putObject({ Bucket: BUCKET, Key: "layer.zip", Body: await layerOf(word) });
    const started = isFirst
      ? await create()
      : (await client.codePipeline.startPipelineExecution({ name: pipelineName })).pipelineExecutionId;
    await server.settled(started);
    const filter = { pipelineExecutionId: started ?? "" };
    const { actionExecutionDetails = [] } = await client.codePipeline.listActionExecutions({ pipelineName, filter });
    const failed = actionExecutionDetails.filter(({ status }) => status !== "Succeeded");
    expect(failed.map(({ actionName, output }) => [actionName, output?.executionResult])).toEqual([]);
    return Object.fromEntries(
      actionExecutionDetails.map(({ actionName, output }) => [actionName ?? "", output?.outputVariables ?? {}]),
    );
  }

  async function create(): Promise<string | undefined> {
    const layer = { S3Bucket: BUCKET, S3ObjectKey: "layer.zip", PollForSourceChanges: "false" };
    const sources = [
      sourceAction(),
      sourceAction({ name: "FetchLayer", configuration: layer, outputArtifacts: [{ name: "LayerZip" }] }),
    ];
    const deploy = lambdaAction("Deploy", `${name}-deployer`, {
      configuration: { UserParameters: `${name} ${role}` },
      inputArtifacts: [{ name: "SourceZip" }, { name: "LayerZip" }],
    });
    const declared = pipeline(pipelineName, [
      deploy,
      Object.entries(forms).map(([form, [functionName]]) => lambdaAction(form, functionName)),
    ]);
    declared.stages?.splice(0, 1, { name: "Source", actions: sources });
    await client.codePipeline.createPipeline({ pipeline: declared });
    const listed = await client.codePipeline.listPipelineExecutions({ pipelineName });
    return listed.pipelineExecutionSummaries?.[0]?.pipelineExecutionId;
  }

  test("creates it the first time, with its layer, a version and an alias, and it is called by every form of its name", async () => {
    const done = await run("first", "hello", true);
    expect(done["Deploy"]).toEqual({ Version: "1", Did: "created" });
    for (const [form, [, version = "1", invokedAs]] of Object.entries(forms)) {
      const said = { Edition: "first", Word: "hello", Version: version, InvokedAs: invokedAs };
      expect(done[form]).toMatchObject(said);
    }
  });

  test("meets a conflict the second time and updates it; old versions stay, and the alias divides its calls", async () => {
    const done = await run("second", "goodbye", false);
    expect(done["Deploy"]).toEqual({ Version: "2", Did: expect.stringContaining(`Function already exist: ${name}`) });
    expect(done["Name"]).toMatchObject({ Edition: "second", Word: "goodbye", Version: "$LATEST" });
    expect(done["Version"]).toMatchObject({ Edition: "first", Word: "hello", Version: "1" });
    expect(done["Name"]?.["DeployedBy"]).not.toBe(done["Version"]?.["DeployedBy"]);
    const alias = await client.lambda.getAlias({ FunctionName: name, Name: "live" });
    expect(alias).toMatchObject({ FunctionVersion: "2", RoutingConfig: { AdditionalVersionWeights: { 1: 0.5 } } });
    const seen = new Set<string>();
    // Each call is another throw of the coin; that one side never comes up in a hundred does not happen.
    for (let call = 0; call < 100 && seen.size < 2; call++) {
      const { Payload: payload } = await client.lambda.invoke({ FunctionName: name, Qualifier: "live" });
      seen.add(JSON.parse(payload?.transformToString() ?? "").Edition);
    }
    expect([...seen].sort()).toEqual(["first", "second"]);
  });
});
