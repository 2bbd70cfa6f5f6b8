import { afterAll, describe, expect, test } from "vitest";
import { BUCKET, lambdaAction, PIPELINE_ROLE, pipeline } from "./ground.ts";
import { JOBS, openJobBench } from "./job-bench.ts";

const bench = await openJobBench();
afterAll(bench.server.stop);
const [{ codePipeline: root }] = bench.clients;

const succeeded = await bench.startJob();
await root.putJobSuccessResult({ jobId: succeeded.job.id, outputVariables: { Rows: "42" } });
await bench.ended(succeeded.executionId);
const failed = await bench.startJob();
await root.putJobFailureResult({
  jobId: failed.job.id,
  failureDetails: { type: "ConfigurationError", message: "no such column", externalExecutionId: "its id" },
});
await bench.ended(failed.executionId);

const LOG_GROUP =
  "https://console.aws.amazon.com/cloudwatch/home?region=us-east-1#logStream:group=%252Faws%252Flambda%252Fpass-on";

describe.each(bench.clients)("ListActionExecutions by $name", ({ codePipeline }) => {
  const listed = async (pipelineExecutionId: string) => {
    const answer = await codePipeline.listActionExecutions({ pipelineName: JOBS, filter: { pipelineExecutionId } });
    return answer.actionExecutionDetails ?? [];
  };

  test("a Lambda action that succeeded shows its function as external execution, its places and its variables", async () => {
    const [call] = await listed(succeeded.executionId);
    const { data } = succeeded.job;
    const place = (artifact: (typeof data.inputArtifacts)[number] | undefined) => ({
      name: artifact?.name,
      s3location: { bucket: BUCKET, key: artifact?.location.s3Location.objectKey },
    });
    expect(call).toEqual({
      pipelineExecutionId: succeeded.executionId,
      actionExecutionId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      pipelineVersion: 1,
      stageName: "Stage1",
      actionName: "Call",
      startTime: expect.any(Date),
      lastUpdateTime: expect.any(Date),
      status: "Succeeded",
      input: {
        actionTypeId: { category: "Invoke", owner: "AWS", provider: "Lambda", version: "1" },
        configuration: { FunctionName: "pass-on", UserParameters: "any string" },
        resolvedConfiguration: { FunctionName: "pass-on", UserParameters: "any string" },
        region: "us-east-1",
        inputArtifacts: [place(data.inputArtifacts[0])],
      },
      output: {
        outputArtifacts: [place(data.outputArtifacts[0])],
        executionResult: { externalExecutionId: "pass-on", externalExecutionUrl: LOG_GROUP },
        outputVariables: { Rows: "42" },
      },
    });
  });

  test("a Lambda action that failed shows its message as summary, its type alone as error, and no output", async () => {
    const [call] = await listed(failed.executionId);
    expect(call).toMatchObject({ actionName: "Call", status: "Failed" });
    expect(call?.output).toEqual({
      outputArtifacts: [],
      executionResult: {
        externalExecutionId: "pass-on",
        externalExecutionUrl: LOG_GROUP,
        externalExecutionSummary: "no such column",
        errorDetails: { code: "ConfigurationError" },
      },
      outputVariables: {},
    });
  });

  test("an S3 source shows the object it has found, and the place that it was copied to", async () => {
    const [, fetch] = await listed(succeeded.executionId);
    const { VersionId: version, ETag: etag } = await bench.clients[0].s3.headObject({
      Bucket: BUCKET,
      Key: "source.zip",
    });
    expect(fetch).toMatchObject({
      actionName: "Fetch",
      stageName: "Source",
      status: "Succeeded",
      input: { inputArtifacts: [] },
    });
    expect(fetch?.output).toMatchObject({
      outputArtifacts: [
        {
          name: "SourceZip",
          s3location: { bucket: BUCKET, key: expect.stringMatching(/^jobs-of-one-action\/SourceZip\/\w{7}\.zip$/) },
        },
      ],
      executionResult: { externalExecutionId: version, externalExecutionSummary: `Amazon S3 version id: ${version}` },
      outputVariables: {
        BucketName: BUCKET,
        ObjectKey: "source.zip",
        VersionId: version,
        ETag: etag?.replaceAll('"', ""),
      },
    });
  });

  test("without a filter, the newest of all executions come first, page by page", async () => {
    const { actionExecutionDetails: all = [] } = await codePipeline.listActionExecutions({ pipelineName: JOBS });
    const executions = all.map(({ pipelineExecutionId }) => pipelineExecutionId);
    expect(executions.slice(0, 4)).toEqual(
      [failed, failed, succeeded, succeeded].map(({ executionId }) => executionId),
    );
    const first = await codePipeline.listActionExecutions({ pipelineName: JOBS, maxResults: 4 });
    const { nextToken = "" } = first;
    const second = await codePipeline.listActionExecutions({ pipelineName: JOBS, maxResults: 4, nextToken });
    expect([...(first.actionExecutionDetails ?? []), ...(second.actionExecutionDetails ?? [])]).toEqual(all);
    expect(second).not.toHaveProperty("nextToken");
  });

  test("the filters by execution may be given both, and then both must hold", async () => {
    const latest = { pipelineExecutionId: failed.executionId, startTimeRange: "Latest" } as const;
    const byLatest = await codePipeline.listActionExecutions({
      pipelineName: JOBS,
      filter: { latestInPipelineExecution: latest },
    });
    expect(byLatest.actionExecutionDetails).toEqual(await listed(failed.executionId));
    const filter = { pipelineExecutionId: succeeded.executionId, latestInPipelineExecution: latest };
    const byBoth = await codePipeline.listActionExecutions({ pipelineName: JOBS, filter });
    expect(byBoth.actionExecutionDetails).toEqual([]);
  });

  test("an execution that is not of the pipeline, a token that is none, and an unknown pipeline are refused", async () => {
    const of = (input: object) => codePipeline.listActionExecutions({ pipelineName: JOBS, ...input });
    const unknown = "01234567-89ab-4cde-8f01-23456789abcd";
    const notFound = { name: "PipelineExecutionNotFoundException", $metadata: { httpStatusCode: 400 } };
    await expect(of({ filter: { pipelineExecutionId: unknown } })).rejects.toMatchObject(notFound);
    const latest = { pipelineExecutionId: unknown, startTimeRange: "All" };
    await expect(of({ filter: { latestInPipelineExecution: latest } })).rejects.toMatchObject(notFound);
    await expect(of({ nextToken: "garbage" })).rejects.toMatchObject({ name: "InvalidNextTokenException" });
    await expect(of({ pipelineName: "nobody" })).rejects.toMatchObject({ name: "PipelineNotFoundException" });
  });
});

test("namespace and role of an action are shown, and a variable before and after it was resolved", async () => {
  const declared = lambdaAction("Call", "pass-on", {
    namespace: "Called",
    roleArn: PIPELINE_ROLE,
    configuration: { UserParameters: "#{codepipeline.PipelineExecutionId}" },
  });
  await root.createPipeline({ pipeline: pipeline("shows-input", [declared]) });
  const job = await bench.nextJob();
  const { actionExecutionDetails } = await root.listActionExecutions({ pipelineName: "shows-input" });
  const [call] = actionExecutionDetails ?? [];
  expect(call?.input).toMatchObject({
    namespace: "Called",
    roleArn: PIPELINE_ROLE,
    configuration: { UserParameters: "#{codepipeline.PipelineExecutionId}" },
    resolvedConfiguration: { UserParameters: call?.pipelineExecutionId },
  });
  expect(job.data.actionConfiguration.configuration["UserParameters"]).toBe(call?.pipelineExecutionId);
});

test("an action whose function does not exist fails at once, with no external execution", async () => {
  await root.createPipeline({ pipeline: pipeline("calls-nobody", [lambdaAction("Call", "nobody")]) });
  const { pipelineExecutionSummaries } = await root.listPipelineExecutions({ pipelineName: "calls-nobody" });
  await bench.server.settled(pipelineExecutionSummaries?.[0]?.pipelineExecutionId);
  const { actionExecutionDetails } = await root.listActionExecutions({ pipelineName: "calls-nobody" });
  expect(actionExecutionDetails?.[0]).toMatchObject({ actionName: "Call", status: "Failed" });
  expect(actionExecutionDetails?.[0]?.output?.executionResult).toEqual({
    externalExecutionSummary: "The AWS Lambda function nobody does not exist.",
    errorDetails: { code: "ConfigurationError" },
  });
});
