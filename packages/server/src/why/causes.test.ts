import { afterAll, beforeAll, expect, test } from "vitest";
import { type Ground, type Page, startGround } from "./testing/ground.ts";

/*
 * Every cause, made to happen by a real function and read from the page of its job.
 */

const NEVER = "00000000-0000-4000-8000-000000000000";

/** Begins a Node function that can report and use its artifact credentials. */
const NODE = `
import { CodePipelineClient, PutJobSuccessResultCommand, PutJobFailureResultCommand } from "@aws-sdk/client-codepipeline";
const pipeline = new CodePipelineClient({ maxAttempts: 1 });
const succeed = (jobId, more = {}) => pipeline.send(new PutJobSuccessResultCommand({ jobId, ...more }));
const fail = (jobId, failureDetails) => pipeline.send(new PutJobFailureResultCommand({ jobId, failureDetails }));
const jobOf = (event) => event["CodePipeline.job"];
`;

/** The same with S3. */
const WITH_S3 = `${NODE}
import { S3Client, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
const s3Of = ({ data }) => new S3Client({ credentials: data.artifactCredentials, maxAttempts: 1, forcePathStyle: true });
const put = (job, more = {}) => {
  const { bucketName: Bucket, objectKey: Key } = job.data.outputArtifacts[0].location.s3Location;
  return s3Of(job).send(new PutObjectCommand({ Bucket, Key, Body: "result", ...more }));
};
`;

let ground: Ground;
beforeAll(async () => {
  ground = await startGround();
});
afterAll(() => ground.stop());

/** The causes that a page names, the root first. */
const causesOf = ({ diagnosis }: Page) => diagnosis.findings.map(({ cause }) => cause);

test("functionRaised: the error with its line, and how often", async () => {
  const code = 'export const handler = () => {\n  throw new TypeError("no mode");\n};\n';
  const page = await ground.page({ name: "raises", code });
  expect(causesOf(page)).toEqual(["functionRaised", "outOfRetries"]);
  expect(page.diagnosis).toMatchObject({
    state: "failed",
    sentence: "The function raised TypeError: no mode (app.mjs:2), 3 times.",
    remedy: expect.stringContaining("PutJobFailureResult"),
    error: { code: "JobFailed" },
  });
  expect(page.diagnosis.evidence.map(({ text }) => text)[0]).toMatch(/^attempt 1 raised after \d+ ms: TypeError/);
});

test("functionRaised in Python names the line of the function's own code", async () => {
  const code = "import json\n\ndef handler(event, context):\n    return json.loads('{')\n";
  const page = await ground.page({ name: "python-raises", code, runtime: "python3.12" });
  expect(page.diagnosis.cause).toBe("functionRaised");
  expect(page.diagnosis.sentence).toContain("(app.py:4)");
});

test("functionRaised: a promise that nothing will settle has a remedy of its own", async () => {
  const page = await ground.page({ name: "open", code: "export const handler = () => new Promise(() => {});" });
  expect(page.diagnosis.cause).toBe("functionRaised");
  expect(page.diagnosis.sentence).toContain("Runtime.NodeJsExit");
  expect(page.diagnosis.remedy).toMatch(/^Settle the promise/);
});

test("importError: TypeScript that imports by the name that it will have is told the name that it has", async () => {
  const files = {
    "app.ts": 'export { handler } from "./other.js";\n',
    "other.ts": "export const handler = () => null;\n",
  };
  const page = await ground.page({ name: "renamed", code: "", files });
  expect(page.diagnosis.cause).toBe("importError");
  expect(page.diagnosis.remedy).toContain("wants the names that files really have");
});

test("timedOut", async () => {
  const code = "export const handler = () => new Promise((resolve) => setTimeout(resolve, 60_000));";
  const id = await ground.start({ name: "slow", code, timeoutSeconds: 1 });
  await ground.told((entry) => entry.executionId === id && entry.type === "attemptEnded");
  const page = await ground.pageOf(id); // while it is tried again
  expect(page.diagnosis).toMatchObject({
    cause: "timedOut",
    state: "running",
    sentence: "The function timed out after 1 s.",
    remedy: expect.stringContaining("continuationToken"),
  });
});

test("killedForMemory", async () => {
  const code = `export const handler = async () => {
    const kept = [];
    for (;;) { kept.push(Buffer.alloc(16 * 1024 * 1024, 1)); await new Promise((resolve) => setTimeout(resolve, 20)); }
  };`;
  const id = await ground.start({ name: "hungry", code, memoryMb: 128 });
  await ground.told((entry) => entry.executionId === id && entry.type === "attemptEnded");
  const page = await ground.pageOf(id);
  expect(page.diagnosis.cause).toBe("killedForMemory");
  expect(page.diagnosis.sentence).toMatch(/more than its memory \(128 MB; it held \d+ MB at most\)/);
  expect(page.diagnosis.remedy).toContain("MemorySize");
});

test("processEnded is not taken for memory", async () => {
  const page = await ground.page({ name: "leaves", code: "export const handler = () => process.exit(7);" });
  expect(page.diagnosis.cause).toBe("processEnded");
  expect(page.diagnosis.sentence).toContain("exit status 7, 3 times");
  const killed = await ground.page({
    name: "kills",
    code: "export const handler = () => process.kill(process.pid, 9);",
  });
  expect(killed.diagnosis.cause).toBe("processEnded");
});

test("what cannot start is told apart", async () => {
  const fine = "export const handler = () => {};";
  const table = [
    { name: "imports", code: "import 'nowhere-at-all';\nexport const handler = 1;", cause: "importError" },
    { name: "no-handler", code: fine, handler: "app.handel", cause: "handlerMissing" },
    { name: "syntax", code: "export const handler = (;", cause: "syntaxError" },
    { name: "python-syntax", code: "def handler(event, context)\n", runtime: "python3.12", cause: "syntaxError" },
    { name: "ruby", code: fine, runtime: "ruby3.3", cause: "interpreterMissing" },
    { name: "loads", code: "throw new Error('while loading');", cause: "couldNotStart" },
  ];
  for (const { cause, ...trouble } of table) {
    const { diagnosis } = await ground.page(trouble);
    expect([trouble.name, diagnosis.cause]).toEqual([trouble.name, cause]);
    expect(diagnosis.sentence).toMatch(/^The function could not start: /);
    expect(diagnosis.remedy).not.toBe("");
  }
});

test("returnedWithoutReporting", async () => {
  const page = await ground.page({ name: "silent", code: "export const handler = async () => ({ statusCode: 200 });" });
  expect(causesOf(page)).toEqual(["returnedWithoutReporting"]);
  expect(page.diagnosis.sentence).toContain('returned {"statusCode":200} and reported nothing');
});

test("reportedFailure: the function's own word, whatever it raises after it", async () => {
  const code = `${NODE}export const handler = async (event) => {
    await fail(jobOf(event).id, { type: "JobFailed", message: "no such branch" });
    throw new Error("again");
  };`;
  const page = await ground.page({ name: "says-no", code });
  expect(causesOf(page)[0]).toBe("reportedFailure");
  expect(page.diagnosis.sentence).toBe("The function reported that it failed: JobFailed: no such branch.");
});

test("reportedForAnotherJob, known or not", async () => {
  const code = `${NODE}export const handler = async () => { await succeed("${NEVER}").catch(() => {}); };`;
  const page = await ground.page({ name: "stray", code });
  expect(causesOf(page)).toEqual(["reportedForAnotherJob"]);
  expect(page.diagnosis.sentence).toContain(`reported for job ${NEVER}`);
  const [last] = page.jobs;
  const other = `${NODE}export const handler = async () => { await succeed("${last?.id}").catch(() => {}); };`;
  const second = await ground.page({ name: "stray-again", code: other });
  expect(causesOf(second)).toEqual(["reportedForAnotherJob"]);
  expect(second.timeline).toContainEqual(expect.objectContaining({ type: "apiCall", otherJobId: last?.id }));
});

test("denied: the report, with the statement that is missing", async () => {
  const code = `${NODE}export const handler = async (event) => { await succeed(jobOf(event).id); };`;
  const page = await ground.page({ name: "denied", code, allowed: null });
  expect(causesOf(page).slice(0, 2)).toEqual(["denied", "functionRaised"]);
  const statement = { Effect: "Allow", Action: "codepipeline:PutJobSuccessResult", Resource: "*" };
  expect(page.diagnosis.findings[0]?.missing).toEqual({ role: "denied", statement });
  expect(page.diagnosis.remedy).toBe(`Add this statement to a policy of role denied:\n  ${JSON.stringify(statement)}`);
});

test("denied: artifact credentials reach the action's own artifacts only", async () => {
  const code = `${WITH_S3}export const handler = async (event) => {
    await s3Of(jobOf(event)).send(new GetObjectCommand({ Bucket: "artifacts", Key: "source.zip" }));
  };`;
  const page = await ground.page({ name: "elsewhere", code });
  expect(page.diagnosis).toMatchObject({
    cause: "denied",
    sentence: "It was denied s3:GetObject on arn:aws:s3:::artifacts/source.zip.",
    remedy: expect.stringContaining("inputArtifacts or outputArtifacts"),
  });
});

test("denied: a call that the function got over comes after what it failed for, and stays a warning of a success", async () => {
  const body =
    "await s3Of(jobOf(event)).send(new GetObjectCommand({ Bucket: 'artifacts', Key: 'x' })).catch(() => {});";
  const raising = `${WITH_S3}export const handler = async (event) => { ${body} throw new Error("another reason"); };`;
  const failed = await ground.page({ name: "got-over", code: raising });
  expect(causesOf(failed)).toEqual(["functionRaised", "denied", "outOfRetries"]);
  const fine = `${WITH_S3}export const handler = async (event) => { ${body} await succeed(jobOf(event).id); };`;
  const page = await ground.page({ name: "went-on", code: fine });
  expect(page.diagnosis).toMatchObject({ state: "succeeded", cause: "denied" });
});

test("invalidParameters: the server's refusal, by the name of the member", async () => {
  const code = `${NODE}export const handler = async (event) => {
    await fail(jobOf(event).id, { type: "Broken", message: "x" });
  };`;
  const page = await ground.page({ name: "invalid", code });
  expect(page.diagnosis.cause).toBe("invalidParameters");
  expect(page.diagnosis.sentence).toContain("failureDetails.type");
});

test("invalidParameters: what the SDK refuses before it sends it, by name and line", async () => {
  const code = `import boto3

def handler(event, context):
    boto3.client("codepipeline").put_job_success_result(jobID=event["CodePipeline.job"]["id"])
`;
  const page = await ground.page({ name: "sdk-refuses", code, runtime: "python3.12" });
  expect(causesOf(page).slice(0, 2)).toEqual(["invalidParameters", "functionRaised"]);
  expect(page.diagnosis.sentence).toMatch(/Missing required parameter in input: "jobId".*\(app\.py:4\)\.$/);
  expect(page.diagnosis.remedy).toContain("Correct the parameters that the text names");
  expect(page.timeline.filter(({ type }) => type === "apiCall")).toEqual([]);
});

test("callRefused: a service that is not served here is named, and where to say who serves it", async () => {
  const code = `import boto3

def handler(event, context):
    boto3.client("dynamodb").list_tables()
`;
  const page = await ground.page({ name: "elsewhere-served", code, runtime: "python3.12" });
  expect(page.diagnosis.cause).toBe("callRefused");
  expect(page.diagnosis.sentence).toMatch(/^Its call of dynamodb:ListTables was refused: PenstockServiceNotServed/);
  expect(page.diagnosis.remedy).toContain("penstock.yaml, under aws");
});

test("endpointUnreachable: an endpoint of its own that nobody serves", async () => {
  const code = `import { CodePipelineClient, PutJobSuccessResultCommand } from "@aws-sdk/client-codepipeline";
  const pipeline = new CodePipelineClient({ maxAttempts: 1, endpoint: "http://127.0.0.1:9" });
  export const handler = (event) => pipeline.send(new PutJobSuccessResultCommand({ jobId: event["CodePipeline.job"].id }));`;
  const page = await ground.page({ name: "unreachable", code });
  expect(causesOf(page).slice(0, 2)).toEqual(["endpointUnreachable", "functionRaised"]);
  expect(page.diagnosis.sentence).toBe("The function could not reach 127.0.0.1:9.");
});

test("throttled: no concurrency is left to the function", async () => {
  const trouble = { name: "throttled", code: "export const handler = () => {};" };
  await ground.page(trouble);
  await ground.server.call("lambda", "PutFunctionConcurrency", {
    FunctionName: "throttled",
    ReservedConcurrentExecutions: 0,
  });
  const started = await ground.server.call("codepipeline", "StartPipelineExecution", { name: "throttled" });
  const { pipelineExecutionId } = started as { pipelineExecutionId: string }; // by the model
  await ground.server.settled(pipelineExecutionId);
  const page = await ground.pageOf(pipelineExecutionId);
  expect(causesOf(page)).toEqual(["throttled"]);
  expect(page.diagnosis.remedy).toContain("PutFunctionConcurrency");
});

test("crashedAfterReporting: the action succeeded, and somebody should know", async () => {
  const code = `${NODE}export const handler = async (event) => {
    await succeed(jobOf(event).id);
    throw new Error("too late to matter");
  };`;
  const page = await ground.page({ name: "late-crash", code });
  expect(page.diagnosis).toMatchObject({ state: "succeeded", cause: "crashedAfterReporting" });
  expect(page.diagnosis.sentence).toContain("too late to matter");
});

test("loggedCredentials: masked here, and told, because in AWS they would stand in the log", async () => {
  const code = `${NODE}export const handler = async (event) => {
    console.log(JSON.stringify(event));
    await succeed(jobOf(event).id);
  };`;
  const page = await ground.page({ name: "chatty", code });
  expect(page.diagnosis).toMatchObject({ state: "succeeded", cause: "loggedCredentials" });
  expect(page.diagnosis.remedy).toContain("never the whole");
  const lines = page.timeline.flatMap((entry) => (entry.type === "logLine" ? [entry.line] : [])).join("\n");
  expect(lines).toContain('"secretAccessKey":"****"');
});

test("noDeclaredOutput: a warning, because the service does not look", async () => {
  const code = `${NODE}export const handler = async (event) => { await succeed(jobOf(event).id); };`;
  const page = await ground.page({ name: "empty-handed", code, outputs: ["Build"] });
  expect(page.diagnosis).toMatchObject({ state: "succeeded", cause: "noDeclaredOutput" });
  expect(page.diagnosis.sentence).toMatch(
    /^The declared output artifact Build was not written: there is no object empty-handed\/Build\/\w{7} in bucket artifacts\.$/,
  );
});

test("outputWithoutKey and outputWithWrongKey; the right key is no matter", async () => {
  const { server } = ground;
  const newKey = async () => {
    const made = await server.call("kms", "CreateKey", {});
    return (made as { KeyMetadata: { Arn: string } }).KeyMetadata.Arn; // by the model
  };
  const [declared, other] = [await newKey(), await newKey()];
  const writing = (more: object) =>
    `${WITH_S3}export const handler = async (event) => {
      await put(jobOf(event), ${JSON.stringify(more)}); await succeed(jobOf(event).id);
    };`;
  const page = (name: string, more: object) =>
    ground.page({ name, code: writing(more), outputs: ["Build"], encryptionKey: declared });
  expect((await page("no-key", {})).diagnosis.cause).toBe("outputWithoutKey");
  const wrong = await page("wrong-key", { ServerSideEncryption: "aws:kms", SSEKMSKeyId: other });
  expect(wrong.diagnosis.cause).toBe("outputWithWrongKey");
  expect(wrong.diagnosis.sentence).toContain(`but the artifact store declares ${declared}`);
  const right = await page("right-key", { ServerSideEncryption: "aws:kms", SSEKMSKeyId: declared });
  expect(right.diagnosis).toMatchObject({ state: "succeeded", findings: [], sentence: "The action succeeded." });
});

test("functionMissing: the name, and what to do", async () => {
  const code = "export const handler = () => {};";
  const page = await ground.page({ name: "calls-nobody", code, functionName: "nobody" });
  expect(page.diagnosis).toMatchObject({ cause: "functionMissing", state: "failed" });
  expect(page.diagnosis.sentence).toContain("nobody");
});

test("denied: a pipeline that may not call its function, with the statement that is missing", async () => {
  const trouble = { name: "not-called", code: "export const handler = () => {};" };
  const allowed = ["s3:*", "kms:*"];
  const page = await ground.page({ ...trouble, pipelineMay: allowed });
  const Resource = "arn:aws:lambda:us-east-1:000000000000:function:not-called";
  expect(page.diagnosis).toMatchObject({ cause: "denied", state: "failed", error: { code: "PermissionError" } });
  expect(page.diagnosis.findings[0]?.missing?.statement).toEqual({
    Effect: "Allow",
    Action: "lambda:InvokeFunction",
    Resource,
  });
});
