import type { ActionDeclaration } from "@aws-sdk/client-codepipeline";
import { afterAll, describe, expect, test } from "vitest";
import { boto3 } from "./boto3.ts";
import { allow, createActionRole, createFunction, layGround, pipeline, zipOf } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { startPenstock } from "./server.ts";

/*
 * The Lambda deploy action. Its artifact is the code of a function, which says which code it is when it is called.
 */

const server = await startPenstock();
afterAll(server.stop);
const root = javascript(server);
const codeOf = (answer: string) => zipOf({ "index.mjs": `export const handler = async () => "${answer}";` });
await layGround(root, await codeOf("new"));
await root.iam.putRolePolicy({
  RoleName: "pipeline",
  PolicyName: "deploys",
  PolicyDocument: allow(["lambda:UpdateFunctionCode", "lambda:GetAlias", "lambda:UpdateAlias"]),
});
const clients = [root, boto3(server)] as const;

describe.each(clients)("A Lambda deploy action by $name", ({ name: client, codePipeline, lambda }) => {
  const nameOf = (title: string) => `${title}-${client.replaceAll(" ", "-")}`;

  test("the artifact becomes a new version, which the alias names and whose number is a variable", async () => {
    const name = await created("alias");
    const { status, variables } = await run(name, { FunctionAlias: "live" });
    expect(status).toBe("Succeeded");
    expect(variables).toEqual({ FunctionVersion: "2" });
    expect((await lambda.getAlias({ FunctionName: name, Name: "live" })).FunctionVersion).toBe("2");
    expect([await answerOf(name, "live"), await answerOf(name, "1"), await answerOf(name, "$LATEST")]).toEqual([
      "new",
      "old",
      "new",
    ]);
  });

  test("without an alias the new version is made and nothing names it", async () => {
    const name = await created("no-alias");
    expect((await run(name, {})).variables).toEqual({ FunctionVersion: "2" });
    expect(await answerOf(name, "live")).toBe("old");
    expect(await answerOf(name, "2")).toBe("new");
  });

  test("without an artifact the alias gets a version that is there", async () => {
    const name = await created("back");
    await run(name, { FunctionAlias: "live" });
    const back = { FunctionAlias: "live", PublishedTargetVersion: "1" };
    const { status } = await run(`${name}-again`, { FunctionName: name, ...back }, { inputArtifacts: [] });
    expect(status).toBe("Succeeded");
    expect(await answerOf(name, "live")).toBe("old");
  });

  test("an alias or a function that is not there fails it, and nothing is changed", async () => {
    const name = await created("missing");
    const { error } = await run(name, { FunctionAlias: "nowhere" });
    expect(error?.code).toBe("ConfigurationError");
    expect(error?.message).toMatch(/^ResourceNotFoundException: /);
    expect(await answerOf(name, "$LATEST")).toBe("old");
    expect((await run(`${name}-function`, { FunctionName: "nobody" })).error?.code).toBe("ConfigurationError");
  });

  test("a role that may not change the function fails it with PermissionError", async () => {
    const name = await created("denied");
    const roleArn = await createActionRole(root, `${name}-reads`, allow(["s3:GetObject"]));
    const { error } = await run(name, {}, { roleArn });
    expect(error?.code).toBe("PermissionError");
    expect(error?.message).toContain("is not authorized to perform: lambda:UpdateFunctionCode");
  });

  test("traffic shifted bit by bit, alarms, and versions without their alias are refused, with what would be right", async () => {
    const name = await created("refused");
    const table: readonly (readonly [Record<string, string>, string])[] = [
      [{ FunctionAlias: "live", DeployStrategy: "Canary10Percent5Minutes" }, "let DeployStrategy be AllAtOnce"],
      [{ FunctionAlias: "live", Alarms: "too-many-errors" }, "Leave out Alarms"],
      [{ FunctionAlias: "live", DeployStrategy: "Slowly" }, "it must be like AllAtOnce, Canary10Percent5Minutes"],
      [{ PublishedTargetVersion: "1" }, "needs a FunctionAlias"],
    ];
    for (const [index, [configuration, text]] of table.entries()) {
      const { error } = await run(`${name}-${index}`, { FunctionName: name, ...configuration });
      expect(error).toEqual({ code: "ConfigurationError", message: expect.stringContaining(text) });
    }
    expect(await answerOf(name, "live")).toBe("old");
  });

  test("it needs a V2 pipeline and a FunctionName", async () => {
    const ship = deploy({ FunctionName: "any" });
    await expect(codePipeline.createPipeline({ pipeline: pipeline("never", [ship]) })).rejects.toMatchObject({
      name: "InvalidActionDeclarationException",
    });
    const nameless = pipeline("never", [deploy({})], { pipelineType: "V2" });
    await expect(codePipeline.createPipeline({ pipeline: nameless })).rejects.toMatchObject({
      message: "Action configuration for action 'Ship' is missing required configuration 'FunctionName'",
    });
  });

  /** A function whose alias `live` names its first version. */
  async function created(title: string): Promise<string> {
    const name = nameOf(title);
    await createFunction(root, { name, runtime: "nodejs22.x", handler: "index.handler", code: await codeOf("old") });
    await root.lambda.publishVersion({ FunctionName: name });
    await root.lambda.createAlias({ FunctionName: name, Name: "live", FunctionVersion: "1" });
    return name;
  }

  async function answerOf(FunctionName: string, Qualifier: string): Promise<unknown> {
    const { Payload } = await root.lambda.invoke({ FunctionName, Qualifier });
    return JSON.parse(Payload?.transformToString() ?? "null");
  }

  /** Runs a pipeline of this name that deploys its source, to the function of the name unless another is given. */
  async function run(name: string, configuration: Record<string, string>, more: Partial<ActionDeclaration> = {}) {
    const ship = deploy({ FunctionName: name, ...configuration }, more);
    await codePipeline.createPipeline({ pipeline: pipeline(name, [ship], { pipelineType: "V2" }) });
    const { pipelineExecutionSummaries: [first] = [] } = await codePipeline.listPipelineExecutions({
      pipelineName: name,
    });
    await server.settled(first?.pipelineExecutionId);
    const { actionExecutionDetails: [latest] = [] } = await codePipeline.listActionExecutions({ pipelineName: name });
    const { stageStates = [] } = await codePipeline.getPipelineState({ name });
    const error = stageStates[1]?.actionStates?.[0]?.latestExecution?.errorDetails;
    return { status: latest?.status, variables: latest?.output?.outputVariables, error };
  }
});

function deploy(configuration: Record<string, string>, more: Partial<ActionDeclaration> = {}): ActionDeclaration {
  return {
    name: "Ship",
    actionTypeId: { category: "Deploy", owner: "AWS", provider: "Lambda", version: "1" },
    configuration,
    inputArtifacts: [{ name: "SourceZip" }],
    ...more,
  };
}
