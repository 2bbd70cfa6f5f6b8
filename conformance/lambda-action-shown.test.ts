import { afterAll, describe, expect, test } from "vitest";
import { BUCKET, lambdaAction, pipeline } from "./ground.ts";
import { openJobBench } from "./job-bench.ts";

/*
 * What the history (ListActionExecutions) and the state (GetPipelineState) show of a Lambda action, fact by fact: one
 * pipeline whose action has succeeded, and one whose action has failed.
 */

const bench = await openJobBench();
afterAll(bench.server.stop);
const root = bench.clients[0].codePipeline;
const FAILURE = { type: "ConfigurationError", message: "no such column", externalExecutionId: "its id" } as const;
const CONSOLE = "https://console.aws.amazon.com";
const LOGS = `${CONSOLE}/cloudwatch/home?region=us-east-1#logStream:group=%252Faws%252Flambda%252Fpass-on`;

const call = lambdaAction("Call", "pass-on", { outputArtifacts: [{ name: "Produced" }] });
await root.createPipeline({ pipeline: pipeline("succeeds", [call]) });
const succeeded = await bench.nextJob();
await root.putJobSuccessResult({ jobId: succeeded.id, outputVariables: { Rows: "42" } });
await root.createPipeline({ pipeline: pipeline("fails", [call]) });
await root.putJobFailureResult({ jobId: (await bench.nextJob()).id, failureDetails: FAILURE });
for (const pipelineName of ["succeeds", "fails"]) {
  const { pipelineExecutionSummaries } = await root.listPipelineExecutions({ pipelineName });
  await bench.server.settled(pipelineExecutionSummaries?.[0]?.pipelineExecutionId);
}

describe.each(bench.clients)("What is shown, by $name", ({ codePipeline }) => {
  const historyOf = async (pipelineName: string) =>
    (await codePipeline.listActionExecutions({ pipelineName })).actionExecutionDetails?.[0];
  const stateOf = async (name: string) =>
    (await codePipeline.getPipelineState({ name })).stageStates?.[1]?.actionStates?.[0];

  test("the history of a success has the function's name and a link, and no summary", async () => {
    expect((await historyOf("succeeds"))?.output?.executionResult).toEqual({
      externalExecutionId: "pass-on",
      externalExecutionUrl: LOGS,
    });
  });

  test("the history of a failure has the message as summary and the code alone as error", async () => {
    expect((await historyOf("fails"))?.output?.executionResult).toEqual({
      externalExecutionId: "pass-on",
      externalExecutionUrl: LOGS,
      externalExecutionSummary: FAILURE.message,
      errorDetails: { code: FAILURE.type },
    });
  });

  test("the outputs of a success are the reserved places and the variables", async () => {
    const { s3Location } = succeeded.data.outputArtifacts[0]?.location ?? {};
    expect((await historyOf("succeeds"))?.output).toMatchObject({
      outputArtifacts: [{ name: "Produced", s3location: { bucket: BUCKET, key: s3Location?.objectKey } }],
      outputVariables: { Rows: "42" },
    });
  });

  test("the outputs of a failure are an empty list and an empty map", async () => {
    expect((await historyOf("fails"))?.output).toMatchObject({ outputArtifacts: [], outputVariables: {} });
  });

  test("the state of a success has id, status, time, external id and link, and no summary", async () => {
    expect((await stateOf("succeeds"))?.latestExecution).toEqual({
      actionExecutionId: (await historyOf("succeeds"))?.actionExecutionId,
      status: "Succeeded",
      lastStatusChange: expect.any(Date),
      externalExecutionId: "pass-on",
      externalExecutionUrl: LOGS,
    });
  });

  test("the state of a failure has code and message as error, and no summary", async () => {
    expect((await stateOf("fails"))?.latestExecution).toEqual({
      actionExecutionId: (await historyOf("fails"))?.actionExecutionId,
      status: "Failed",
      lastStatusChange: expect.any(Date),
      externalExecutionId: "pass-on",
      externalExecutionUrl: LOGS,
      errorDetails: { code: FAILURE.type, message: FAILURE.message },
    });
  });

  test("the link leads to the function's log group, its slashes encoded twice", async () => {
    const url = (await historyOf("succeeds"))?.output?.executionResult?.externalExecutionUrl ?? "";
    expect(decodeURIComponent(decodeURIComponent(url))).toContain("logStream:group=/aws/lambda/pass-on");
    expect(url).toBe(LOGS);
  });

  test("the entity's link leads to the function", async () => {
    expect((await stateOf("succeeds"))?.entityUrl).toBe(`${CONSOLE}/lambda/home?region=us-east-1#/functions/pass-on`);
  });

  test("the history shows the region, the type and the configuration of an action as it was run", async () => {
    expect((await historyOf("succeeds"))?.input).toEqual({
      actionTypeId: { category: "Invoke", owner: "AWS", provider: "Lambda", version: "1" },
      configuration: { FunctionName: "pass-on" },
      resolvedConfiguration: { FunctionName: "pass-on" },
      region: "us-east-1",
      inputArtifacts: [],
    });
  });
});
