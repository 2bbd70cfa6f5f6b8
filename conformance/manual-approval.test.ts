import type { ActionDeclaration, ApprovalStatus } from "@aws-sdk/client-codepipeline";
import { afterAll, describe, expect, test } from "vitest";
import { boto3 } from "./boto3.ts";
import { allow, createRole, layGround, pipeline, zipOf } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { startPenstock } from "./server.ts";

const server = await startPenstock();
afterAll(server.stop);
const root = javascript(server);
await layGround(root, await zipOf({ "readme.txt": "hello\n" }));
const clients = [root, boto3(server)] as const;
const ROOT_ARN = `arn:aws:iam::${server.account}:root`;
const MINUTE_MS = 60_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe.each(clients)("A manual approval by $name", ({ name: client, codePipeline }) => {
  const put = (name: string, token: string | undefined, status: ApprovalStatus, summary = "", more: object = {}) =>
    codePipeline.putApprovalResult({
      pipelineName: name,
      stageName: "Stage1",
      actionName: "Ask",
      token,
      result: { status, summary },
      ...more,
    });
  const stateOf = async (name: string) =>
    (await codePipeline.getPipelineState({ name })).stageStates?.[1]?.actionStates?.[0]?.latestExecution;
  const historyOf = async (pipelineName: string) =>
    (await codePipeline.listActionExecutions({ pipelineName })).actionExecutionDetails?.[0];
  const statusOf = async (pipelineName: string, pipelineExecutionId: string) => {
    await server.settled(pipelineExecutionId);
    return (await codePipeline.getPipelineExecution({ pipelineName, pipelineExecutionId })).pipelineExecution?.status;
  };

  test("while it waits, the state shows its token, which is the id of its execution", async () => {
    const { name } = await created("waits");
    const state = await stateOf(name);
    expect(state).toMatchObject({ status: "InProgress", token: expect.stringMatching(UUID) });
    expect(state?.token).toBe(state?.actionExecutionId);
    const history = await historyOf(name);
    expect(history).toMatchObject({ status: "InProgress", actionExecutionId: state?.token });
    expect(history?.output?.executionResult?.externalExecutionId).toBe(state?.token);
  });

  test("once approved, the action and the execution succeed, and it is shown by whom and with what words", async () => {
    const { name, id, token } = await created("approved");
    expect((await put(name, token, "Approved", "looks good")).approvedAt).toBeInstanceOf(Date);
    expect(await statusOf(name, id)).toBe("Succeeded");
    const state = await stateOf(name);
    expect(state).toMatchObject({ status: "Succeeded", summary: "looks good", lastUpdatedBy: ROOT_ARN });
    expect(state).not.toHaveProperty("token");
    expect(await historyOf(name)).toMatchObject({
      status: "Succeeded",
      updatedBy: ROOT_ARN,
      output: { executionResult: { externalExecutionId: token, externalExecutionSummary: "looks good" } },
    });
  });

  test("once rejected, the action and the execution fail, and the state shows the words and no error", async () => {
    const { name, id, token } = await created("rejected");
    await put(name, token, "Rejected", "not today");
    expect(await statusOf(name, id)).toBe("Failed");
    const state = await stateOf(name);
    expect(state).toMatchObject({ status: "Failed", summary: "not today", lastUpdatedBy: ROOT_ARN });
    expect(state).not.toHaveProperty("errorDetails");
    expect((await historyOf(name))?.output?.executionResult).toMatchObject({
      externalExecutionSummary: "not today",
      errorDetails: { code: "JobFailed" },
    });
  });

  test("a second decision comes to an approval that is already completed", async () => {
    const { name, id, token } = await created("twice");
    await put(name, token, "Approved");
    await server.settled(id);
    for (const status of ["Approved", "Rejected"] as const) {
      await expect(put(name, token, status)).rejects.toMatchObject({
        name: "ApprovalAlreadyCompletedException",
        $metadata: { httpStatusCode: 400 },
      });
    }
    expect((await stateOf(name))?.status).toBe("Succeeded");
  });

  test("another token, a malformed one, and another stage, action or pipeline are refused", async () => {
    const { name, token } = await created("refused");
    const refused = (error: string) => ({ name: error, $metadata: { httpStatusCode: 400 } });
    const other = "01234567-89ab-4cde-8f01-23456789abcd";
    await expect(put(name, other, "Approved")).rejects.toMatchObject(refused("InvalidApprovalTokenException"));
    await expect(put(name, "x", "Approved")).rejects.toMatchObject(refused("ValidationException"));
    await expect(put("nobody", token, "Approved")).rejects.toMatchObject(refused("PipelineNotFoundException"));
    await expect(put(name, token, "Approved", "", { stageName: "Nowhere" })).rejects.toMatchObject(
      refused("StageNotFoundException"),
    );
    await expect(put(name, token, "Approved", "", { actionName: "Nothing" })).rejects.toMatchObject(
      refused("ActionNotFoundException"),
    );
    await expect(put(name, token, "Maybe" as "Approved")).rejects.toMatchObject(refused("ValidationException"));
    await expect(put(name, token, "Approved", "x".repeat(513))).rejects.toMatchObject(refused("ValidationException"));
    expect((await stateOf(name))?.status).toBe("InProgress");
  });

  test("where a summary is required, a blank one is refused and the approval stays open", async () => {
    const { name, id, token } = await created("summary", { configuration: { IsSummaryRequired: "true" } });
    await expect(put(name, token, "Approved", "  ")).rejects.toMatchObject({
      name: "InvalidApprovalTokenException",
      message:
        "Action 'Ask' in stage 'Stage1' requires a summary. Provide a summary in the approval result and try again.",
    });
    await put(name, token, "Approved", "seen");
    expect(await statusOf(name, id)).toBe("Succeeded");
  });

  test("it waits 7 days, and then fails", async () => {
    const { name, id, token } = await created("seven-days");
    await server.advance(7 * 24 * 60 * MINUTE_MS - MINUTE_MS);
    expect((await stateOf(name))?.status).toBe("InProgress");
    await server.advance(MINUTE_MS);
    expect(await statusOf(name, id)).toBe("Failed");
    await expect(put(name, token, "Approved")).rejects.toMatchObject({ name: "InvalidApprovalTokenException" });
  });

  test("with a timeout of its own it waits so many minutes", async () => {
    const { name, id } = await created("five-minutes", { timeoutInMinutes: 5 });
    await server.advance(4 * MINUTE_MS);
    expect((await stateOf(name))?.status).toBe("InProgress");
    await server.advance(MINUTE_MS);
    expect(await statusOf(name, id)).toBe("Failed");
    expect(await stateOf(name)).toMatchObject({ status: "Failed", summary: "The approval action has timed out." });
  });

  test("a timeout of less than 5 or more than 86400 minutes is refused", async () => {
    for (const timeoutInMinutes of [4, 86_401]) {
      await expect(
        codePipeline.createPipeline({ pipeline: pipeline("never", [approval({ timeoutInMinutes })]) }),
      ).rejects.toMatchObject({ name: "ValidationException" });
    }
  });

  test("after a rejection its stage is retried with another token", async () => {
    const { name, id, token } = await created("again");
    await put(name, token, "Rejected");
    await server.settled(id);
    await codePipeline.retryStageExecution({
      pipelineName: name,
      stageName: "Stage1",
      pipelineExecutionId: id,
      retryMode: "FAILED_ACTIONS",
    });
    const second = (await stateOf(name))?.token;
    expect(second).toMatch(UUID);
    expect(second).not.toBe(token);
    await expect(put(name, token, "Approved")).rejects.toMatchObject({ name: "ApprovalAlreadyCompletedException" });
    await put(name, second, "Approved");
    expect(await statusOf(name, id)).toBe("Succeeded");
  });

  test("an execution that is stopped and abandoned abandons it, and its token is not open any more", async () => {
    const { name, id, token } = await created("abandoned");
    await codePipeline.stopPipelineExecution({ pipelineName: name, pipelineExecutionId: id, abandon: true });
    expect((await stateOf(name))?.status).toBe("Abandoned");
    await expect(put(name, token, "Approved")).rejects.toMatchObject({ name: "InvalidApprovalTokenException" });
  });

  test("an update of its pipeline cancels it, its token is out of date, and the execution is cancelled", async () => {
    const { name, id, token } = await created("updated");
    await codePipeline.updatePipeline({ pipeline: pipeline(name, [approval({ timeoutInMinutes: 10 })]) });
    expect(await statusOf(name, id)).toBe("Cancelled");
    expect(await stateOf(name)).toMatchObject({ status: "Failed", summary: "The approval action has been canceled." });
    await expect(put(name, token, "Approved")).rejects.toMatchObject({
      name: "InvalidApprovalTokenException",
      message: `The pipeline ${name} has been updated, and the approval request you responded to is now out of date.`,
    });
    const { pipelineExecutionId: next = "" } = await codePipeline.startPipelineExecution({ name });
    await expect.poll(async () => (await stateOf(name))?.token).toMatch(UUID);
    await put(name, (await stateOf(name))?.token, "Approved");
    expect(await statusOf(name, next)).toBe("Succeeded");
  });

  test("who decides needs the right on the very action, and is shown", async () => {
    const { name, id, token } = await created("right");
    const roleName = `approver-${client.replaceAll(" ", "-")}`;
    const statement = {
      Effect: "Allow",
      Action: "codepipeline:PutApprovalResult",
      Resource: `arn:aws:codepipeline:us-east-1:${server.account}:${name}/Stage1/Ask`,
    };
    const policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    const approver = await sessionOf(roleName, policy);
    const nobody = await sessionOf(`${roleName}-not`, allow(["codepipeline:GetPipelineState"]));
    const as = (credentials: Credentials) =>
      (client === "boto3" ? boto3 : javascript)(server, { credentials }).codePipeline.putApprovalResult({
        pipelineName: name,
        stageName: "Stage1",
        actionName: "Ask",
        token,
        result: { status: "Approved", summary: "" },
      });
    await expect(as(nobody)).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining(`on resource: ${statement.Resource} because no identity-based policy allows`),
    });
    await as(approver);
    await server.settled(id);
    expect((await stateOf(name))?.lastUpdatedBy).toBe(
      `arn:aws:sts::${server.account}:assumed-role/${roleName}/somebody`,
    );
  });

  /** A pipeline of an approval, whose execution has come to it. */
  async function created(title: string, more: Partial<ActionDeclaration> = {}) {
    const name = `${title}-${client.replaceAll(" ", "-")}`;
    await root.codePipeline.createPipeline({ pipeline: pipeline(name, [approval(more)]) });
    const { pipelineExecutionSummaries: [first] = [] } = await root.codePipeline.listPipelineExecutions({
      pipelineName: name,
    });
    for (;;) {
      const changed = server.changed();
      const token = (await stateOf(name))?.token;
      if (token !== undefined) return { name, id: first?.pipelineExecutionId ?? "", token };
      await changed;
    }
  }
});

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** A session of a new role with this policy, which anybody of the account may assume. */
async function sessionOf(roleName: string, policy: string): Promise<Credentials> {
  const trust = { Effect: "Allow", Principal: { AWS: ROOT_ARN }, Action: "sts:AssumeRole" };
  const arn = await createRole(root, roleName, "codepipeline.amazonaws.com", policy);
  await root.iam.updateAssumeRolePolicy({
    RoleName: roleName,
    PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
  });
  const { Credentials: session } = await root.sts.assumeRole({ RoleArn: arn, RoleSessionName: "somebody" });
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = session ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

function approval(more: Partial<ActionDeclaration> = {}): ActionDeclaration {
  return {
    name: "Ask",
    actionTypeId: { category: "Approval", owner: "AWS", provider: "Manual", version: "1" },
    ...more,
  };
}
