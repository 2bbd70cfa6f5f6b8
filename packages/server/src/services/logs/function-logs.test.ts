import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startServer } from "../../main.ts";
import type { Server } from "../../server.ts";
import type { StoryEntry } from "../../story.ts";
import type { FilterLogEventsOutput, LogStream } from "./shapes.generated.ts";

/*
 * From a function's process to CloudWatch Logs: a whole server with a pipeline whose function writes what it should not.
 */

const FUNCTION = `
console.log("loading");
exports.handler = async (event) => {
  const { secretAccessKey, sessionToken } = event["CodePipeline.job"].data.artifactCredentials;
  console.log("given", secretAccessKey, encodeURIComponent(sessionToken));
  console.log("own", process.env.AWS_SECRET_ACCESS_KEY);
  console.error("own token " + process.env.AWS_SESSION_TOKEN);
  return { secretAccessKey, length: secretAccessKey.length, rest: "x".repeat(10000) };
};`;

const ROLE = "arn:aws:iam::000000000000:role/all";
const GROUP = "/aws/lambda/talkative";

let folder: string;
let server: Server;
const story: StoryEntry[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "penstock-function-logs-"));
  server = await start();
  await runJob();
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<Server> {
  const started = await startServer({ dataDir: join(folder, "data"), timing: "fast", unreported: "fail" });
  started.watch((entry) => void story.push(entry));
  return started;
}

async function runJob(): Promise<void> {
  const services = { Service: ["codepipeline.amazonaws.com", "lambda.amazonaws.com"] };
  const trust = { Statement: { Effect: "Allow", Principal: services, Action: "sts:AssumeRole" } };
  await server.call("iam", "CreateRole", { RoleName: "all", AssumeRolePolicyDocument: JSON.stringify(trust) });
  const allow = JSON.stringify({ Statement: { Effect: "Allow", Action: "*", Resource: "*" } });
  await server.call("iam", "PutRolePolicy", { RoleName: "all", PolicyName: "all", PolicyDocument: allow });
  await server.call("s3", "CreateBucket", { Bucket: "artifacts" });
  const Status = "Enabled";
  await server.call("s3", "PutBucketVersioning", { Bucket: "artifacts", VersioningConfiguration: { Status } });
  await server.objects.put({ bucket: "artifacts", key: "source.zip", body: Readable.from([Buffer.from("source")]) });
  const codeDir = join(folder, "code");
  mkdirSync(codeDir);
  writeFileSync(join(codeDir, "index.js"), FUNCTION);
  const limits = { environment: {}, timeoutSeconds: 20, memoryMb: 256 };
  const runtime = { runtime: "nodejs24.x", handler: "index.handler" };
  await server.deployFunction({ name: "talkative", codeDir, roleArn: ROLE, ...runtime, ...limits });
  await server.deployPipeline(PIPELINE);
  const started = await server.call("codepipeline", "StartPipelineExecution", { name: "p" });
  const { pipelineExecutionId } = started as { pipelineExecutionId: string }; // by the model
  await server.settled(pipelineExecutionId);
}

const PIPELINE = {
  name: "p",
  roleArn: ROLE,
  artifactStore: { type: "S3", location: "artifacts" },
  stages: [
    {
      name: "Source",
      actions: [
        {
          name: "Fetch",
          actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" },
          configuration: { S3Bucket: "artifacts", S3ObjectKey: "source.zip", PollForSourceChanges: "false" },
          outputArtifacts: [{ name: "SourceZip" }],
        },
      ],
    },
    {
      name: "Call",
      actions: [
        {
          name: "Call",
          actionTypeId: { category: "Invoke", owner: "AWS", provider: "Lambda", version: "1" },
          configuration: { FunctionName: "talkative" },
        },
      ],
    },
  ],
};

async function search(): Promise<NonNullable<FilterLogEventsOutput["events"]>> {
  const found = await server.call("logs", "FilterLogEvents", { logGroupName: GROUP });
  return (found as FilterLogEventsOutput).events ?? []; // by the model
}

async function streams(): Promise<readonly LogStream[]> {
  const found = await server.call("logs", "DescribeLogStreams", { logGroupName: GROUP, orderBy: "LastEventTime" });
  return (found as { logStreams: LogStream[] }).logStreams; // by the model
}

test("the function's group has a stream of its process, with all lines in order and masked", async () => {
  const events = await search();
  const [stream, ...others] = await streams();
  expect(others).toEqual([]);
  expect(stream?.logStreamName).toMatch(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
  expect(events.map(({ logStreamName }) => logStreamName)).toEqual(events.map(() => stream?.logStreamName));
  const messages = events.map(({ message = "" }) => message);
  expect(messages).toEqual([
    expect.stringMatching(/\tloading\n$/),
    expect.stringMatching(/^START RequestId: \S+ Version: \$LATEST\n$/),
    expect.stringMatching(/\tgiven \*{4} \*{4}\n$/),
    expect.stringMatching(/\town \*{4}\n$/),
    expect.stringMatching(/\town token \*{4}\n$/),
    expect.stringMatching(/^END RequestId: \S+\n$/),
    expect.stringMatching(/^REPORT RequestId: \S+\tDuration: .*\t\n$/),
  ]);
});

test("the story shows the same lines, masks what the function returned, and says once that it logged credentials", async () => {
  const lines = story.flatMap((entry) => (entry.type === "logLine" ? [`${entry.line}\n`] : []));
  expect(lines).toEqual((await search()).map(({ message }) => message));
  const notes = story.filter((entry) => entry.type === "note");
  expect(notes.map(({ message, cause }) => ({ message, cause }))).toContainEqual({
    message: "the function logged its credentials; they are masked here",
    cause: "loggedCredentials",
  });
  expect(notes.filter(({ cause }) => cause === "loggedCredentials")).toHaveLength(1);
  const returned = story.flatMap((entry) => (entry.type === "attemptEnded" ? [entry.returned] : []));
  expect(returned).toEqual([expect.stringMatching(/^\{"secretAccessKey":"\*{4}","length":\d+,"rest":"x+$/)]);
  expect(returned[0]).toHaveLength(4096);
});

test("what was written is still there after a restart, and a new process has a stream of its own", async () => {
  const payload = Buffer.from("{}");
  await server.call("lambda", "Invoke", { FunctionName: "talkative", Payload: payload });
  await server.stop(); // Before anybody asks for the lines, which would store them.
  server = await start();
  const written = (await search()).filter(({ message }) => message?.startsWith("REPORT"));
  expect(written).toHaveLength(2);
  const answer = await server.call("lambda", "Invoke", {
    FunctionName: "talkative",
    Payload: payload,
    LogType: "Tail",
  });
  expect(answer).toMatchObject({ FunctionError: "Unhandled" });
  expect(await streams()).toHaveLength(2);
});
