import { afterAll, describe, expect, test } from "vitest";
import { createFunction, lambdaAction, pipeline, REPORTING_POLICY, zipOfFunctions } from "./ground.ts";
import { openJobBench } from "./job-bench.ts";
import type { ReceivedArtifact } from "./mailbox.ts";

const bench = await openJobBench();
afterAll(bench.server.stop);
const [{ codePipeline: root }] = bench.clients;
await createFunction(bench.clients[0], {
  name: "fails-once",
  runtime: "nodejs22.x",
  handler: "fails-once.handler",
  code: await zipOfFunctions("fails-once.mjs"),
  policy: REPORTING_POLICY,
});

const NO = { type: "JobFailed", message: "no" } as const;
const produce = (name: string) =>
  lambdaAction(name, "pass-on", { outputArtifacts: [{ name: `Made${name}` }], namespace: `Of${name}` });
const keyOf = (artifact: ReceivedArtifact | undefined) => artifact?.location.s3Location.objectKey ?? "";

describe.each(bench.clients)("RetryStageExecution by $name", ({ name: client, codePipeline }) => {
  const retry = (pipelineName: string, pipelineExecutionId: string, more: object = {}) =>
    codePipeline.retryStageExecution({
      pipelineName,
      stageName: "Stage1",
      pipelineExecutionId,
      retryMode: "FAILED_ACTIONS",
      ...more,
    });
  const statusOf = async (pipelineName: string, pipelineExecutionId: string) =>
    (await codePipeline.getPipelineExecution({ pipelineName, pipelineExecutionId })).pipelineExecution?.status;
  const runsOf = async (pipelineName: string, pipelineExecutionId: string) => {
    const filter = { pipelineExecutionId };
    const { actionExecutionDetails = [] } = await codePipeline.listActionExecutions({ pipelineName, filter });
    return actionExecutionDetails.toReversed();
  };

  test("a function that failed once is called again in the same execution, which succeeds", async () => {
    const name = nameOf("real");
    await root.createPipeline({ pipeline: pipeline(name, [lambdaAction("Call", "fails-once")]) });
    const id = await newestOf(name);
    await bench.server.settled(id);
    expect(await statusOf(name, id)).toBe("Failed");
    expect((await retry(name, id)).pipelineExecutionId).toBe(id);
    await bench.server.settled(id);
    expect(await statusOf(name, id)).toBe("Succeeded");
    expect((await runsOf(name, id)).map(({ actionName, status }) => `${actionName} ${status}`)).toEqual([
      "Fetch Succeeded",
      "Call Failed",
      "Call Succeeded",
    ]);
  });

  test("FAILED_ACTIONS runs again what failed, and what succeeded stays", async () => {
    const { name, id } = await failed("failed-actions");
    await retry(name, id);
    expect(await statusOf(name, id)).toBe("InProgress");
    const { id: jobId } = await bench.nextJob();
    await root.putJobSuccessResult({ jobId });
    await bench.server.settled(id);
    const runs = (await runsOf(name, id)).map(({ actionName, status }) => `${actionName} ${status}`);
    expect(runs.slice(0, 1)).toEqual(["Fetch Succeeded"]);
    expect(runs.slice(1).toSorted()).toEqual(["Bad Failed", "Bad Succeeded", "Good Succeeded"]);
  });

  test("ALL_ACTIONS runs the whole stage again", async () => {
    const { name, id } = await failed("all-actions");
    await retry(name, id, { retryMode: "ALL_ACTIONS" });
    for (const job of [await bench.nextJob(), await bench.nextJob()]) await root.putJobSuccessResult({ jobId: job.id });
    await bench.server.settled(id);
    expect(await statusOf(name, id)).toBe("Succeeded");
    expect(await runsOf(name, id)).toHaveLength(5);
  });

  test("a retried action has a new id, and its output a new random part", async () => {
    const { name, id, bad } = await failed("new-keys");
    await retry(name, id);
    const again = await bench.nextJob();
    const [before, after] = [bad, again].map(({ data }) => keyOf(data.outputArtifacts[0]));
    expect(after?.slice(0, -7)).toBe(before?.slice(0, -7));
    expect(after?.slice(-7)).not.toBe(before?.slice(-7));
    await root.putJobSuccessResult({ jobId: again.id });
    await bench.server.settled(id);
    const ids = (await runsOf(name, id)).map(({ actionExecutionId }) => actionExecutionId);
    expect(new Set(ids).size).toBe(4);
  });

  test("the state shows how often the stage was retried, and by whom", async () => {
    const { name, id } = await failed("shown");
    const stage = async () => (await codePipeline.getPipelineState({ name })).stageStates?.[1];
    expect(await stage()).not.toHaveProperty("retryStageMetadata");
    await retry(name, id);
    expect((await stage())?.latestExecution).toEqual({ pipelineExecutionId: id, status: "InProgress" });
    expect((await stage())?.retryStageMetadata).toEqual({
      manualStageRetryAttempt: 1,
      latestRetryTrigger: "ManualStageRetry",
    });
    await root.putJobFailureResult({ jobId: (await bench.nextJob()).id, failureDetails: NO });
    await bench.server.settled(id);
    await retry(name, id);
    expect((await stage())?.retryStageMetadata?.manualStageRetryAttempt).toBe(2);
    await root.putJobSuccessResult({ jobId: (await bench.nextJob()).id });
    await bench.server.settled(id);
  });

  test("what failed may be retried while its peers still run; all actions may not", async () => {
    const { name, id, good, bad } = await begun("peers");
    await root.putJobFailureResult({ jobId: bad, failureDetails: NO });
    await expect(retry(name, id, { retryMode: "ALL_ACTIONS" })).rejects.toMatchObject({ name: "ConflictException" });
    await retry(name, id);
    await root.putJobSuccessResult({ jobId: (await bench.nextJob()).id });
    expect(await statusOf(name, id)).toBe("InProgress");
    await root.putJobSuccessResult({ jobId: good });
    await bench.server.settled(id);
    expect(await statusOf(name, id)).toBe("Succeeded");
  });

  test("a stopped stage may be retried", async () => {
    const { name, id } = await begun("stopped");
    await root.stopPipelineExecution({ pipelineName: name, pipelineExecutionId: id, abandon: true });
    expect(await statusOf(name, id)).toBe("Stopped");
    await retry(name, id);
    expect(await statusOf(name, id)).toBe("InProgress");
    for (const job of [await bench.nextJob(), await bench.nextJob()]) await root.putJobSuccessResult({ jobId: job.id });
    await bench.server.settled(id);
    expect(await statusOf(name, id)).toBe("Succeeded");
  });

  test("while a retry runs, another one conflicts with it", async () => {
    const { name, id } = await failed("twice");
    await retry(name, id);
    await expect(retry(name, id)).rejects.toMatchObject({
      name: "ConflictException",
      message: "The stage cannot be retried now: stage Stage1 is being retried already",
    });
    await root.putJobSuccessResult({ jobId: (await bench.nextJob()).id });
    await bench.server.settled(id);
  });

  test("an execution that a later one has followed into the stage is not the latest", async () => {
    const { name, id } = await failed("followed");
    const { pipelineExecutionId: later = "" } = await root.startPipelineExecution({ name });
    for (const job of [await bench.nextJob(), await bench.nextJob()]) await root.putJobSuccessResult({ jobId: job.id });
    await bench.server.settled(later);
    await expect(retry(name, id)).rejects.toMatchObject({
      name: "NotLatestPipelineExecutionException",
      message: `Pipeline execution '${id}' is not the latest that entered stage 'Stage1' of pipeline '${name}'`,
      $metadata: { httpStatusCode: 400 },
    });
    await expect(retry(name, later)).rejects.toMatchObject({ name: "StageNotRetryableException" });
  });

  test("after the pipeline was changed, what ran before cannot be retried", async () => {
    const { name, id } = await failed("changed");
    await root.updatePipeline({ pipeline: pipeline(name, [[produce("Good"), produce("Bad")]]) });
    await expect(retry(name, id)).rejects.toMatchObject({
      name: "StageNotRetryableException",
      message: "The stage cannot be retried: the pipeline has version 2 now, and the execution ran version 1",
    });
  });

  test("an unknown pipeline, stage or execution, and a stage without a failure are refused", async () => {
    const { name, id } = await failed("unknown");
    const refused = (error: string) => ({ name: error, $metadata: { httpStatusCode: 400 } });
    await expect(retry("nobody", id)).rejects.toMatchObject(refused("PipelineNotFoundException"));
    await expect(retry(name, id, { stageName: "Nowhere" })).rejects.toMatchObject(refused("StageNotFoundException"));
    await expect(retry(name, id, { stageName: "Source" })).rejects.toMatchObject(refused("StageNotRetryableException"));
    await expect(retry(name, "01234567-89ab-4cde-8f01-23456789abcd")).rejects.toMatchObject(
      refused("StageNotRetryableException"),
    );
    await expect(retry(name, id, { retryMode: "SOME" })).rejects.toMatchObject(refused("ValidationException"));
  });

  test("a stage whose onFailure is RETRY is retried once by itself, and the state says so", async () => {
    const name = nameOf("by-itself");
    const declared = pipeline(name, [[produce("Good"), produce("Bad")]], { pipelineType: "V2" });
    const stages = declared.stages?.map((stage, index) =>
      index === 0
        ? stage
        : {
            ...stage,
            onFailure: { result: "RETRY" as const, retryConfiguration: { retryMode: "ALL_ACTIONS" as const } },
          },
    );
    await root.createPipeline({ pipeline: { ...declared, stages } });
    const id = await newestOf(name);
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const [good, bad] = await twoJobs();
      await root.putJobSuccessResult({ jobId: good.id });
      await root.putJobFailureResult({ jobId: bad.id, failureDetails: NO });
    }
    await bench.server.settled(id);
    expect(await statusOf(name, id)).toBe("Failed");
    expect((await codePipeline.getPipelineState({ name })).stageStates?.[1]?.retryStageMetadata).toEqual({
      autoStageRetryAttempt: 1,
      latestRetryTrigger: "AutomatedStageRetry",
    });
  });

  const nameOf = (title: string) => `${title}-${client.replaceAll(" ", "-")}`;

  /** A pipeline of two calls side by side, both of which have their jobs. */
  async function begun(title: string) {
    const name = nameOf(title);
    await root.createPipeline({ pipeline: pipeline(name, [[produce("Good"), produce("Bad")]]) });
    const [good, bad] = await twoJobs();
    return { name, id: await newestOf(name), good: good.id, bad: bad.id, badJob: bad };
  }

  /** The same after one has succeeded, the other failed, and the execution with it. */
  async function failed(title: string) {
    const { name, id, good, bad, badJob } = await begun(title);
    await root.putJobSuccessResult({ jobId: good });
    await root.putJobFailureResult({ jobId: bad, failureDetails: NO });
    await bench.server.settled(id);
    return { name, id, bad: badJob };
  }
});

/** The jobs of Good and Bad, which come in any order. */
async function twoJobs() {
  const jobs = [await bench.nextJob(), await bench.nextJob()];
  const [good, bad] = ["MadeGood", "MadeBad"].map((made) =>
    jobs.find(({ data }) => data.outputArtifacts[0]?.name === made),
  );
  if (!good || !bad) throw new Error("The two jobs are not those of Good and Bad.");
  return [good, bad] as const;
}

async function newestOf(pipelineName: string): Promise<string> {
  const { pipelineExecutionSummaries: [newest] = [] } = await root.listPipelineExecutions({ pipelineName });
  return newest?.pipelineExecutionId ?? "";
}
