import type { SourceRevisionOverride } from "@aws-sdk/client-codepipeline";
import { afterAll, describe, expect, test } from "vitest";
import { lambdaAction, pipeline } from "./ground.ts";
import { JOBS, openJobBench } from "./job-bench.ts";

const bench = await openJobBench();
afterAll(bench.server.stop);
const [{ codePipeline: root }] = bench.clients;

await root.createPipeline({
  pipeline: pipeline(
    "varied",
    [lambdaAction("Call", "pass-on", { configuration: { UserParameters: "#{variables.Colour} #{variables.Size}" } })],
    {
      pipelineType: "V2",
      executionMode: "PARALLEL",
      variables: [{ name: "Colour", defaultValue: "blue" }, { name: "Size" }],
    },
  ),
});

describe.each(bench.clients)("StartPipelineExecution by $name", ({ name: client, codePipeline }) => {
  test("values of variables are those given, else the defaults; unknown names are ignored", async () => {
    const variables = [
      { name: "Size", value: "42" },
      { name: "Unknown", value: "x" },
    ];
    const { pipelineExecutionId } = await codePipeline.startPipelineExecution({ name: "varied", variables });
    const job = await bench.nextJob();
    expect(job.data.actionConfiguration.configuration["UserParameters"]).toBe("blue 42");
    const answer = await codePipeline.getPipelineExecution({ pipelineName: "varied", pipelineExecutionId });
    expect(answer.pipelineExecution?.variables).toEqual(
      expect.arrayContaining([
        { name: "Colour", resolvedValue: "blue" },
        { name: "Size", resolvedValue: "42" },
      ]),
    );
  });

  test("without the value of a variable that has no default, the execution fails and says so", async () => {
    const { pipelineExecutionId } = await codePipeline.startPipelineExecution({ name: "varied" });
    await bench.server.settled(pipelineExecutionId);
    const answer = await codePipeline.getPipelineExecution({ pipelineName: "varied", pipelineExecutionId });
    expect(answer.pipelineExecution).toMatchObject({
      status: "Failed",
      statusSummary: "Values for required variables haven't been provided: Size",
    });
  });

  test("a variable given twice is refused", async () => {
    const size = { name: "Size", value: "1" };
    await expect(
      codePipeline.startPipelineExecution({ name: "varied", variables: [size, size] }),
    ).rejects.toMatchObject({
      name: "ValidationException",
    });
  });

  test("the same token answers the same execution, even with other variables", async () => {
    const clientRequestToken = `token-${client.length}`;
    const first = await codePipeline.startPipelineExecution({
      name: "varied",
      clientRequestToken,
      variables: [{ name: "Size", value: "1" }],
    });
    const again = await codePipeline.startPipelineExecution({ name: "varied", clientRequestToken });
    expect(again.pipelineExecutionId).toBe(first.pipelineExecutionId);
    const other = await codePipeline.startPipelineExecution({ name: JOBS });
    expect(other.pipelineExecutionId).not.toBe(first.pipelineExecutionId);
    await bench.nextJob();
    await bench.nextJob();
  });

  test("a source revision that no source action can take is refused with what would be right", async () => {
    const start = (revision: Omit<SourceRevisionOverride, "revisionValue">) =>
      codePipeline.startPipelineExecution({ name: "varied", sourceRevisions: [{ revisionValue: "x", ...revision }] });
    await expect(start({ actionName: "Nobody", revisionType: "S3_OBJECT_VERSION_ID" })).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringMatching(/^Source revision for 'Nobody': there is no such source action\. There is: /),
    });
    const [source] = (await codePipeline.getPipeline({ name: "varied" })).pipeline?.stages?.[0]?.actions ?? [];
    const actionName = source?.name ?? "";
    await expect(start({ actionName, revisionType: "COMMIT_ID" })).rejects.toMatchObject({
      message: `Source revision for '${actionName}': a S3 source takes no COMMIT_ID`,
    });
    await expect(start({ actionName, revisionType: "S3_OBJECT_KEY" })).rejects.toMatchObject({
      message: expect.stringContaining("AllowOverrideForS3ObjectKey"),
    });
  });

  test("an unknown pipeline is not started", async () => {
    await expect(codePipeline.startPipelineExecution({ name: "nobody" })).rejects.toMatchObject({
      name: "PipelineNotFoundException",
      message: `Account '${bench.server.account}' does not have a pipeline with name 'nobody'`,
    });
  });
});
