import type { RuleDeclaration } from "@aws-sdk/client-codepipeline";
import { afterAll, describe, expect, test } from "vitest";
import { boto3 } from "./boto3.ts";
import { layGround, pipeline, zipOf } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { startPenstock } from "./server.ts";

const server = await startPenstock();
afterAll(server.stop);
const root = javascript(server);
const clients = [root, boto3(server)] as const;
await layGround(root, await zipOf({ "readme.txt": "hello\n" }));
await root.s3.createBucket({ Bucket: "deployed-to" });

describe.each(clients)("Conditions of stages by $name", ({ name: client, codePipeline }) => {
  test("a rule may have a timeout of 5 to 86400 minutes, and no other", async () => {
    for (const [index, timeoutInMinutes] of [5, 86_400].entries()) {
      await codePipeline.createPipeline({ pipeline: guarded(nameOf(`good-${index}`), { timeoutInMinutes }) });
    }
    for (const [timeoutInMinutes, rule] of [
      [4, "greater than or equal to 5"],
      [86_401, "less than or equal to 86400"],
    ] as const) {
      await expect(
        codePipeline.createPipeline({ pipeline: guarded("never", { timeoutInMinutes }) }),
      ).rejects.toMatchObject({
        name: "ValidationException",
        message: `1 validation error detected: Value at 'pipeline.stages.2.member.beforeEntry.conditions.1.member.rules.1.member.timeoutInMinutes' failed to satisfy constraint: Member must have value ${rule}`,
      });
    }
  });

  test("rules are not run: the stage goes on as if they had succeeded, and the story says so", async () => {
    const name = nameOf("passes");
    await codePipeline.createPipeline({ pipeline: guarded(name) });
    const { pipelineExecutionSummaries: [first] = [] } = await codePipeline.listPipelineExecutions({
      pipelineName: name,
    });
    const executionId = first?.pipelineExecutionId;
    await server.settled(executionId);
    const { pipelineExecution } = await codePipeline.getPipelineExecution({
      pipelineName: name,
      pipelineExecutionId: executionId,
    });
    expect(pipelineExecution?.status).toBe("Succeeded");
    const notes = server.story.filter((entry) => entry.executionId === executionId && entry.type === "note");
    expect(notes).toMatchObject([
      {
        message:
          "Stage Stage1 has conditions (beforeEntry). Penstock does not evaluate them: the stage goes on as if their rules had succeeded.",
      },
    ]);
  });

  const nameOf = (title: string) => `${title}-${client.replaceAll(" ", "-")}`;
});

/** A pipeline that deploys its source, after a rule that would not let it. */
function guarded(name: string, more: Partial<RuleDeclaration> = {}) {
  const deploy = {
    name: "Ship",
    actionTypeId: { category: "Deploy" as const, owner: "AWS" as const, provider: "S3", version: "1" },
    configuration: { BucketName: "deployed-to", Extract: "true", ObjectKey: name },
    inputArtifacts: [{ name: "SourceZip" }],
  };
  const rule: RuleDeclaration = {
    name: "Never",
    ruleTypeId: { category: "Rule", owner: "AWS", provider: "LambdaInvoke", version: "1" },
    configuration: { FunctionName: "nobody" },
    ...more,
  };
  const declared = pipeline(name, [deploy], { pipelineType: "V2" });
  const beforeEntry = { conditions: [{ result: "FAIL" as const, rules: [rule] }] };
  const stages = declared.stages?.map((stage, index) => (index === 0 ? stage : { ...stage, beforeEntry }));
  return { ...declared, stages };
}
