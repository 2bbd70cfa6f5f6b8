import type { CreateCustomActionTypeInput } from "@aws-sdk/client-codepipeline";
import { afterAll, describe, expect, test } from "vitest";
import { openWorkerBench, workPipeline } from "./worker-bench.ts";

/*
 * Custom action types: made, listed, deleted, and held against the pipelines that use them.
 */

const bench = await openWorkerBench();
afterAll(bench.server.stop);

const property = { required: true, key: true, secret: false };

function declaration(more: Partial<CreateCustomActionTypeInput> = {}): CreateCustomActionTypeInput {
  return {
    category: "Build",
    provider: bench.newProvider(),
    version: "1",
    settings: {
      entityUrlTemplate: "https://builds.example/{Config:Project}/",
      executionUrlTemplate: "https://builds.example/{Config:Project}/{ExternalExecutionId}/",
    },
    configurationProperties: [{ name: "Project", ...property, queryable: true, description: "Which.", type: "String" }],
    inputArtifactDetails: { minimumCount: 0, maximumCount: 2 },
    outputArtifactDetails: { minimumCount: 1, maximumCount: 1 },
    ...more,
  };
}

describe.each(bench.clients)("Custom action types by $name", ({ codePipeline }) => {
  test("the reply has the type as it was declared, with its owner and its tags", async () => {
    const { category, provider, version, configurationProperties, ...rest } = declaration();
    const tags = [{ key: "team", value: "builds" }];
    const made = await codePipeline.createCustomActionType({ ...declaration(), ...rest, provider, tags });
    expect(made).toMatchObject({
      actionType: {
        id: { category, owner: "Custom", provider, version },
        actionConfigurationProperties: configurationProperties,
        ...rest,
      },
      tags,
    });
  });

  test("the list has custom types and the service's own, and can be had by owner and region", async () => {
    const id = await bench.customType();
    const listed = async (more: object = {}) => (await codePipeline.listActionTypes(more)).actionTypes ?? [];
    const ids = (await listed()).map((type) => type.id);
    expect(ids).toContainEqual(id);
    expect(ids).toContainEqual({ category: "Invoke", owner: "AWS", provider: "Lambda", version: "1" });
    expect((await listed({ actionOwnerFilter: "Custom" })).map((type) => type.id?.owner)).not.toContain("AWS");
    expect((await listed({ actionOwnerFilter: "AWS" })).map((type) => type.id)).not.toContainEqual(id);
    expect(await listed({ actionOwnerFilter: "Custom", regionFilter: "eu-west-1" })).toEqual([]);
  });

  test("the service's own types are listed with how many artifacts they take and how they are configured", async () => {
    const { actionTypes = [] } = await codePipeline.listActionTypes({ actionOwnerFilter: "AWS" });
    const lambda = actionTypes.find(({ id }) => id?.provider === "Lambda" && id.category === "Invoke");
    expect(lambda).toMatchObject({
      inputArtifactDetails: { minimumCount: 0, maximumCount: 5 },
      outputArtifactDetails: { minimumCount: 0, maximumCount: 5 },
      actionConfigurationProperties: [
        { name: "FunctionName", required: true, secret: false },
        { name: "UserParameters", required: false, secret: false },
      ],
    });
  });

  test.each([
    [
      "fewer artifacts at most than at least",
      { inputArtifactDetails: { minimumCount: 2, maximumCount: 1 } },
      "Maximum Number of Artifacts (1) has to be greater than or equal to minimum (2).",
    ],
    [
      "a queryable property that is secret",
      { configurationProperties: [{ name: "Project", ...property, secret: true, queryable: true }], settings: {} },
      "Invalid queryable property 'Project'. Queryable configuration properties must be required and non-secret.",
    ],
    [
      "a queryable property that is optional",
      { configurationProperties: [{ name: "Project", ...property, required: false, queryable: true }], settings: {} },
      "Invalid queryable property 'Project'. Queryable configuration properties must be required and non-secret.",
    ],
  ])("%s is refused, in the service's words", async (_, more, message) => {
    await expect(codePipeline.createCustomActionType(declaration(more))).rejects.toMatchObject({
      name: "ValidationException",
      message,
    });
  });

  test.each([
    [
      "two queryable properties",
      { configurationProperties: ["A", "B"].map((name) => ({ name, ...property, queryable: true })), settings: {} },
      "There can be at most one queryable configuration property. There are: 'A', 'B'.",
    ],
    [
      "two properties of one name",
      { configurationProperties: ["A", "A"].map((name) => ({ name, ...property })), settings: {} },
      "Configuration property names must be unique. 'A' is used more than once.",
    ],
    [
      "a template that refers to no property",
      { settings: { entityUrlTemplate: "https://builds.example/{Config:Job}" } },
      "The URL template refers to {Config:Job}, which is not a required, non-secret property.",
    ],
  ])("%s is refused", async (_, more, message) => {
    await expect(codePipeline.createCustomActionType(declaration(more))).rejects.toMatchObject({
      name: "ValidationException",
      message,
    });
  });

  test("a deleted type is gone, and deleting it again is fine", async () => {
    const id = await bench.customType();
    const { category, provider, version } = id;
    for (const _ of [1, 2]) await codePipeline.deleteCustomActionType({ category, provider, version });
    const { actionTypes = [] } = await codePipeline.listActionTypes({ actionOwnerFilter: "Custom" });
    expect(actionTypes.map((type) => type.id)).not.toContainEqual(id);
    await expect(codePipeline.pollForJobs({ actionTypeId: id })).rejects.toMatchObject({
      name: "ActionTypeNotFoundException",
    });
  });

  test("a deleted version comes back as it was, and only so", async () => {
    const declared = declaration();
    const { category, provider, version } = declared;
    await codePipeline.createCustomActionType(declared);
    await codePipeline.deleteCustomActionType({ category, provider, version });
    const other = { ...declared, outputArtifactDetails: { minimumCount: 0, maximumCount: 5 } };
    await expect(codePipeline.createCustomActionType(other)).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringMatching(/ was deleted, and can only be created again as it was\. Use another version$/),
    });
    expect((await codePipeline.createCustomActionType(declared)).actionType?.id).toMatchObject({ provider });
  });

  test("a type that is there already is refused", async () => {
    const declared = declaration();
    await codePipeline.createCustomActionType(declared);
    await expect(codePipeline.createCustomActionType(declared)).rejects.toMatchObject({
      name: "ValidationException",
      message: `ActionType (Category: 'Build', Owner: 'Custom', Provider: '${declared.provider}', Version: '1') already exists. Use another version`,
    });
  });

  test("a pipeline with a type that is not registered is refused, in the service's words", async () => {
    const id = { category: "Build", owner: "Custom", provider: "Nobody", version: "1" } as const;
    await expect(codePipeline.createPipeline({ pipeline: workPipeline("p", id) })).rejects.toMatchObject({
      name: "InvalidActionDeclarationException",
      message:
        "ActionType (Category: 'Build', Provider: 'Nobody', Owner: 'Custom', Version: '1') in action 'Work' is not available in region 'US_EAST_1'",
    });
  });

  test.each([
    ["a required property that is missing", {}, "is missing required configuration 'Project'"],
    ["a property that is not declared", { Project: "p", Branch: "b" }, "contains unknown configuration 'Branch'"],
    [
      "a queryable value of more than 20 characters",
      { Project: "x".repeat(21) },
      `has the value '${"x".repeat(21)}' for the queryable property 'Project'. It must have 1 to 20 letters, digits, underscores and hyphens`,
    ],
    [
      "a queryable value with a blank",
      { Project: "a b" },
      "has the value 'a b' for the queryable property 'Project'. It must have 1 to 20 letters, digits, underscores and hyphens",
    ],
  ])("in a pipeline, %s is refused", async (_, configuration, problem) => {
    const { actionType } = await codePipeline.createCustomActionType(declaration());
    const id = actionType?.id;
    if (!id) throw new Error("No type was made.");
    const pipeline = workPipeline("refused", id, { configuration });
    await expect(codePipeline.createPipeline({ pipeline })).rejects.toMatchObject({
      name: "InvalidActionDeclarationException",
      message: `Action configuration for action 'Work' ${problem}`,
    });
  });

  test("in a pipeline, more artifacts than the type takes are refused", async () => {
    const id = await bench.customType({ inputArtifactDetails: { minimumCount: 0, maximumCount: 0 } });
    await expect(codePipeline.createPipeline({ pipeline: workPipeline("refused", id) })).rejects.toMatchObject({
      name: "InvalidActionDeclarationException",
      message: "Action Work declares 1 input artifacts which is more than the maximum count (0)",
    });
  });

  test("an action whose type was deleted after its pipeline was made fails at once, and says so", async () => {
    const id = await bench.customType();
    const { category, provider, version } = id;
    const started = await bench.start(id);
    await bench.hasJob(started);
    await codePipeline.deleteCustomActionType({ category, provider, version });
    await codePipeline.stopPipelineExecution({
      pipelineName: started.name,
      pipelineExecutionId: started.executionId,
      abandon: true,
    });
    const { pipelineExecutionId = "" } = await codePipeline.startPipelineExecution({ name: started.name });
    const again = { name: started.name, executionId: pipelineExecutionId };
    expect(await bench.ended(again)).toBe("Failed");
    expect((await bench.state(again)).latestExecution?.errorDetails).toEqual({
      code: "ConfigurationError",
      message: `ActionType (Category: 'Build', Provider: '${provider}', Owner: 'Custom', Version: '1') is not available`,
    });
  });
});
