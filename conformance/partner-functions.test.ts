import type { ActionTypeDeclaration, ActionTypeId } from "@aws-sdk/client-codepipeline";
import { afterAll, describe, expect, test } from "vitest";
import { askingFunction } from "./asked.ts";
import { BUCKET } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { openWorkerBench } from "./worker-bench.ts";

/*
 * Action types of partners whose jobs a function of the partner works on: it is called for every job, and returns the
 * job's result.
 */

const bench = await openWorkerBench();
afterAll(bench.server.stop);

const ARN = `arn:aws:lambda:us-east-1:${bench.server.account}:function:partner`;
const [root] = bench.clients;
const partner = await askingFunction<PartnerEvent>(root, bench.server, "partner");
await askingFunction(root, bench.server, "closed"); // nobody is let in
await root.lambda.addPermission({
  FunctionName: "partner",
  StatementId: "codepipeline",
  Action: "lambda:InvokeFunction",
  Principal: "codepipeline.amazonaws.com",
});

interface PartnerEvent {
  readonly jobId: string;
  readonly data: {
    readonly inputArtifacts: readonly PartnerArtifact[];
    readonly outputArtifacts: readonly PartnerArtifact[];
    readonly actionCredentials: {
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken: string;
    };
    readonly continuationToken?: string;
  };
}

interface PartnerArtifact {
  readonly location: { readonly s3Location: { readonly bucketName: string; readonly objectKey: string } };
}

function partnerType(more: Partial<ActionTypeDeclaration["executor"]> = {}): ActionTypeDeclaration {
  const lambdaExecutorConfiguration = { lambdaFunctionArn: ARN };
  return {
    executor: { type: "Lambda", configuration: { lambdaExecutorConfiguration }, ...more },
    id: { category: "Test", owner: "ThirdParty", provider: bench.newProvider(), version: "1" },
    inputArtifactDetails: { minimumCount: 0, maximumCount: 1 },
    outputArtifactDetails: { minimumCount: 0, maximumCount: 1 },
    properties: [{ name: "Host", optional: true, key: true, noEcho: false }],
    urls: { executionUrlTemplate: "https://partner.example/{ExternalExecutionId}" },
  };
}

describe.each(bench.clients)("Functions of partners, registered by $name", ({ codePipeline }) => {
  async function called(more: Partial<ActionTypeDeclaration["executor"]> = {}) {
    const actionType = partnerType(more);
    await codePipeline.updateActionType({ actionType });
    const started = await bench.start(actionType.id as ActionTypeId, { configuration: { Host: "h" } });
    return { started, call: await partner.nextCall() };
  }

  test("the function is given the job without a wrapper, and its action's execution id", async () => {
    const { started, call } = await called();
    const { actionExecutionId } = await bench.history(started);
    const artifact = (name: string, more: object = {}) => ({
      name,
      location: { type: "S3", s3Location: { bucketName: BUCKET, objectKey: expect.any(String) } },
      ...more,
    });
    expect(call.event).toEqual({
      jobId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      accountId: bench.server.account,
      data: {
        actionConfiguration: { Host: "h" },
        inputArtifacts: [artifact("SourceZip", { revision: expect.any(String) })],
        outputArtifacts: [artifact("Built")],
        actionExecutionId,
        actionCredentials: {
          accessKeyId: expect.any(String),
          secretAccessKey: expect.any(String),
          sessionToken: expect.any(String),
        },
      },
    });
    call.answer({ result: "success" });
    expect(await bench.ended(started)).toBe("Succeeded");
  });

  test("what it returns as a success ends the action, with variables, summary and link", async () => {
    const { started, call } = await called();
    const status = { ExternalExecutionId: "7", Summary: "tested" };
    call.answer({ result: "Success", status, outputVariables: { Passed: "12" } });
    expect(await bench.ended(started)).toBe("Succeeded");
    expect((await bench.history(started)).output).toMatchObject({
      outputVariables: { Passed: "12" },
      executionResult: {
        externalExecutionId: "7",
        externalExecutionUrl: "https://partner.example/7",
        externalExecutionSummary: "tested",
      },
    });
  });

  test("what it returns as a failure fails the action, with type and summary", async () => {
    const { started, call } = await called();
    call.answer({ result: "Fail", failureType: "ConfigurationError", status: { Summary: "no such host" } });
    expect(await bench.ended(started)).toBe("Failed");
    expect((await bench.state(started)).latestExecution?.errorDetails).toEqual({
      code: "ConfigurationError",
      message: "no such host",
    });
  });

  test("it is called again with the state that it returns, as a new job of the same action", async () => {
    const { started, call } = await called();
    expect(call.event.data).not.toHaveProperty("continuationToken");
    const status = { ExternalExecutionId: "7", Summary: "running" };
    call.answer({ result: "Continue", continuation: { State: "build-7" }, status });
    const next = await partner.nextCall();
    expect((await bench.state(started)).latestExecution).toMatchObject({
      status: "InProgress",
      summary: "running",
      externalExecutionUrl: "https://partner.example/7",
    });
    expect(next.event.jobId).not.toBe(call.event.jobId);
    expect(next.event.data.continuationToken).toBe("build-7");
    expect(next.event.data.outputArtifacts).toEqual(call.event.data.outputArtifacts);
    next.answer({ result: "Success" });
    expect(await bench.ended(started)).toBe("Succeeded");
  });

  test("its credentials read the input, write the output, and have what its type's policy says", async () => {
    const statement = { Effect: "Allow", Action: "s3:GetObject", Resource: `arn:aws:s3:::${BUCKET}/source.zip` };
    for (const policyStatementsTemplate of [undefined, JSON.stringify([statement])]) {
      const { started, call } = await called({ ...(policyStatementsTemplate && { policyStatementsTemplate }) });
      const { inputArtifacts, outputArtifacts, actionCredentials } = call.event.data;
      const { s3 } = javascript(bench.server, { credentials: actionCredentials });
      expect((await s3.getObject(placeOf(inputArtifacts[0]))).ContentLength).toBeGreaterThan(0);
      await s3.putObject({ ...placeOf(outputArtifacts[0]), Body: "built" });
      const other = s3.getObject({ Bucket: BUCKET, Key: "source.zip" });
      if (policyStatementsTemplate) expect((await other).ContentLength).toBeGreaterThan(0);
      else await expect(other).rejects.toMatchObject({ name: "AccessDenied" });
      call.answer({ result: "success" });
      expect(await bench.ended(started)).toBe("Succeeded");
    }
  });

  test("an error that it raises fails the action, and it is not called again", async () => {
    const before = partner.calls();
    const { started, call } = await called();
    call.raise("out of hosts");
    expect(await bench.ended(started)).toBe("Failed");
    expect((await bench.state(started)).latestExecution?.errorDetails).toEqual({
      code: "JobFailed",
      message: "The function of the action type failed: Error: out of hosts",
    });
    expect(partner.calls() - before).toBe(1);
  });

  test("a value that is no result fails the action, and says why", async () => {
    const { started, call } = await called();
    call.answer({ statusCode: 200 });
    expect(await bench.ended(started)).toBe("Failed");
    expect((await bench.state(started)).latestExecution?.errorDetails?.message).toBe(
      'The function of the action type returned no valid result: its result is not Success, Continue or Fail: {"statusCode":200}.',
    );
  });

  test("a job that was not answered in its type's time fails the action; the late answer moves nothing", async () => {
    const { started, call } = await called({ jobTimeout: 60 });
    await bench.server.advance(59_000);
    expect((await bench.history(started)).status).toBe("InProgress");
    await bench.server.advance(1_000);
    call.answer({ result: "success" });
    expect(await bench.ended(started)).toBe("Failed");
    expect((await bench.state(started)).latestExecution?.errorDetails?.message).toContain("60 seconds for each");
  });

  test("a type without a time of its own gives each of its jobs 15 minutes", async () => {
    const { started, call } = await called();
    await bench.server.advance(15 * 60_000 - 1_000);
    expect((await bench.history(started)).status).toBe("InProgress");
    await bench.server.advance(1_000);
    call.answer({ result: "success" });
    expect(await bench.ended(started)).toBe("Failed");
  });

  test.each([
    [
      "is not there",
      "nobody",
      {
        code: "ConfigurationError",
        message: `The AWS Lambda function ${ARN.replace("partner", "nobody")} does not exist.`,
      },
    ],
    [
      "does not let CodePipeline call it",
      "closed",
      {
        code: "PermissionError",
        message: `The policy of the function ${ARN.replace("partner", "closed")} does not allow lambda:InvokeFunction to codepipeline.amazonaws.com. Allow it with AddPermission.`,
      },
    ],
  ])("a function that %s fails the action at once", async (_, name, errorDetails) => {
    const lambdaExecutorConfiguration = { lambdaFunctionArn: ARN.replace("partner", name) };
    const actionType = partnerType({ configuration: { lambdaExecutorConfiguration } });
    await codePipeline.updateActionType({ actionType });
    const started = await bench.start(actionType.id as ActionTypeId);
    expect(await bench.ended(started)).toBe("Failed");
    expect((await bench.state(started)).latestExecution?.errorDetails).toEqual(errorDetails);
  });

  test("nobody polls for the jobs of a function", async () => {
    const { started, call } = await called();
    const { actionTypeId } = (await bench.history(started)).input ?? {};
    await expect(codePipeline.pollForThirdPartyJobs({ actionTypeId })).rejects.toMatchObject({
      name: "ActionTypeNotFoundException",
    });
    call.answer({ result: "success" });
    await bench.ended(started);
  });
});

function placeOf(artifact: PartnerArtifact | undefined) {
  const { bucketName: Bucket, objectKey: Key } = artifact?.location.s3Location ?? {};
  return { Bucket, Key };
}
