/** From a job to a capture and back to a job, through the command line and a real function. */
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type JobCapture, startServer } from "@penstock/server";
import { beforeAll, expect, test } from "vitest";
import { interruptedJob } from "./testing/interrupted-job.ts";
import { CURIOUS, folder, functionFolder, penstock } from "./testing/penstock.ts";

const code = functionFolder(CURIOUS);
const seen = join(code, "seen.jsonl");
const data = join(folder(), "data");
let jobIds: readonly string[] = [];

beforeAll(async () => {
  const parameters = '{"mode":"fast","quote":"\\""}';
  const run = await penstock(
    ["invoke", "app.handler", "--input", "Source=input", "--output", "Built", "--user-parameters", parameters].concat([
      "--env",
      `SEEN=${seen}`,
      "--env",
      "PASSPHRASE=open-sesame",
      "--data",
      data,
    ]),
    code,
  );
  expect(run).toMatchObject({ status: 0 });
  jobIds = seenEvents(seen).map(({ event }) => event["CodePipeline.job"].id);
}, 60_000);

interface Seen {
  readonly event: {
    readonly "CodePipeline.job": JobCapture["event"]["CodePipeline.job"] & {
      readonly data: { readonly artifactCredentials: Readonly<Record<string, string>> };
    };
  };
  readonly AWS_ACCESS_KEY_ID: string;
  readonly AWS_SECRET_ACCESS_KEY: string;
  readonly AWS_SESSION_TOKEN: string;
}

function seenEvents(file: string): readonly Seen[] {
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Seen); // the function wrote it
}

function secretsSeen(): readonly string[] {
  return seenEvents(seen).flatMap(({ event, ...own }) => {
    const { accessKeyId, secretAccessKey, sessionToken } = event["CodePipeline.job"].data.artifactCredentials;
    return [accessKeyId, secretAccessKey, sessionToken, ...Object.values(own)].filter((one) => one !== undefined);
  });
}

async function capture(...args: readonly string[]): Promise<{ text: string; capture: JobCapture }> {
  const done = await penstock(["capture", ...args]);
  expect(done).toMatchObject({ status: 0, stderr: "" });
  return { text: done.stdout, capture: JSON.parse(done.stdout) as JobCapture }; // what is tested
}

function lastJob(): string {
  return jobIds.at(-1) ?? "";
}

/** Replays into a file of its own, and answers what the function saw. */
async function replay(captured: object, ...args: readonly string[]) {
  const file = join(folder(), "job.json");
  const into = join(folder(), "seen.jsonl");
  writeFileSync(file, JSON.stringify(captured));
  writeFileSync(into, ""); // so that the function does not take it for its first call
  const done = await penstock(["replay", file, "--env", `SEEN=${into}`, ...args]);
  return { done, seen: readFileSync(into, "utf8") === "" ? [] : seenEvents(into) };
}

test("a capture tells what the function was given and what became of it", async () => {
  const first = await capture(jobIds[0] ?? "", "--data", data);
  expect(first.capture).toMatchObject({
    penstockCapture: 1,
    source: "penstock",
    job: { number: 1, status: "Succeeded", stage: "Invoke", action: "app", region: "us-east-1" },
    function: { name: "app", handler: "app.handler", codeDir: code, environmentNames: ["SEEN", "PASSPHRASE"] },
    attempts: [
      { attempt: 1, outcome: "raised", error: { errorType: "Error" } },
      { attempt: 2, outcome: "returned", error: null },
    ],
    outcome: { actionStatus: "Succeeded", reported: { result: "continuation" }, error: null },
  });
  const last = await capture(lastJob(), "--data", data);
  const { data: told } = last.capture.event["CodePipeline.job"];
  const { artifactCredentials: _, ...given } = seenEvents(seen).at(-1)?.event["CodePipeline.job"].data ?? {
    artifactCredentials: {},
  };
  expect(told).toEqual(given);
  expect(told.continuationToken).toBe("page-2");
  expect(last.capture.artifacts).toMatchObject([
    { direction: "input", name: "Source", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    { direction: "output", name: "Built", sizeBytes: null, sha256: null },
  ]);
});

test.each([
  ["by reference", []],
  ["with its artifacts", ["--embed"]],
  ["with the values of variables", ["--with-values"]],
])("no secret is in a capture %s, though the function logged and raised its own", async (_, options) => {
  const secrets = secretsSeen();
  expect(secrets.length).toBeGreaterThan(10);
  for (const id of new Set(jobIds)) {
    const { text } = await capture(id, "--data", data, ...options);
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
    expect(text).not.toMatch(/ASIA[A-Z0-9]{12}|"(secretAccessKey|sessionToken|artifactCredentials)"/);
    expect(text.includes("open-sesame")).toBe(options.includes("--with-values"));
  }
});

test("a replayed job has the captured token, parameters and artifact, and credentials of its own", async () => {
  const { capture: captured } = await capture(lastJob(), "--data", data);
  const { done, seen: again } = await replay(captured, "--data", data);
  expect(done).toMatchObject({ status: 0 });
  expect(done.stdout).toContain("app  bytes = "); // it could read its input
  expect(done.stderr + done.stdout).toContain("PASSPHRASE: give them with --env");
  expect(again).toHaveLength(1);
  const [one] = again;
  const before = captured.event["CodePipeline.job"];
  expect(one?.event["CodePipeline.job"].data).toMatchObject({
    actionConfiguration: before.data.actionConfiguration,
    continuationToken: "page-2",
    inputArtifacts: [{ name: "Source" }],
    outputArtifacts: [{ name: "Built", revision: null }],
  });
  expect(one?.event["CodePipeline.job"].accountId).toBe(before.accountId);
  expect(one?.event["CodePipeline.job"].id).not.toBe(before.id);
  expect(secretsSeen()).not.toContain(one?.event["CodePipeline.job"].data.artifactCredentials["secretAccessKey"]);
});

test("a job without a token is replayed without one, and goes on as it did", async () => {
  const { capture: captured } = await capture(jobIds[0] ?? "", "--data", data, "--embed");
  const { done, seen: again } = await replay(captured);
  expect(done).toMatchObject({ status: 0 });
  const tokens = again.map(({ event }) => event["CodePipeline.job"].data.continuationToken);
  expect(tokens).toEqual([undefined, "page-2"]);
});

test("an embedded artifact needs nothing else; one that was changed is told of", async () => {
  const { capture: captured } = await capture(lastJob(), "--data", data, "--embed");
  const good = await replay(captured);
  expect(good.done).toMatchObject({ status: 0 });
  expect(good.done.stdout).not.toContain("checksum");
  const artifacts = captured.artifacts.map((one) => ({ ...one, sha256: "0".repeat(64) }));
  const changed = await replay({ ...captured, artifacts });
  expect(changed.done.stdout + changed.done.stderr).toContain(
    "artifact Source in the capture is not what was captured",
  );
});

test.each<[string, (captured: JobCapture) => object, readonly string[], string]>([
  ["an artifact by reference, and no data directory", (c) => c, [], "--input Source=PATH"],
  ["an input that the job does not have", (c) => c, ["--input", "Sourec=."], 'Did you mean "Source"?'],
  ["code that is gone", (c) => ({ ...c, function: { ...c.function, codeDir: "/nowhere" } }), [], "--function"],
  ["a form of a later Penstock", (c) => ({ ...c, penstockCapture: 2 }), [], "form 2"],
  ["a file that is no capture", () => ({ pipeline: {} }), [], "is not a capture"],
  ["an event that lost its account", (c) => without(c, "accountId"), [], "accountId"],
  ["a runtime that has no debugger", (c) => ({ ...c, function: provided(c) }), ["--inspect"], "--inspect is for"],
])("replay refuses %s", async (_, change, args, told) => {
  const { capture: captured } = await capture(lastJob(), "--data", data);
  const { done } = await replay(change(captured), ...args);
  expect(done.status).toBe(2);
  expect(done.stderr).toContain(told);
});

function without(captured: JobCapture, name: "accountId"): object {
  const { [name]: _, ...job } = captured.event["CodePipeline.job"];
  return { ...captured, event: { "CodePipeline.job": job } };
}

function provided(captured: JobCapture): object {
  const folderWithBootstrap = functionFolder("#!/bin/sh\n", "bootstrap");
  chmodSync(join(folderWithBootstrap, "bootstrap"), 0o755);
  return { ...captured.function, runtime: "provided.al2023", handler: "bootstrap", codeDir: folderWithBootstrap };
}

test("a running server is asked over its own pages, and tells no values of variables", async () => {
  const server = await startServer({ dataDir: data, timing: "fast" });
  try {
    const { text, capture: captured } = await capture(lastJob(), "--url", server.url, "--embed");
    expect(captured.artifacts[0]?.base64).toBeTruthy();
    expect(text).not.toContain("open-sesame");
    expect(await penstock(["capture", "nobody", "--url", server.url])).toMatchObject({ status: 2 });
    const locked = await penstock(["capture", lastJob(), "--data", data]);
    expect(locked.status).toBe(3);
    expect(await server.capture("nobody")).toBeUndefined();
  } finally {
    await server.stop();
  }
});

test.each([
  [["capture"], "capture needs a job"],
  [["capture", "x", "--event", "y"], "--event takes no job"],
  [["capture", "x", "--data", "d", "--url", "http://localhost"], "exclude each other"],
  [["capture", "x", "--with-values"], "--with-values needs --data"],
])("%j is refused before anything is asked", async (args, told) => {
  const done = await penstock(args);
  expect(done.status).toBe(2);
  expect(done.stderr).toContain(told);
});

test("a data directory is only looked into: a call that was under way is not made again", async () => {
  const waiting = functionFolder(
    'import { appendFileSync } from "node:fs";\nexport const handler = () => { appendFileSync(process.env.SEEN, "called\\n"); return new Promise(() => setInterval(() => {}, 1e6)); };\n',
  );
  const into = join(waiting, "seen");
  const dataDir = join(folder(), "data");
  const jobId = await interruptedJob(dataDir, waiting, into);
  const { capture: captured } = await capture(jobId, "--data", dataDir);
  expect(captured).toMatchObject({ job: { status: "Dispatched" }, attempts: [], outcome: { reported: null } });
  expect(readFileSync(into, "utf8")).toBe("called\n");
});
