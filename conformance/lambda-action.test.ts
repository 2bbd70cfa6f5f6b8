import type { ActionDeclaration } from "@aws-sdk/client-codepipeline";
import { afterAll, describe, expect, test } from "vitest";
import { allow, BUCKET, createActionRole, lambdaAction, pipeline } from "./ground.ts";
import { openJobBench } from "./job-bench.ts";

/*
 * The Lambda action: how it is declared, how its function is found and called, and what becomes of it.
 */

const bench = await openJobBench();
afterAll(bench.server.stop);
const { server } = bench;
const root = bench.clients[0];
const list = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => ({ name: `${prefix}${index}` }));

describe.each(bench.clients)("The Lambda action by $name", ({ name: client, codePipeline, lambda }) => {
  const nameOf = (title: string) => `${client.replaceAll(" ", "-")}-${title}`;

  /** Creates a pipeline; answers its name and its first execution. */
  async function create(title: string, ...stages: ActionDeclaration[]) {
    const name = nameOf(title);
    await codePipeline.createPipeline({ pipeline: pipeline(name, stages) });
    const { pipelineExecutionSummaries } = await codePipeline.listPipelineExecutions({ pipelineName: name });
    return { name, id: pipelineExecutionSummaries?.[0]?.pipelineExecutionId ?? "" };
  }

  /** The newest action execution, when nothing runs any more. */
  async function endOf({ name, id }: { readonly name: string; readonly id: string }) {
    await server.settled(id);
    return (await codePipeline.listActionExecutions({ pipelineName: name })).actionExecutionDetails?.[0];
  }

  const refused = (title: string, ...stages: ActionDeclaration[]) =>
    expect(codePipeline.createPipeline({ pipeline: pipeline(nameOf(title), stages) })).rejects;

  test.each(["inputArtifacts", "outputArtifacts"] as const)("six %s are one too many", async (direction) => {
    const call = lambdaAction("Call", "pass-on", { [direction]: list(6, "Artifact") });
    const made = [lambdaAction("A", "pass-on", { outputArtifacts: list(5, "Artifact") })];
    made.push(lambdaAction("B", "pass-on", { outputArtifacts: [{ name: "Artifact5" }] }));
    await refused("six", ...(direction === "inputArtifacts" ? made : []), call).toMatchObject({
      name: "InvalidActionDeclarationException",
    });
  });

  test("a configuration without FunctionName is refused in the service's words", async () => {
    const call = { ...lambdaAction("Call", "f"), configuration: { UserParameters: "x" } };
    await refused("no-name", call).toMatchObject({
      name: "InvalidActionDeclarationException",
      message: "Action configuration for action 'Call' is missing required configuration 'FunctionName'",
    });
  });

  test("a configuration with a key that Lambda actions do not have is refused in the service's words", async () => {
    const call = lambdaAction("Call", "pass-on", { configuration: { Unknown: "x" } });
    await refused("unknown-key", call).toMatchObject({
      name: "InvalidActionDeclarationException",
      message: "Action configuration for action 'Call' contains unknown configuration 'Unknown'",
    });
  });

  test("UserParameters of 1,001 characters are refused", async () => {
    const call = lambdaAction("Call", "pass-on", { configuration: { UserParameters: "x".repeat(1001) } });
    await refused("long", call).toMatchObject({
      name: "ValidationException",
      message:
        "1 validation error detected: Value at 'pipeline.stages.2.member.actions.1.member.configuration' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 1000, Member must have length greater than or equal to 1]",
    });
  });

  test("a function need not exist when the pipeline is created; its action fails then, with no external execution", async () => {
    const created = await create("nobody", lambdaAction("Call", "nobody"));
    expect((await endOf(created))?.output?.executionResult).toEqual({
      externalExecutionSummary: "The AWS Lambda function nobody does not exist.",
      errorDetails: { code: "ConfigurationError" },
    });
    const { stageStates } = await codePipeline.getPipelineState({ name: created.name });
    const { latestExecution } = stageStates?.[1]?.actionStates?.[0] ?? {};
    expect(latestExecution).toMatchObject({ status: "Failed", errorDetails: { code: "ConfigurationError" } });
    expect(latestExecution).not.toHaveProperty("externalExecutionId");
    expect(latestExecution).not.toHaveProperty("externalExecutionUrl");
  });

  test("a role that may not invoke the function fails the action with PermissionError, before any call", async () => {
    const role = nameOf("may-not-invoke");
    const roleArn = await createActionRole(root, role, allow(["s3:*"]));
    const created = await create("denied", lambdaAction("Call", "pass-on", { roleArn }));
    const ended = await endOf(created);
    expect(ended?.status).toBe("Failed");
    expect(ended?.output?.executionResult).toEqual({
      externalExecutionSummary: expect.stringMatching(
        new RegExp(
          `^User: arn:aws:sts::${server.account}:assumed-role/${role}/\\d{13} is not authorized to perform: lambda:InvokeFunction on resource: \\S+:function:pass-on because no identity-based policy allows the lambda:InvokeFunction action$`,
        ),
      ),
      errorDetails: { code: "PermissionError" },
    });
    expect(server.story.filter(({ executionId, type }) => executionId === created.id && type === "invoked")).toEqual(
      [],
    );
  });

  test("a function that returns without a report has said nothing: its action goes on", async () => {
    const { name, id } = await create("returns", lambdaAction("Call", "pass-on"));
    const job = await bench.nextJob();
    await attemptEnded(id);
    const { stageStates } = await codePipeline.getPipelineState({ name });
    expect(stageStates?.[1]?.actionStates?.[0]?.latestExecution?.status).toBe("InProgress");
    await codePipeline.putJobSuccessResult({ jobId: job.id });
    expect((await endOf({ name, id }))?.status).toBe("Succeeded");
  });

  test("a function that raises on every call has said nothing either, and fails after 20 minutes", async () => {
    const call = lambdaAction("Call", "pass-on", { configuration: { UserParameters: "raise: no" } });
    const created = await create("raises", call);
    for (let count = 0; count < 3; count += 1) await bench.nextJob();
    await attemptEnded(created.id, 3);
    const { stageStates } = await codePipeline.getPipelineState({ name: created.name });
    expect(stageStates?.[1]?.actionStates?.[0]?.latestExecution?.status).toBe("InProgress");
    await server.advance(20 * 60_000);
    expect((await endOf(created))?.output?.executionResult?.externalExecutionSummary).toMatch(
      /^The AWS Lambda function pass-on failed to return a result\. /,
    );
  });

  test("a function that has no room is called when it has, and the action waits", async () => {
    await lambda.putFunctionConcurrency({ FunctionName: "pass-on", ReservedConcurrentExecutions: 1 });
    const calls = [lambdaAction("One", "pass-on"), lambdaAction("Two", "pass-on"), lambdaAction("Three", "pass-on")];
    const name = nameOf("no-room");
    await codePipeline.createPipeline({ pipeline: pipeline(name, [calls]) });
    const jobs = [await bench.nextJob(), await bench.nextJob(), await bench.nextJob()];
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(3);
    for (const { id } of jobs) await codePipeline.putJobSuccessResult({ jobId: id });
    await lambda.deleteFunctionConcurrency({ FunctionName: "pass-on" });
  });

  test.each([
    ["a partial ARN", () => `${server.account}:function:pass-on`],
    ["an ARN", () => `arn:aws:lambda:us-east-1:${server.account}:function:pass-on`],
    ["a name with a version", () => "pass-on:$LATEST"],
  ])("FunctionName may be %s, which is then the external execution's id", async (title, reference) => {
    const created = await create(`by-${title.replaceAll(" ", "-")}`, lambdaAction("Call", reference()));
    const job = await bench.nextJob();
    expect(job.data.actionConfiguration.configuration["FunctionName"]).toBe(reference());
    await codePipeline.putJobSuccessResult({ jobId: job.id });
    expect((await endOf(created))?.output?.executionResult?.externalExecutionId).toBe(reference());
  });

  test("variables are exactly those of the report that ended the action, and its namespace makes them usable", async () => {
    const make = lambdaAction("Make", "pass-on", { namespace: "Made" });
    const configuration = { UserParameters: "#{Made.Rows} of #{codepipeline.PipelineExecutionId}" };
    const created = await create("variables", make, lambdaAction("Use", "pass-on", { configuration }));
    await codePipeline.putJobSuccessResult({ jobId: (await bench.nextJob()).id, continuationToken: "more" });
    const outputVariables = { Rows: "42", Other: "" };
    await codePipeline.putJobSuccessResult({ jobId: (await bench.nextJob()).id, outputVariables });
    const job = await bench.nextJob();
    expect(job.data.actionConfiguration.configuration["UserParameters"]).toBe(`42 of ${created.id}`);
    const { actionExecutionDetails } = await codePipeline.listActionExecutions({ pipelineName: created.name });
    expect(actionExecutionDetails?.find(({ actionName }) => actionName === "Make")?.output?.outputVariables).toEqual(
      outputVariables,
    );
    await codePipeline.putJobSuccessResult({ jobId: job.id });
  });

  test("without a namespace the variables are shown all the same", async () => {
    const created = await create("no-namespace", lambdaAction("Make", "pass-on"));
    await codePipeline.putJobSuccessResult({ jobId: (await bench.nextJob()).id, outputVariables: { Rows: "42" } });
    expect((await endOf(created))?.output?.outputVariables).toEqual({ Rows: "42" });
  });

  test("a reference to a variable that the function did not put out fails the action with ConfigurationError", async () => {
    const make = lambdaAction("Make", "pass-on", { namespace: "Made" });
    const use = lambdaAction("Use", "pass-on", { configuration: { UserParameters: "#{Made.Rows}" } });
    const created = await create("no-key", make, use);
    await codePipeline.putJobSuccessResult({ jobId: (await bench.nextJob()).id, outputVariables: { rows: "42" } });
    const ended = await endOf(created);
    expect(ended).toMatchObject({ actionName: "Use", status: "Failed" });
    expect(ended?.output?.executionResult?.errorDetails).toEqual({ code: "ConfigurationError" });
  });

  test("an action of another region calls the function of that region, with artifacts in that region's store", async () => {
    const name = nameOf("region");
    const call = lambdaAction("Call", "pass-on", { region: "eu-west-1", outputArtifacts: [{ name: "There" }] });
    const store = { type: "S3", location: BUCKET } as const;
    await codePipeline.createPipeline({
      pipeline: pipeline(name, [call], {
        artifactStore: undefined,
        artifactStores: { "us-east-1": store, "eu-west-1": store },
      }),
    });
    const { pipelineExecutionSummaries } = await codePipeline.listPipelineExecutions({ pipelineName: name });
    const ended = await endOf({ name, id: pipelineExecutionSummaries?.[0]?.pipelineExecutionId ?? "" });
    expect(ended?.input?.region).toBe("eu-west-1");
    // There is none of this name: the one of the pipeline's own region is not taken.
    expect(ended?.output?.executionResult?.externalExecutionSummary).toBe(
      "The AWS Lambda function pass-on does not exist.",
    );
  });
});

/** Resolves when so many calls of an execution's functions have ended. */
async function attemptEnded(executionId: string, count = 1): Promise<void> {
  for (;;) {
    const changed = server.changed();
    const ended = server.story.filter((entry) => entry.executionId === executionId && entry.type === "attemptEnded");
    if (ended.length === count) return;
    await changed;
  }
}
