import type { ActionTypeDeclaration, ActionTypeId } from "@aws-sdk/client-codepipeline";
import { afterAll, describe, expect, test } from "vitest";
import { javascript } from "./javascript.ts";
import { openWorkerBench } from "./worker-bench.ts";

/*
 * Action types of partners whose jobs a partner's worker polls for, with a client token.
 */

const bench = await openWorkerBench();
afterAll(bench.server.stop);

const UNKNOWN = "01234567-89ab-4cde-8f01-23456789abcd";
const NO = { type: "JobFailed", message: "no" } as const;
const MINUTE_MS = 60_000;

function partnerType(more: Partial<ActionTypeDeclaration> = {}): ActionTypeDeclaration {
  return {
    description: "Builds elsewhere.",
    executor: {
      type: "JobWorker",
      configuration: { jobWorkerExecutorConfiguration: { pollingAccounts: [bench.server.account] } },
    },
    id: { category: "Build", owner: "ThirdParty", provider: bench.newProvider(), version: "1" },
    inputArtifactDetails: { minimumCount: 0, maximumCount: 1 },
    outputArtifactDetails: { minimumCount: 0, maximumCount: 1 },
    permissions: { allowedAccounts: [bench.server.account] },
    properties: [{ name: "Token", optional: true, key: false, noEcho: true, queryable: false }],
    urls: { executionUrlTemplate: "https://partner.example/{ExternalExecutionId}" },
    ...more,
  };
}

describe.each(bench.clients)("Jobs of a partner's action type by $name", (client) => {
  const { codePipeline } = client;

  async function registered(more: Partial<ActionTypeDeclaration> = {}): Promise<ActionTypeId> {
    const actionType = partnerType(more);
    await codePipeline.updateActionType({ actionType });
    return actionType.id as ActionTypeId;
  }

  async function handedOut(more: Partial<ActionTypeDeclaration> = {}) {
    const actionTypeId = await registered(more);
    const started = await bench.start(actionTypeId, { configuration: { Token: "hunter2" } });
    const { clientToken, clientId } = await bench.clientOf(actionTypeId);
    return { actionTypeId, started, clientToken, clientId, ...(await poll(actionTypeId)) };
  }

  async function poll(actionTypeId: ActionTypeId) {
    for (;;) {
      const changed = bench.server.changed();
      const [job] = (await codePipeline.pollForThirdPartyJobs({ actionTypeId })).jobs ?? [];
      if (job) return { jobId: job.jobId ?? "", polled: job };
      await changed;
    }
  }

  async function taken(more: Partial<ActionTypeDeclaration> = {}) {
    const job = await handedOut(more);
    await take(job);
    return job;
  }

  async function take({ jobId, clientToken }: { jobId: string; clientToken: string }) {
    const { jobDetails } = await codePipeline.getThirdPartyJobDetails({ jobId, clientToken });
    return await codePipeline.acknowledgeThirdPartyJob({ jobId, clientToken, nonce: jobDetails?.nonce });
  }

  test("a poll answers the job's id and its client's, and nothing of what it is about", async () => {
    const { polled, jobId, clientId } = await handedOut();
    expect(polled).toEqual({ jobId, clientId });
  });

  test("the details have the job's data, secrets included, and the nonce that takes it", async () => {
    const { actionTypeId, started, jobId, clientToken } = await handedOut();
    const { jobDetails } = await codePipeline.getThirdPartyJobDetails({ jobId, clientToken });
    expect(jobDetails).toMatchObject({
      id: jobId,
      nonce: expect.stringMatching(/^.{1,50}$/),
      data: {
        actionTypeId,
        actionConfiguration: { configuration: { Token: "hunter2" } },
        pipelineContext: { pipelineName: started.name, stage: { name: "Work" } },
        inputArtifacts: [{ name: "SourceZip" }],
        outputArtifacts: [{ name: "Built" }],
        artifactCredentials: { sessionToken: expect.any(String) },
      },
    });
    expect(jobDetails?.data?.pipelineContext).not.toHaveProperty("pipelineArn");
    const answer = await codePipeline.acknowledgeThirdPartyJob({ jobId, clientToken, nonce: jobDetails?.nonce });
    expect(answer.status).toBe("InProgress");
  });

  test("the worker's success ends the action, with the link that its type makes", async () => {
    const { started, jobId, clientToken } = await taken();
    const executionDetails = { externalExecutionId: "7", summary: "built" };
    await codePipeline.putThirdPartyJobSuccessResult({ jobId, clientToken, executionDetails });
    expect(await bench.ended(started)).toBe("Succeeded");
    expect((await bench.history(started)).output?.executionResult).toEqual({
      externalExecutionId: "7",
      externalExecutionUrl: "https://partner.example/7",
      externalExecutionSummary: "built",
    });
  });

  test("the worker's failure fails the action", async () => {
    const { started, jobId, clientToken } = await taken();
    await codePipeline.putThirdPartyJobFailureResult({ jobId, clientToken, failureDetails: NO });
    expect(await bench.ended(started)).toBe("Failed");
    expect((await bench.state(started)).latestExecution?.errorDetails).toEqual({ code: "JobFailed", message: "no" });
  });

  test("a success with a token makes a new job, which needs the same client token", async () => {
    const { actionTypeId, started, jobId, clientToken } = await taken();
    await codePipeline.putThirdPartyJobSuccessResult({ jobId, clientToken, continuationToken: "page 2" });
    const next = await poll(actionTypeId);
    const { jobDetails } = await codePipeline.getThirdPartyJobDetails({ jobId: next.jobId, clientToken });
    expect(next.jobId).not.toBe(jobId);
    expect(jobDetails?.data?.continuationToken).toBe("page 2");
    await codePipeline.putThirdPartyJobSuccessResult({ jobId: next.jobId, clientToken });
    expect(await bench.ended(started)).toBe("Succeeded");
  });

  test("results count once", async () => {
    const { started, jobId, clientToken } = await taken();
    await codePipeline.putThirdPartyJobSuccessResult({ jobId, clientToken });
    await bench.ended(started);
    await codePipeline.putThirdPartyJobSuccessResult({ jobId, clientToken });
    const failureDetails = NO;
    await expect(
      codePipeline.putThirdPartyJobFailureResult({ jobId, clientToken, failureDetails }),
    ).rejects.toMatchObject({
      name: "InvalidJobStateException",
      message: `Job with id ${jobId} has already terminated`,
    });
  });

  test("every word on a job without its client token is refused, and leaves the job as it was", async () => {
    const { started, jobId, clientToken } = await handedOut();
    const { jobDetails } = await codePipeline.getThirdPartyJobDetails({ jobId, clientToken });
    const wrong = { jobId, clientToken: UNKNOWN };
    const refusal = {
      name: "InvalidClientTokenException",
      message: `The client token is not the one of the job with id ${jobId}`,
    };
    await expect(codePipeline.getThirdPartyJobDetails(wrong)).rejects.toMatchObject(refusal);
    await expect(codePipeline.acknowledgeThirdPartyJob({ ...wrong, nonce: jobDetails?.nonce })).rejects.toMatchObject(
      refusal,
    );
    await expect(codePipeline.putThirdPartyJobSuccessResult(wrong)).rejects.toMatchObject(refusal);
    await expect(codePipeline.putThirdPartyJobFailureResult({ ...wrong, failureDetails: NO })).rejects.toMatchObject(
      refusal,
    );
    await take({ jobId, clientToken });
    await codePipeline.putThirdPartyJobSuccessResult({ jobId, clientToken });
    expect(await bench.ended(started)).toBe("Succeeded");
  });

  test("a partner's job in another region is none", async () => {
    const { jobId, clientToken } = await handedOut();
    const elsewhere = javascript(bench.server, { region: "eu-west-1" }).codePipeline;
    await expect(elsewhere.getThirdPartyJobDetails({ jobId, clientToken })).rejects.toMatchObject({
      name: "JobNotFoundException",
    });
  });

  test("the token of another client is none", async () => {
    const { jobId } = await handedOut();
    const { clientToken } = await bench.clientOf(await registered());
    await expect(codePipeline.getThirdPartyJobDetails({ jobId, clientToken })).rejects.toMatchObject({
      name: "InvalidClientTokenException",
    });
  });

  test("the operations for custom jobs do not know a partner's job, nor the other way round", async () => {
    const { jobId, clientToken } = await handedOut();
    const nobody = { name: "JobNotFoundException", message: `Job with id '${jobId}' does not exist` };
    await expect(codePipeline.getJobDetails({ jobId })).rejects.toMatchObject(nobody);
    await expect(codePipeline.acknowledgeJob({ jobId, nonce: "1" })).rejects.toMatchObject(nobody);
    await expect(codePipeline.putJobSuccessResult({ jobId })).rejects.toMatchObject(nobody);
    await expect(codePipeline.putJobFailureResult({ jobId, failureDetails: NO })).rejects.toMatchObject(nobody);
    const actionTypeId = await bench.customType();
    await bench.start(actionTypeId);
    const custom = (await bench.poll(client, { actionTypeId })).id ?? "";
    await expect(codePipeline.getThirdPartyJobDetails({ jobId: custom, clientToken })).rejects.toMatchObject({
      name: "JobNotFoundException",
    });
    await expect(codePipeline.putThirdPartyJobSuccessResult({ jobId: custom, clientToken })).rejects.toMatchObject({
      name: "JobNotFoundException",
    });
  });

  test("a nonce that is not the latest is refused", async () => {
    const { actionTypeId, jobId, clientToken } = await handedOut();
    const { jobDetails } = await codePipeline.getThirdPartyJobDetails({ jobId, clientToken });
    await bench.server.advance(MINUTE_MS);
    await poll(actionTypeId);
    await expect(
      codePipeline.acknowledgeThirdPartyJob({ jobId, clientToken, nonce: jobDetails?.nonce }),
    ).rejects.toMatchObject({ name: "InvalidNonceException" });
  });

  test.each(["AWS", "Custom"] as const)("a poll for the owner %s is refused by name", async (owner) => {
    const actionTypeId = { category: "Build", owner, provider: "CodeBuild", version: "1" } as const;
    await expect(codePipeline.pollForThirdPartyJobs({ actionTypeId })).rejects.toMatchObject({
      name: "ValidationException",
      message: `ActionType with owner '${owner}' is not supported`,
    });
  });

  test("an account that the type does not name may neither poll for it nor use it", async () => {
    const jobWorkerExecutorConfiguration = { pollingAccounts: ["111122223333"] };
    const executor = { type: "JobWorker", configuration: { jobWorkerExecutorConfiguration } } as const;
    const actionTypeId = await registered({ executor });
    await expect(codePipeline.pollForThirdPartyJobs({ actionTypeId })).rejects.toMatchObject({
      name: "ActionTypeNotFoundException",
    });
    const closed = await registered({ permissions: { allowedAccounts: ["111122223333"] } });
    await expect(bench.start(closed)).rejects.toMatchObject({
      name: "InvalidActionDeclarationException",
      message: expect.stringMatching(/ in action 'Work' is not available in region 'US_EAST_1'$/),
    });
  });

  test("the type's time is that of each job: an answer with a token starts it anew", async () => {
    const executor = { ...partnerType().executor, jobTimeout: 600 } as ActionTypeDeclaration["executor"];
    const { actionTypeId, started, jobId, clientToken } = await taken({ executor });
    await bench.server.advance(9 * MINUTE_MS);
    await codePipeline.putThirdPartyJobSuccessResult({ jobId, clientToken, continuationToken: "more" });
    const next = await poll(actionTypeId);
    await bench.server.advance(9 * MINUTE_MS);
    expect((await bench.history(started)).status).toBe("InProgress");
    await bench.server.advance(MINUTE_MS);
    expect(await bench.ended(started)).toBe("Failed");
    expect((await bench.state(started)).latestExecution?.errorDetails?.message).toContain(
      "did not return a result within its time limit of 600 seconds for each of its jobs",
    );
    await expect(codePipeline.putThirdPartyJobSuccessResult({ jobId: next.jobId, clientToken })).rejects.toMatchObject({
      name: "InvalidJobStateException",
    });
  });

  test("UpdateActionType registers a type, GetActionType has it as it was given, and lists have it", async () => {
    const actionType = partnerType();
    await codePipeline.updateActionType({ actionType });
    const { category, owner, provider, version } = actionType.id ?? {};
    const found = await codePipeline.getActionType({ category, owner, provider, version });
    expect(found.actionType).toEqual(actionType);
    const { actionTypes = [] } = await codePipeline.listActionTypes({ actionOwnerFilter: "ThirdParty" });
    expect(actionTypes.find(({ id }) => id?.provider === provider)).toEqual({
      id: actionType.id,
      settings: actionType.urls,
      actionConfigurationProperties: [{ name: "Token", required: false, key: false, secret: true, queryable: false }],
      inputArtifactDetails: actionType.inputArtifactDetails,
      outputArtifactDetails: actionType.outputArtifactDetails,
    });
  });

  test("a type that was changed counts for actions that start from then on", async () => {
    const { actionTypeId, started, jobId, clientToken } = await taken();
    const urls = { executionUrlTemplate: "https://new.example/{ExternalExecutionId}" };
    await codePipeline.updateActionType({ actionType: { ...partnerType({ urls }), id: actionTypeId } });
    expect(await bench.clientOf(actionTypeId)).toMatchObject({ clientToken });
    const executionDetails = { externalExecutionId: "7" };
    await codePipeline.putThirdPartyJobSuccessResult({ jobId, clientToken, executionDetails });
    await bench.ended(started);
    expect((await bench.state(started)).latestExecution?.externalExecutionUrl).toBe("https://partner.example/7");
    const { pipelineExecutionId = "" } = await codePipeline.startPipelineExecution({ name: started.name });
    const next = await poll(actionTypeId);
    await codePipeline.putThirdPartyJobSuccessResult({ jobId: next.jobId, clientToken, executionDetails });
    await bench.ended({ ...started, executionId: pipelineExecutionId });
    expect((await bench.state(started)).latestExecution?.externalExecutionUrl).toBe("https://new.example/7");
  });

  test("GetActionType knows neither what is not there nor the service's own types", async () => {
    const lambda = { category: "Invoke", owner: "AWS", provider: "Lambda", version: "1" } as const;
    for (const id of [lambda, { ...lambda, owner: "ThirdParty" }]) {
      await expect(codePipeline.getActionType(id)).rejects.toMatchObject({
        name: "ActionTypeNotFoundException",
        message: `ActionType (Category: 'Invoke', Owner: '${id.owner}', Provider: 'Lambda', Version: '1') is not available`,
      });
    }
    await expect(codePipeline.updateActionType({ actionType: { ...partnerType(), id: lambda } })).rejects.toMatchObject(
      { name: "ActionTypeNotFoundException" },
    );
  });

  test.each([
    [
      "an executor without its configuration",
      { executor: { type: "Lambda", configuration: {} } },
      "An executor of type Lambda must have a lambdaExecutorConfiguration, and no other configuration.",
    ],
    [
      "a function's job of more than 15 minutes",
      {
        executor: {
          type: "Lambda",
          configuration: {
            lambdaExecutorConfiguration: { lambdaFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:f" },
          },
          jobTimeout: 901,
        },
      },
      "The jobTimeout of a Lambda executor is at most 900 seconds.",
    ],
    [
      "a policy that is no JSON",
      {
        executor: {
          type: "JobWorker",
          configuration: { jobWorkerExecutorConfiguration: {} },
          policyStatementsTemplate: "s3",
        },
      },
      "The policyStatementsTemplate is not JSON of a statement, a list of statements, or a policy document.",
    ],
  ] as const)("%s is refused", async (_, more, message) => {
    await expect(codePipeline.updateActionType({ actionType: partnerType(more) })).rejects.toMatchObject({
      name: "ValidationException",
      message,
    });
  });

  test("stop and abandon while a partner's job waits: nobody is handed it", async () => {
    const actionTypeId = await registered();
    const started = await bench.start(actionTypeId);
    await bench.hasJob(started);
    const { name: pipelineName, executionId: pipelineExecutionId } = started;
    await codePipeline.stopPipelineExecution({ pipelineName, pipelineExecutionId, abandon: true });
    expect((await codePipeline.pollForThirdPartyJobs({ actionTypeId })).jobs).toEqual([]);
  });
});
