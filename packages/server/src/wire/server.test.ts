import {
  CodePipelineClient,
  type CodePipelineServiceException,
  GetPipelineCommand,
  ListPipelineExecutionsCommand,
  ListWebhooksCommand,
  PollForJobsCommand,
  PutJobSuccessResultCommand,
} from "@aws-sdk/client-codepipeline";
import { EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import CodePipelineV2 from "aws-sdk/clients/codepipeline.js";
import { expect, test } from "vitest";
import { model } from "../services/codepipeline/model.generated.ts";
import type { Operations } from "../services/codepipeline/shapes.generated.ts";
import { model as kmsModel } from "../services/kms/model.generated.ts";
import type { Operations as KmsOperations } from "../services/kms/shapes.generated.ts";
import { InvariantError, ServiceError } from "./error.ts";
import { invokeOperation, type Service, service } from "./service.ts";
import { clientOptions, type Listening, listen, rootPrincipal } from "./testing/listen.ts";
import { sendSigned } from "./testing/sign.ts";

const jobId = "11111111-2222-4333-8444-555555555555";

interface Seen {
  readonly inputs: unknown[];
}

function tiny(seen: Seen = { inputs: [] }): Service<Operations> {
  return service<Seen, Operations>({
    model,
    context: seen,
    operations: {
      PutJobSuccessResult: {
        name: "PutJobSuccessResult",
        access: () => [{ action: "codepipeline:PutJobSuccessResult", resource: "*" }],
        async run(input, { inputs }) {
          inputs.push(input);
          return {};
        },
      },
      ListPipelineExecutions: {
        name: "ListPipelineExecutions",
        async run() {
          const row = { pipelineExecutionId: jobId, startTime: 1_790_648_060_701, password: "not in the model" };
          return { pipelineExecutionSummaries: [row] };
        },
      },
      GetPipeline: {
        name: "GetPipeline",
        async run({ name }) {
          if (name === "broken") throw new InvariantError("the secret plan");
          throw new ServiceError(
            "PipelineNotFoundException",
            `Account '1' does not have a pipeline with name '${name}'`,
          );
        },
      },
      ListWebhooks: { name: "ListWebhooks", run: async () => ({ webhooks: [], NextToken: "n" }) },
      TagResource: { name: "TagResource", run: async () => ({}) },
    },
  });
}

const client = (server: Listening) => new CodePipelineClient(clientOptions(server));

test("an input arrives as its types say, and an operation without output answers nothing", async () => {
  const seen: Seen = { inputs: [] };
  await using server = await listen({ codepipeline: tiny(seen) });
  const created = new Date("2026-11-24T10:00:00.250Z");
  const input = {
    jobId,
    currentRevision: { revision: "r", changeIdentifier: "c", created },
    outputVariables: { a: "1" },
  };
  const output = await client(server).send(new PutJobSuccessResultCommand(input));
  expect(seen.inputs).toEqual([input]);
  expect(output.$metadata.httpStatusCode).toBe(200);
  expect(server.calls).toMatchObject([
    {
      service: "codepipeline",
      operation: "PutJobSuccessResult",
      region: "eu-west-1",
      status: 200,
      principal: rootPrincipal,
      input,
    },
  ]);
});

test("a reply has the headers of the service, its length and a date", async () => {
  await using server = await listen({ codepipeline: tiny() });
  const headers = { "x-amz-target": "CodePipeline_20150709.PutJobSuccessResult" };
  const answer = await sendSigned(server.port, { service: "codepipeline", headers, body: JSON.stringify({ jobId }) });
  expect(answer).toMatchObject({
    status: 200,
    body: "",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amzn-requestid": "00000000-0000-4000-8000-000000000001",
      "content-length": "0",
      date: expect.stringContaining("GMT"),
    },
  });
  const tagged = await sendSigned(server.port, {
    service: "codepipeline",
    headers: { "x-amz-target": "CodePipeline_20150709.TagResource" },
    body: JSON.stringify({ resourceArn: "arn:aws:codepipeline:us-east-1:000000000000:p", tags: [] }),
  });
  expect(tagged.body).toBe("{}"); // Its output is a structure, though an empty one.
});

test("timestamps are epoch seconds with milliseconds, and nothing goes out that the model does not have", async () => {
  await using server = await listen({ codepipeline: tiny() });
  const answer = await sendSigned(server.port, {
    service: "codepipeline",
    headers: { "x-amz-target": "CodePipeline_20150709.ListPipelineExecutions" },
    body: '{"pipelineName":"p","unknown":{"a":[1]}}',
  });
  expect(answer.body).toBe(
    `{"pipelineExecutionSummaries":[{"pipelineExecutionId":"${jobId}","startTime":1790648060.701}]}`,
  );
  const output = await client(server).send(new ListPipelineExecutionsCommand({ pipelineName: "p" }));
  expect(output.pipelineExecutionSummaries?.[0]?.startTime).toEqual(new Date(1_790_648_060_701));
  expect((await client(server).send(new ListWebhooksCommand({}))).NextToken).toBe("n");
});

test("a service's error reaches clients of both generations under its name", async () => {
  await using server = await listen({ codepipeline: tiny() });
  const wanted = { message: "Account '1' does not have a pipeline with name 'gone'" };
  await expect(client(server).send(new GetPipelineCommand({ name: "gone" }))).rejects.toMatchObject({
    ...wanted,
    name: "PipelineNotFoundException",
    $metadata: { httpStatusCode: 400, requestId: "00000000-0000-4000-8000-000000000001" },
  });
  const old = new CodePipelineV2({ ...clientOptions(server), maxRetries: 0 });
  await expect(old.getPipeline({ name: "gone" }).promise()).rejects.toMatchObject({
    ...wanted,
    code: "PipelineNotFoundException",
  });
  expect(server.calls.map(({ errorCode, errorMessage }) => [errorCode, errorMessage])).toEqual([
    ["PipelineNotFoundException", wanted.message],
    ["PipelineNotFoundException", wanted.message],
  ]);
});

test("a bug of ours is told to the log and not to the caller", async () => {
  await using server = await listen({ codepipeline: tiny() });
  const failure: CodePipelineServiceException = await client(server)
    .send(new GetPipelineCommand({ name: "broken" }))
    .catch((error) => error);
  expect(failure.name).toBe("InternalFailure");
  expect(failure.$metadata.httpStatusCode).toBe(500);
  expect(failure.message).not.toContain("secret");
  expect(server.errors).toMatchObject([{ err: { message: "the secret plan" }, operation: "GetPipeline" }]);
});

test("an operation that is not served is unknown, and the log names it", async () => {
  await using server = await listen({ codepipeline: tiny() });
  const actionTypeId = { category: "Build", owner: "Custom", provider: "p", version: "1" } as const;
  await expect(client(server).send(new PollForJobsCommand({ actionTypeId }))).rejects.toMatchObject({
    name: "UnknownOperationException",
    $metadata: { httpStatusCode: 400 },
  });
  const made = {
    service: "codepipeline",
    headers: { "x-amz-target": "CodePipeline_20150709.Constructor" },
    body: "{}",
  };
  expect(await sendSigned(server.port, made)).toMatchObject({
    status: 400,
    body: '{"__type":"UnknownOperationException"}',
  });
  expect(server.warnings).toEqual([
    "codepipeline is asked for PollForJobs, which is not served",
    "codepipeline has no operation Constructor, which is not served",
  ]);
});

test("what is not allowed does not run", async () => {
  const seen: Seen = { inputs: [] };
  const message = "User: arn is not authorized to perform: codepipeline:PutJobSuccessResult";
  const asked: unknown[] = [];
  const authorize = async (principal: unknown, access: unknown) => {
    asked.push(principal, access);
    return { allowed: false as const, message };
  };
  await using server = await listen({ codepipeline: tiny(seen) }, { authorize });
  await expect(client(server).send(new PutJobSuccessResultCommand({ jobId }))).rejects.toMatchObject({
    name: "AccessDeniedException",
    message,
    $metadata: { httpStatusCode: 400 },
  });
  expect(asked).toEqual([rootPrincipal, { action: "codepipeline:PutJobSuccessResult", resource: "*" }]);
  expect(seen.inputs).toEqual([]);
});

test("a broken constraint is told in the service's words", async () => {
  await using server = await listen({ codepipeline: tiny() });
  await expect(client(server).send(new PutJobSuccessResultCommand({ jobId: "x" }))).rejects.toMatchObject({
    name: "ValidationException",
    message:
      "1 validation error detected: Value at 'jobId' failed to satisfy constraint: Member must satisfy regular expression pattern: [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
  });
});

test("a service is loaded by its first request, once, and other services not at all", async () => {
  await using server = await listen({ codepipeline: tiny(), kms: tiny() as Service });
  expect(server.loads).toEqual([]);
  await Promise.all([1, 2, 3].map(() => client(server).send(new ListWebhooksCommand({}))));
  await client(server).send(new ListWebhooksCommand({}));
  expect(server.loads).toEqual(["codepipeline"]);
});

test("blobs are bytes both ways", async () => {
  const kms = service<undefined, KmsOperations>({
    model: kmsModel,
    context: undefined,
    operations: {
      Encrypt: { name: "Encrypt", run: async ({ Plaintext }) => ({ CiphertextBlob: Plaintext.toReversed() }) },
    },
  });
  await using server = await listen({ kms });
  const output = await new KMSClient(clientOptions(server)).send(
    new EncryptCommand({ KeyId: "k", Plaintext: new Uint8Array([1, 2, 255]) }),
  );
  expect(output.CiphertextBlob).toEqual(new Uint8Array([255, 2, 1]));
});

test("a body beyond the limit is refused before it is read", async () => {
  await using server = await listen({ codepipeline: tiny() });
  const answer = await sendSigned(server.port, {
    service: "codepipeline",
    headers: { "x-amz-target": "CodePipeline_20150709.ListWebhooks" },
    body: Buffer.alloc(9 * 1024 * 1024, 32),
  });
  expect(answer.status).toBe(413);
  expect(JSON.parse(answer.body)).toEqual({
    __type: "RequestEntityTooLargeException",
    message: "Request must be smaller than 8388608 bytes",
  });
});

test("the door inside the process checks the input and asks nobody for leave", async () => {
  const seen: Seen = { inputs: [] };
  const codepipeline = tiny(seen);
  const call = { requestId: "r", region: "us-east-1", principal: rootPrincipal, now: 1 };
  await invokeOperation(codepipeline, "PutJobSuccessResult", { jobId }, call);
  expect(seen.inputs).toEqual([{ jobId }]);
  await expect(invokeOperation(codepipeline, "PutJobSuccessResult", { jobId: "x" }, call)).rejects.toMatchObject({
    code: "ValidationException",
  });
  await expect(invokeOperation(codepipeline, "GetPipeline", { name: "p" }, call)).rejects.toThrow(ServiceError);
  await expect(
    invokeOperation(
      codepipeline,
      "PollForJobs",
      { actionTypeId: { category: "Build", owner: "Custom", provider: "p", version: "1" } },
      call,
    ),
  ).rejects.toMatchObject({ code: "UnknownOperationException" });
});
