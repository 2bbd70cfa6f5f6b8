import type { StageState } from "@aws-sdk/client-codepipeline";
import { afterAll, describe, expect, test } from "vitest";
import { BUCKET, lambdaAction, pipeline } from "./ground.ts";
import { openJobBench } from "./job-bench.ts";

const bench = await openJobBench();
afterAll(bench.server.stop);
const [{ codePipeline: root }] = bench.clients;

const CONSOLE = "https://console.aws.amazon.com";
const FUNCTION_URL = `${CONSOLE}/lambda/home?region=us-east-1#/functions/pass-on`;
const LOG_URL = `${CONSOLE}/cloudwatch/home?region=us-east-1#logStream:group=%252Faws%252Flambda%252Fpass-on`;
const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const NO = { type: "ConfigurationError", message: "no such column" } as const;

describe.each(bench.clients)("GetPipelineState by $name", ({ name: client, codePipeline }) => {
  const stagesOf = async (name: string): Promise<StageState[]> => {
    return (await codePipeline.getPipelineState({ name })).stageStates ?? [];
  };

  test("before its function has reported, an action is in progress, and what follows has a name and a link alone", async () => {
    const { name, id } = await create(`${client}-begun`);
    const [source, one, two] = await stagesOf(name);
    expect(source?.latestExecution).toEqual({ pipelineExecutionId: id, status: "Succeeded" });
    expect(one?.latestExecution).toEqual({ pipelineExecutionId: id, status: "InProgress" });
    expect(one?.actionStates?.[0]?.latestExecution).toMatchObject({ actionExecutionId: UUID, status: "InProgress" });
    expect(two).toEqual({
      stageName: "Stage2",
      inboundExecutions: [],
      inboundTransitionState: { enabled: true },
      actionStates: [{ actionName: "Two", entityUrl: FUNCTION_URL }],
    });
  });

  test("after a run every stage and action shows it, with links into the console", async () => {
    const { name, id, ...first } = await create(`${client}-done`);
    await succeed(first);
    await bench.server.settled(id);
    const state = await codePipeline.getPipelineState({ name });
    expect(state).toMatchObject({
      pipelineName: name,
      pipelineVersion: 1,
      created: expect.any(Date),
      updated: expect.any(Date),
    });
    const [source, one] = state.stageStates ?? [];
    const { VersionId: version } = await bench.clients[0].s3.headObject({ Bucket: BUCKET, Key: "source.zip" });
    expect(source).toEqual({
      stageName: "Source",
      inboundExecutions: [],
      inboundTransitionState: { enabled: true },
      actionStates: [
        {
          actionName: "Fetch",
          entityUrl: `${CONSOLE}/s3/home?region=us-east-1#`,
          currentRevision: expect.objectContaining({ revisionId: version }),
          latestExecution: {
            actionExecutionId: UUID,
            status: "Succeeded",
            summary: `Amazon S3 version id: ${version}`,
            lastStatusChange: expect.any(Date),
            externalExecutionId: version,
          },
        },
      ],
      latestExecution: { pipelineExecutionId: id, status: "Succeeded" },
    });
    expect(one?.actionStates).toEqual([
      {
        actionName: "One",
        entityUrl: FUNCTION_URL,
        latestExecution: {
          actionExecutionId: UUID,
          status: "Succeeded",
          lastStatusChange: expect.any(Date),
          externalExecutionId: "pass-on",
          externalExecutionUrl: LOG_URL,
        },
      },
    ]);
  });

  test("what a function says of its own execution is not shown, neither at success nor at failure", async () => {
    const { name, id, jobId } = await create(`${client}-own-words`);
    const executionDetails = { summary: "its summary", externalExecutionId: "its id", percentComplete: 50 };
    await codePipeline.putJobSuccessResult({ jobId, executionDetails });
    const failureDetails = { ...NO, externalExecutionId: "its id" };
    await codePipeline.putJobFailureResult({ jobId: (await bench.nextJob()).id, failureDetails });
    await bench.server.settled(id);
    const shown = { actionExecutionId: UUID, lastStatusChange: expect.any(Date), externalExecutionId: "pass-on" };
    const actions = (await stagesOf(name)).flatMap(({ actionStates = [] }) => actionStates.slice(0, 1));
    expect(actions.slice(1).map(({ latestExecution }) => latestExecution)).toEqual([
      { ...shown, status: "Succeeded", externalExecutionUrl: LOG_URL },
      {
        ...shown,
        status: "Failed",
        externalExecutionUrl: LOG_URL,
        errorDetails: { code: NO.type, message: NO.message },
      },
    ]);
  });

  test("the last change of an action is when the history says that it was updated, without the service's lag", async () => {
    const { name, id, ...begun } = await create(`${client}-times`);
    await succeed(begun);
    await bench.server.settled(id);
    const states = (await stagesOf(name)).map(
      ({ actionStates }) => actionStates?.[0]?.latestExecution?.lastStatusChange,
    );
    const { actionExecutionDetails = [] } = await codePipeline.listActionExecutions({ pipelineName: name });
    expect(states).toEqual(actionExecutionDetails.map(({ lastUpdateTime }) => lastUpdateTime).reverse());
  });

  test("each stage shows its own latest execution: a failed one here, an earlier one behind it", async () => {
    const { name, id: first, ...begun } = await create(`${client}-differ`);
    await succeed(begun);
    await bench.server.settled(first);
    const { pipelineExecutionId: second } = await codePipeline.startPipelineExecution({ name });
    await root.putJobFailureResult({ jobId: (await bench.nextJob()).id, failureDetails: NO });
    await bench.server.settled(second);
    const stages = await stagesOf(name);
    expect(stages.map(({ latestExecution }) => latestExecution)).toEqual([
      { pipelineExecutionId: second, status: "Succeeded" },
      { pipelineExecutionId: second, status: "Failed" },
      { pipelineExecutionId: first, status: "Succeeded" },
    ]);
    const failed = stages[1]?.actionStates?.[0]?.latestExecution;
    expect(failed).toMatchObject({ status: "Failed", errorDetails: { code: NO.type, message: NO.message } });
    expect(failed).not.toHaveProperty("summary");
    expect(stages[2]?.actionStates?.[0]?.latestExecution?.status).toBe("Succeeded");
  });

  test("an execution before an occupied stage is inbound, and a newer one supersedes it", async () => {
    const { name, id: first } = await create(`${client}-waits`);
    const { pipelineExecutionId: second } = await codePipeline.startPipelineExecution({ name });
    await inbound(name, second);
    const [, occupied] = await stagesOf(name);
    expect(occupied?.inboundExecutions).toEqual([{ pipelineExecutionId: second, status: "InProgress" }]);
    expect(occupied?.latestExecution).toEqual({ pipelineExecutionId: first, status: "InProgress" });
    const { pipelineExecutionId: third } = await codePipeline.startPipelineExecution({ name });
    await bench.server.settled(second);
    const { pipelineExecution } = await codePipeline.getPipelineExecution({
      pipelineName: name,
      pipelineExecutionId: second,
    });
    expect(pipelineExecution?.status).toBe("Superseded");
    await inbound(name, third);
    expect((await stagesOf(name))[1]?.inboundExecutions).toEqual([
      { pipelineExecutionId: third, status: "InProgress" },
    ]);
  });

  test("an unknown pipeline has no state", async () => {
    await expect(codePipeline.getPipelineState({ name: "nobody" })).rejects.toMatchObject({
      name: "PipelineNotFoundException",
      message: `Account '${bench.server.account}' does not have a pipeline with name 'nobody'`,
    });
  });
});

/** A pipeline of two calls, whose first execution has come to the first of them. */
async function create(title: string) {
  const name = title.replaceAll(" ", "-");
  const actions = [lambdaAction("One", "pass-on"), lambdaAction("Two", "pass-on")];
  await root.createPipeline({ pipeline: pipeline(name, actions) });
  const { pipelineExecutionSummaries: [first] = [] } = await root.listPipelineExecutions({ pipelineName: name });
  const { id: jobId } = await bench.nextJob();
  return { name, id: first?.pipelineExecutionId ?? "", jobId };
}

/** Reports success for the job of the first call, and for that of the second. */
async function succeed({ jobId }: { readonly jobId: string }): Promise<void> {
  await root.putJobSuccessResult({ jobId });
  await root.putJobSuccessResult({ jobId: (await bench.nextJob()).id });
}

/** Resolves when an execution has come through its source, and so stands before the next stage. */
async function inbound(pipelineName: string, pipelineExecutionId: string | undefined): Promise<void> {
  for (;;) {
    const changed = bench.server.changed();
    const filter = { pipelineExecutionId };
    const { actionExecutionDetails: [fetch] = [] } = await root.listActionExecutions({ pipelineName, filter });
    if (fetch?.status === "Succeeded") return;
    await changed;
  }
}
