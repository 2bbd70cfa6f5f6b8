import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { GROUP, REGION, serveLogs } from "./testing/logs-server.ts";

/*
 * CloudWatch Logs as official clients use it: boto3, the AWS CLI, and requests signed by hand.
 */

const run = promisify(execFile);
const tools = new URL("../../../../../.tools/", import.meta.url);

/** A program that set-up has found; nothing if it has not. */
function tool(name: string): { readonly executable: string; readonly version: string } | undefined {
  const note = new URL(`${name}.json`, tools);
  if (!existsSync(note)) return undefined;
  return JSON.parse(readFileSync(note, "utf8")) as { executable: string; version: string }; // set-up wrote it
}

const python = tool("python")?.executable;
const aws = tool("aws")?.executable;
/** `logs tail` came with version 2 of the AWS CLI. */
const hasTail = tool("aws")?.version.startsWith("aws-cli/2.") ?? false;

function environment(endpoint: string) {
  return {
    PATH: process.env["PATH"],
    HOME: "/nonexistent",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_DEFAULT_REGION: REGION,
    AWS_ENDPOINT_URL: endpoint,
    AWS_MAX_ATTEMPTS: "1",
    AWS_PAGER: "",
    PAGER: "cat",
    PYTHONUNBUFFERED: "1",
  };
}

let logs: Awaited<ReturnType<typeof serveLogs>>;
beforeEach(async () => {
  logs = await serveLogs(Date.now());
});
afterEach(async () => {
  await logs[Symbol.asyncDispose]();
  await logs.store.close();
});

function write(texts: readonly string[], stream = "2026/11/24/[$LATEST]a"): void {
  const take = logs.lines.open({ account: "000000000000", region: REGION, group: GROUP, stream });
  for (const [index, text] of texts.entries()) take(text, logs.clock.now + index);
}

// Needs a Python with boto3, which set-up brings.
test.skipIf(!python)("boto3 writes as handlers do, reads, pages and follows", { timeout: 30_000 }, async () => {
  write(["START RequestId: 1", "hello", "END RequestId: 1"]);
  const { stdout } = await run(python ?? "", ["-c", BOTO3], { env: environment(logs.endpoint) });
  expect(JSON.parse(stdout)).toEqual({
    exists: "The specified log group already exists",
    unknown: "The specified log group does not exist.",
    own: ["one", "two"],
    paged: ["START RequestId: 1\n", "hello\n", "END RequestId: 1\n"],
    followed: ["START RequestId: 1\n", "hello\n", "END RequestId: 1\n"],
    matched: ["hello\n"],
    groups: ["/aws/lambda/f", "own"],
    streams: 1,
    retention: 7,
    deleted: ["/aws/lambda/f"],
  });
});

const BOTO3 = `
import boto3, json, time
logs = boto3.client("logs")
logs.create_log_group(logGroupName="own")
logs.create_log_stream(logGroupName="own", logStreamName="s")
out = {}
try:
    logs.create_log_group(logGroupName="own")
except logs.exceptions.ResourceAlreadyExistsException as error:
    out["exists"] = error.response["Error"]["Message"]
try:
    logs.get_log_events(logGroupName="none", logStreamName="s")
except logs.exceptions.ResourceNotFoundException as error:
    out["unknown"] = error.response["Error"]["Message"]
now = int(time.time() * 1000)
events = [{"timestamp": now, "message": "one"}, {"timestamp": now + 1, "message": "two"}]
put = logs.put_log_events(logGroupName="own", logStreamName="s", logEvents=events)
logs.put_retention_policy(logGroupName="own", retentionInDays=7)
out["own"] = [e["message"] for e in logs.get_log_events(logGroupName="own", logStreamName="s", startFromHead=True)["events"]]
pages = logs.get_paginator("filter_log_events").paginate(logGroupName="/aws/lambda/f", PaginationConfig={"PageSize": 1})
out["paged"] = [e["message"] for page in pages for e in page["events"]]
stream = logs.describe_log_streams(logGroupName="/aws/lambda/f", orderBy="LastEventTime", descending=True)["logStreams"]
out["streams"] = len(stream)
followed, token = [], None
while True:
    more = {"nextToken": token} if token else {}
    page = logs.get_log_events(logGroupName="/aws/lambda/f", logStreamName=stream[0]["logStreamName"], startFromHead=True, limit=2, **more)
    followed += [e["message"] for e in page["events"]]
    if page["nextForwardToken"] == token:
        break
    token = page["nextForwardToken"]
out["followed"] = followed
matched = logs.filter_log_events(logGroupName="/aws/lambda/f", filterPattern="?hello ?nothing", interleaved=True)
out["matched"] = [e["message"] for e in matched["events"]]
groups = logs.describe_log_groups()["logGroups"]
out["groups"] = [g["logGroupName"] for g in groups]
out["retention"] = groups[1]["retentionInDays"]
logs.delete_log_stream(logGroupName="own", logStreamName="s")
logs.delete_log_group(logGroupName="own")
out["deleted"] = [g["logGroupName"] for g in logs.describe_log_groups()["logGroups"]]
print(json.dumps(out))
`;

// Needs the AWS CLI, which set-up finds.
test.skipIf(!aws)("the AWS CLI reads and filters", { timeout: 60_000 }, async () => {
  write(["one", "two"]);
  const cli = async (...args: string[]) =>
    (
      await run(aws ?? "", ["--endpoint-url", logs.endpoint, "logs", ...args, "--output", "text"], {
        env: environment(logs.endpoint),
      })
    ).stdout.trim();
  const filtered = await cli("filter-log-events", "--log-group-name", GROUP, "--query", "events[].message");
  expect(filtered.split(/\s+/)).toEqual(["one", "two"]);
  const streams = ["describe-log-streams", "--log-group-name", GROUP, "--order-by", "LastEventTime", "--descending"];
  expect(await cli(...streams, "--query", "logStreams[].logStreamName")).toBe("2026/11/24/[$LATEST]a");
});

// Needs version 2 of the AWS CLI: version 1 has no `logs tail`.
test.skipIf(!hasTail)("aws logs tail shows what there is, and follows", { timeout: 60_000 }, async () => {
  write(["one", "two"]);
  const args = ["--endpoint-url", logs.endpoint, "logs", "tail", GROUP, "--since", "1h", "--format", "short"];
  const { stdout } = await run(aws ?? "", args, { env: environment(logs.endpoint) });
  expect(stdout).toContain("one\n");
  const following = execFile(aws ?? "", [...args, "--follow"], { env: environment(logs.endpoint) });
  let text = "";
  const seen = (what: string) =>
    new Promise<void>((resolve) => {
      following.stdout?.on("data", (chunk) => {
        text += chunk;
        if (text.includes(what)) resolve();
      });
    });
  try {
    await seen("two");
    logs.clock.now += 10;
    write(["three"], "other");
    await seen("three");
  } finally {
    following.kill();
  }
  expect(text.match(/one/g)).toHaveLength(1);
});

test("a follower in the manner of aws logs tail sees every event once, also of the millisecond it has seen", async () => {
  const seen: string[] = [];
  const ids = new Set<string>();
  let startTime = 0;
  const poll = async () => {
    let nextToken: string | undefined;
    do {
      const input = { logGroupName: GROUP, interleaved: true, startTime, limit: 2, ...(nextToken && { nextToken }) };
      const { body } = await logs.send("FilterLogEvents", input);
      const page = body as { events: { eventId: string; timestamp: number; message: string }[]; nextToken?: string }; // by the model
      for (const { eventId, timestamp, message } of page.events) {
        if (!ids.has(eventId)) seen.push(message.trimEnd());
        ids.add(eventId);
        startTime = Math.max(startTime, timestamp);
      }
      nextToken = page.nextToken;
    } while (nextToken);
  };
  write(["a", "b", "c"]);
  await poll();
  await poll();
  logs.clock.now += 2;
  write(["d", "e"], "other"); // `d` has the time of `c`.
  await poll();
  expect(seen).toEqual(["a", "b", "c", "d", "e"]);
});

test("errors are as the service words them on the wire", async () => {
  expect(await logs.send("GetLogEvents", { logGroupName: "none", logStreamName: "s" })).toEqual({
    status: 400,
    body: { __type: "ResourceNotFoundException", message: "The specified log group does not exist." },
  });
  expect(await logs.send("GetLogEvents", { logGroupName: "none" })).toEqual({
    status: 400,
    body: {
      __type: "InvalidParameterException",
      message:
        "1 validation error detected: Value null at 'logStreamName' failed to satisfy constraint: Member must not be null",
    },
  });
});
