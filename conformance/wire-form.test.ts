import { Readable } from "node:stream";
import { CodePipeline } from "@aws-sdk/client-codepipeline";
import { afterAll, describe, expect, test } from "vitest";
import { ROOT } from "./client.ts";
import { JOBS, openJobBench } from "./job-bench.ts";

/*
 * The bytes of replies, before a client has read them. The AWS SDK for JavaScript v3 makes and signs the requests;
 * in place of its HTTP client stands one that keeps what came.
 */

const bench = await openJobBench();
afterAll(bench.server.stop);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const UNKNOWN_ID = "01234567-89ab-4cde-8f01-23456789abcd";

interface RawReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

const replies: RawReply[] = [];
const codePipeline = new CodePipeline({
  endpoint: bench.server.url,
  region: bench.server.region,
  credentials: ROOT,
  maxAttempts: 1,
  requestHandler: { handle: keepReply },
});
bench.server.own(() => codePipeline.destroy());

async function keepReply({ method, path, headers: { host: _, ...headers }, body = "" }: SentRequest) {
  const answer = await fetch(bench.server.url + path, { method, headers, body });
  const reply = { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
  replies.push(reply);
  return {
    response: { statusCode: reply.status, headers: reply.headers, body: Readable.from([Buffer.from(reply.body)]) },
  };
}

/** What was answered to the calls that `call` makes, last first read. */
async function rawOf(call: () => Promise<unknown>): Promise<RawReply> {
  await call().catch(() => {}); // a refusal is a reply as well
  const reply = replies.pop();
  if (!reply) throw new Error("The client has sent nothing.");
  return reply;
}

test.each([
  ["JobNotFoundException", { jobId: UNKNOWN_ID }, `Job with id '${UNKNOWN_ID}' does not exist`],
  [
    "ValidationException",
    { jobId: "x" },
    "1 validation error detected: Value at 'jobId' failed to satisfy constraint: Member must satisfy regular expression pattern: [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
  ],
])(
  "%s is status 400 with __type, which is the bare name, and message, and nothing else",
  async (type, input, message) => {
    const { status, body } = await rawOf(() => codePipeline.putJobSuccessResult(input));
    expect(status).toBe(400);
    expect(body).toBe(JSON.stringify({ __type: type, message }));
  },
);

test("InvalidJobStateException has the same form", async () => {
  const { job } = await bench.startJob();
  await codePipeline.putJobSuccessResult({ jobId: job.id });
  const failureDetails = { type: "JobFailed", message: "no" } as const;
  const { status, body } = await rawOf(() => codePipeline.putJobFailureResult({ jobId: job.id, failureDetails }));
  expect(status).toBe(400);
  const message = `Job with id ${job.id} has already terminated`;
  expect(body).toBe(JSON.stringify({ __type: "InvalidJobStateException", message }));
});

describe.each([
  ["a reply", () => codePipeline.getPipeline({ name: JOBS })],
  ["a refusal", () => codePipeline.getPipeline({ name: "nobody" })],
])("%s", (_, call) => {
  test("has the content type of JSON 1.1, a uuid as x-amzn-requestid, a length and a date", async () => {
    const { headers, body } = await rawOf(call);
    expect(headers).toMatchObject({
      "content-type": "application/x-amz-json-1.1",
      "content-length": String(Buffer.byteLength(body)),
      "x-amzn-requestid": expect.stringMatching(UUID),
      date: expect.stringMatching(/ GMT$/),
    });
  });

  test("has a request id of its own each time", async () => {
    const ids = [await rawOf(call), await rawOf(call)].map(({ headers }) => headers["x-amzn-requestid"]);
    expect(new Set(ids).size).toBe(2);
  });
});

test("times are numbers: epoch seconds with up to three decimals and no zero at the end", async () => {
  const { executionId } = await bench.startJob();
  const bodies = [
    await rawOf(() => codePipeline.getPipelineState({ name: JOBS })),
    await rawOf(() => codePipeline.listPipelineExecutions({ pipelineName: JOBS })),
    await rawOf(() => codePipeline.listActionExecutions({ pipelineName: JOBS })),
    await rawOf(() => codePipeline.getPipeline({ name: JOBS })),
  ].map(({ body }) => body);
  const times = bodies.flatMap((body) => [
    ...body.matchAll(/"(?:\w*[tT]ime|created|updated|lastStatusChange)":([^,}]+)/g),
  ]);
  expect(times.length).toBeGreaterThan(8);
  for (const [, time] of times) expect(time).toMatch(/^1\d{9}(\.\d{0,2}[1-9])?$/);
  expect(bodies[1]).toContain(executionId);
});

test("what is absent is left out, never null, and lists that are always there are empty", async () => {
  const { executionId } = await bench.startJob();
  const { body } = await rawOf(() => codePipeline.getPipelineState({ name: JOBS }));
  const filter = { pipelineExecutionId: executionId };
  const listed = await rawOf(() => codePipeline.listActionExecutions({ pipelineName: JOBS, filter }));
  expect(body + listed.body).not.toContain("null");
  expect(body).toContain('"inboundExecutions":[]');
  expect(listed.body).toContain('"inputArtifacts":[]');
  expect(listed.body).toContain('"outputArtifacts":[]');
  expect(listed.body).toContain('"outputVariables":{}');
});

test("a result that is taken is answered with status 200 and nothing to read", async () => {
  const { job } = await bench.startJob();
  const { status, body } = await rawOf(() => codePipeline.putJobSuccessResult({ jobId: job.id }));
  expect(status).toBe(200);
  expect(["", "{}"]).toContain(body);
});
