import type { ActionDeclaration } from "@aws-sdk/client-codepipeline";
import { afterAll, describe, expect, test } from "vitest";
import { boto3 } from "./boto3.ts";
import { layGround, pipeline, zipOf } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { startPenstock } from "./server.ts";

const server = await startPenstock();
afterAll(server.stop);
const root = javascript(server);
await layGround(root, await zipOf({ "readme.txt": "hello\n" }));

const OTHERS = [
  { category: "Invoke", provider: "StepFunctions", configuration: { StateMachineArn: "arn:aws:states:::m" } },
  { category: "Deploy", provider: "CloudFormation", configuration: { ActionMode: "DELETE_ONLY", StackName: "s" } },
  { category: "Build", provider: "CodeBuild", configuration: { ProjectName: "p" } },
] as const;

describe.each([root, boto3(server)])("Actions that are not run, by $name", ({ name: client, codePipeline }) => {
  test("their pipeline is taken, and they fail at once with ConfigurationError, their name, and what would be right", async () => {
    for (const { category, provider, configuration } of OTHERS) {
      const name = `${provider}-${client.replaceAll(" ", "-")}`;
      const action: ActionDeclaration = {
        name: "Other",
        actionTypeId: { category, owner: "AWS", provider, version: "1" },
        configuration,
        inputArtifacts: [{ name: "SourceZip" }],
      };
      await codePipeline.createPipeline({ pipeline: pipeline(name, [action]) });
      const { pipelineExecutionSummaries: [first] = [] } = await codePipeline.listPipelineExecutions({
        pipelineName: name,
      });
      await server.settled(first?.pipelineExecutionId);
      const { stageStates = [] } = await codePipeline.getPipelineState({ name });
      expect(stageStates[1]?.actionStates?.[0]?.latestExecution).toMatchObject({
        status: "Failed",
        errorDetails: {
          code: "ConfigurationError",
          message: `Penstock does not run actions of the type ${category}/AWS/${provider} yet, as action Other is one. Replace it by a Lambda action, or leave it out, to run this pipeline here.`,
        },
      });
    }
  });
});
