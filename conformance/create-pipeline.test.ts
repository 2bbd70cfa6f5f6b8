import type { ActionDeclaration, PipelineDeclaration, StageDeclaration } from "@aws-sdk/client-codepipeline";
import { afterAll, describe, expect, test } from "vitest";
import { boto3 } from "./boto3.ts";
import { BUCKET, createRole, lambdaAction, layGround, PIPELINE_ROLE, pipeline, sourceAction, zipOf } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { startPenstock } from "./server.ts";

const server = await startPenstock();
afterAll(server.stop);
const clients = [javascript(server), boto3(server)] as const;
const [{ codePipeline }] = clients;
await layGround(clients[0], await zipOf({ "readme.txt": "hello\n" }));
await createRole(clients[0], "for-lambda", "lambda.amazonaws.com");

const call = lambdaAction("Call", "some-function");

describe.each(clients)("CreatePipeline by $name", (client) => {
  const name = client.name.replaceAll(" ", "-");

  test("echoes the declaration with version, run orders, artifacts, mode and type filled in, and no region", async () => {
    const approve: ActionDeclaration = {
      name: "Approve",
      actionTypeId: { category: "Approval", owner: "AWS", provider: "Manual", version: "1" },
      runOrder: 2,
    };
    const declared = pipeline(`${name}-echo`, [[lambdaAction("Call", "f", { namespace: "Called" }), approve]]);
    const created = await client.codePipeline.createPipeline({
      pipeline: declared,
      tags: [{ key: "team", value: "blue" }],
    });
    const source = sourceAction();
    expect(created.pipeline).toEqual({
      ...declared,
      version: 1,
      executionMode: "SUPERSEDED",
      pipelineType: "V1",
      stages: [
        { name: "Source", actions: [{ ...source, runOrder: 1, inputArtifacts: [] }] },
        {
          name: "Stage1",
          actions: [
            {
              name: "Call",
              actionTypeId: call.actionTypeId,
              runOrder: 1,
              configuration: { FunctionName: "f" },
              outputArtifacts: [],
              inputArtifacts: [],
              namespace: "Called",
            },
            { ...approve, configuration: {}, outputArtifacts: [], inputArtifacts: [] },
          ],
        },
      ],
    });
    expect(created.tags).toEqual([{ key: "team", value: "blue" }]);
    const read = await client.codePipeline.getPipeline({ name: `${name}-echo` });
    expect(read.pipeline).toEqual(created.pipeline);
  });

  test("keeps what V2 adds: variables, mode, triggers and conditions", async () => {
    const more: Partial<PipelineDeclaration> = {
      pipelineType: "V2",
      executionMode: "QUEUED",
      variables: [{ name: "Colour", defaultValue: "blue", description: "of the house" }, { name: "Size" }],
    };
    const declared = pipeline(`${name}-v2`, [lambdaAction("Call", "f", { region: "us-east-1" })], more);
    const stages = declared.stages?.map((stage, index) =>
      index === 1 ? { ...stage, onFailure: { result: "RETRY" as const } } : stage,
    );
    const { pipeline: echoed } = await client.codePipeline.createPipeline({ pipeline: { ...declared, stages } });
    expect(echoed).toMatchObject({
      ...more,
      version: 1,
      stages: [{}, { onFailure: { result: "RETRY" }, actions: [{ region: "us-east-1" }] }],
    });
  });

  test("a version that the caller sends is not taken for one", async () => {
    const declared = pipeline(`${name}-version`, [call], { version: 7 });
    expect((await client.codePipeline.createPipeline({ pipeline: declared })).pipeline?.version).toBe(1);
  });

  test("starts an execution at once, for the caller", async () => {
    await client.codePipeline.createPipeline({ pipeline: pipeline(`${name}-starts`, [call]) });
    const listed = await client.codePipeline.listPipelineExecutions({ pipelineName: `${name}-starts` });
    expect(listed.pipelineExecutionSummaries).toMatchObject([
      { trigger: { triggerType: "CreatePipeline", triggerDetail: `arn:aws:iam::${server.account}:root` } },
    ]);
  });

  test("a name in use is refused", async () => {
    const declared = pipeline(`${name}-twice`, [call]);
    await client.codePipeline.createPipeline({ pipeline: declared });
    await expect(client.codePipeline.createPipeline({ pipeline: declared })).rejects.toMatchObject({
      name: "PipelineNameInUseException",
      message: expect.stringContaining(`'${name}-twice'`),
      $metadata: { httpStatusCode: 400 },
    });
  });

  test.each([
    ["that does not exist", "nobody"],
    ["that trusts another service", "for-lambda"],
  ])("a role %s cannot be assumed", async (_, role) => {
    const roleArn = PIPELINE_ROLE.replace("pipeline", role);
    await expect(
      client.codePipeline.createPipeline({ pipeline: pipeline("p", [call], { roleArn }) }),
    ).rejects.toMatchObject({
      name: "InvalidStructureException",
      message: `CodePipeline is not authorized to perform AssumeRole on role ${roleArn}`,
    });
  });
});

test("a pipeline whose source polls does not start by its creation", async () => {
  const polling = sourceAction({ configuration: { S3Bucket: BUCKET, S3ObjectKey: "source.zip" } });
  await codePipeline.createPipeline({
    pipeline: { ...pipeline("polls", [call]), stages: stages([[polling], [call]]) },
  });
  const listed = await codePipeline.listPipelineExecutions({ pipelineName: "polls" });
  expect(listed.pipelineExecutionSummaries).toEqual([]);
});

const V2 = { pipelineType: "V2" } as const;
const commands: ActionDeclaration = {
  name: "Run",
  actionTypeId: { category: "Compute", owner: "AWS", provider: "Commands", version: "1" },
  commands: ["make"],
  inputArtifacts: [{ name: "SourceZip" }],
};
const variable = { variables: [{ name: "a", defaultValue: "1" }] };
const rollback = { onFailure: { result: "ROLLBACK" as const } };
const bothGates = {
  onFailure: { result: "RETRY" as const, conditions: [{ result: "ROLLBACK" as const, rules: [rule()] }] },
};

describe("the service's own texts", () => {
  test.each<[text: string, exception: string, declared: PipelineDeclaration]>([
    ["Pipeline should start with a stage that only contains source actions", "InvalidStructure", of([[call], [call]])],
    [
      "Source actions can only be included in the first stage of the pipeline",
      "InvalidStructure",
      of([[sourceAction()], [call, sourceAction({ outputArtifacts: [{ name: "Again" }] })]]),
    ],
    [
      "Pipeline has only 1 stage(s). There should be a minimum of 2 stages in a pipeline",
      "InvalidStructure",
      of([[sourceAction()]]),
    ],
    [
      "Pipeline has too many stages. There can only be up to 50 stages in a pipeline",
      "InvalidStructure",
      of([[sourceAction()], ...Array.from({ length: 50 }, () => [call])]),
    ],
    [
      "QUEUED or PARALLEL mode can only be used with V2 pipelines",
      "InvalidStructure",
      with_({ executionMode: "PARALLEL" }),
    ],
    ["Pipeline variable can only be used with V2 pipelines", "InvalidStructure", with_(variable)],
    [
      "Variable names must be unique. The following variable name is already in use: a",
      "InvalidStructure",
      with_({ ...V2, variables: [{ name: "a" }, { name: "a" }] }),
    ],
    ["Stage name 'Stage1' is used more than once", "InvalidStageDeclaration", twice()],
    [
      "Stage level conditions can only be used with V2 pipelines.",
      "InvalidStageDeclaration",
      gated(rollback, { pipelineType: "V1" }),
    ],
    [
      "Failure conditions with rollback result type cannot be added to a PARALLEL pipeline.",
      "InvalidStageDeclaration",
      gated(rollback, { ...V2, executionMode: "PARALLEL" }),
    ],
    [
      "The following stage cannot have a failure exit gate configured with both top level result and conditions: 'Stage1",
      "InvalidStageDeclaration",
      gated(bothGates, V2),
    ],
    [
      "Action configuration for action 'Call' is missing required configuration 'FunctionName'",
      "InvalidActionDeclaration",
      pipeline("p", [{ ...call, configuration: { UserParameters: "x" } }]),
    ],
    [
      "Action configuration for action 'Call' contains unknown configuration 'Unknown'",
      "InvalidActionDeclaration",
      pipeline("p", [lambdaAction("Call", "f", { configuration: { Unknown: "x" } })]),
    ],
    [
      "ActionType (Category: 'Invoke', Provider: 'Nope', Owner: 'AWS', Version: '1') in action 'Call' is not available in region 'US_EAST_1'",
      "InvalidActionDeclaration",
      pipeline("p", [{ ...call, actionTypeId: { category: "Invoke", owner: "AWS", provider: "Nope", version: "1" } }]),
    ],
    ["Commands Action can only be used with V2 pipelines.", "InvalidActionDeclaration", pipeline("p", [commands])],
    [
      "Namespaces must be unique across the pipeline definition. The following occur more than once in the pipeline. StageName=[Stage1], ActionName=[Call], Namespace=[N]",
      "InvalidActionDeclaration",
      of([[sourceAction({ namespace: "N" })], [lambdaAction("Call", "f", { namespace: "N" })]]),
    ],
    [
      "Valid format for a pipeline execution variable reference is a namespace and a key separated by a period (.). The following pipeline execution variables are referencing a namespace that does not exist.\nStageName=[Stage1], ActionName=[Call], ActionConfigurationKey=[UserParameters], VariableReferenceText=[Nobody.key]",
      "InvalidActionDeclaration",
      pipeline("p", [lambdaAction("Call", "f", { configuration: { UserParameters: "#{Nobody.key}" } })]),
    ],
    [
      "Output Artifact Bundle name must be unique within the pipeline. SourceZip has been used more than once.",
      "InvalidStructure",
      pipeline("p", [lambdaAction("Call", "f", { outputArtifacts: [{ name: "SourceZip" }] })]),
    ],
    [
      "Your pipeline must have an artifact store, such as an artifact bucket, for each region where you have an action. The following region is missing in 'pipeline.artifactStores': eu-west-1.",
      "Validation",
      pipeline("p", [lambdaAction("Call", "f", { region: "eu-west-1" })], {
        artifactStore: undefined,
        artifactStores: { "us-east-1": { type: "S3", location: BUCKET } },
      }),
    ],
    [
      "The region nowhere specified in 'pipeline.artifactStores' is not a valid AWS Region.",
      "Validation",
      with_({
        artifactStore: undefined,
        artifactStores: { "us-east-1": { type: "S3", location: BUCKET }, nowhere: { type: "S3", location: BUCKET } },
      }),
    ],
  ])("%s", async (message, exception, declared) => {
    await expect(codePipeline.createPipeline({ pipeline: declared })).rejects.toMatchObject({
      name: `${exception}Exception`,
      message,
      $metadata: { httpStatusCode: 400 },
    });
    await expect(codePipeline.getPipeline({ name: "p" })).rejects.toMatchObject({ name: "PipelineNotFoundException" });
  });

  test.each<[place: string, rule: string, declared: PipelineDeclaration]>([
    ["pipeline.name", "satisfy regular expression pattern: [A-Za-z0-9.@\\-_]+", with_({ name: "a b" })],
    ["pipeline.name", "have length less than or equal to 100", with_({ name: "x".repeat(101) })],
    [
      "pipeline.stages.2.member.actions.1.member.name",
      "satisfy regular expression pattern: [A-Za-z0-9.@\\-_]+",
      pipeline("p", [{ ...call, name: "a b" }]),
    ],
    [
      "pipeline.stages.2.member.actions.1.member.runOrder",
      "have value greater than or equal to 1",
      pipeline("p", [{ ...call, runOrder: 0 }]),
    ],
    [
      "pipeline.stages.2.member.actions.1.member.runOrder",
      "have value less than or equal to 999",
      pipeline("p", [{ ...call, runOrder: 1000 }]),
    ],
    ["pipeline.artifactStore.encryptionKey.type", "satisfy enum value set: [KMS]", encrypted("AES")],
    ["pipeline.variables", "have length less than or equal to 50", with_({ ...V2, variables: manyVariables() })],
  ])("the model's limit on %s: Member must %s", async (place, rule, declared) => {
    await expect(codePipeline.createPipeline({ pipeline: declared })).rejects.toMatchObject({
      name: "ValidationException",
      message: `1 validation error detected: Value at '${place}' failed to satisfy constraint: Member must ${rule}`,
    });
  });

  test("what the model refuses is told before what the structure breaks", async () => {
    await expect(codePipeline.createPipeline({ pipeline: { ...of([[call]]), name: "a b" } })).rejects.toMatchObject({
      name: "ValidationException",
    });
  });
});

function of(actions: readonly (readonly ActionDeclaration[])[]): PipelineDeclaration {
  return { ...pipeline("p", []), stages: stages(actions) };
}

function stages(actions: readonly (readonly ActionDeclaration[])[]): StageDeclaration[] {
  return actions.map((each, index) => ({ name: `Stage${index}`, actions: [...each] }));
}

function with_(more: Partial<PipelineDeclaration>): PipelineDeclaration {
  return pipeline("p", [call], more);
}

function twice(): PipelineDeclaration {
  const declared = pipeline("p", [call, call]);
  return {
    ...declared,
    stages: declared.stages?.map((stage) => ({ ...stage, name: stage.name === "Stage2" ? "Stage1" : stage.name })),
  };
}

function gated(gate: Partial<StageDeclaration>, more: Partial<PipelineDeclaration>): PipelineDeclaration {
  const declared = pipeline("p", [call], more);
  return { ...declared, stages: declared.stages?.map((stage, index) => (index === 1 ? { ...stage, ...gate } : stage)) };
}

function rule() {
  return { name: "Rule", ruleTypeId: { category: "Rule" as const, provider: "VariableCheck" } };
}

function encrypted(type: string): PipelineDeclaration {
  const key = { id: "k", type: type as "KMS" }; // wrong on purpose
  return with_({ artifactStore: { type: "S3", location: BUCKET, encryptionKey: key } });
}

function manyVariables() {
  return Array.from({ length: 51 }, (_, index) => ({ name: `v${index}` }));
}
