import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "@penstock/server";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { dispatch } from "../dispatch.ts";

const dir = mkdtempSync(join(tmpdir(), "penstock-approve-"));
const text: string[] = [];
const heard: (() => void)[] = [];

const PIPELINE = {
  name: "ask",
  roleArn: "arn:aws:iam::000000000000:role/pipeline",
  artifactStore: { type: "S3", location: "artifacts-of-ask" },
  stages: [
    {
      name: "Source",
      actions: [
        {
          name: "Fetch",
          actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" },
          configuration: { S3Bucket: "sources-of-ask", S3ObjectKey: "source.zip" },
          outputArtifacts: [{ name: "Source" }],
        },
      ],
    },
    {
      name: "Ask",
      actions: [
        {
          name: "Human",
          actionTypeId: { category: "Approval", owner: "AWS", provider: "Manual", version: "1" },
          configuration: { CustomData: "Ship it?", IsSummaryRequired: "true" },
        },
      ],
    },
  ],
};

beforeAll(() => {
  mkdirSync(join(dir, "source"));
  writeFileSync(join(dir, "source/a.txt"), "a");
  writeFileSync(join(dir, "pipeline.json"), JSON.stringify(PIPELINE));
  writeFileSync(join(dir, "penstock.yaml"), "inputs: { Source: source }\n");
  const take = (written: unknown) => {
    text.push(String(written));
    for (const resolve of heard.splice(0)) resolve();
    return true;
  };
  vi.spyOn(process.stdout, "write").mockImplementation(take);
  vi.spyOn(process.stderr, "write").mockImplementation(take);
});
afterEach(() => {
  text.length = 0;
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Resolves with what a pattern finds, once it was written. */
async function written(pattern: RegExp): Promise<RegExpExecArray> {
  for (;;) {
    const found = pattern.exec(text.join(""));
    if (found) return found;
    await new Promise<void>((resolve) => void heard.push(resolve));
  }
}

/** Runs the pipeline; answers the words of the command that it prints, and how it ends. */
async function begin(...more: string[]) {
  const ended = dispatch(["run", dir, ...more]);
  const [, command = "", executionId = ""] = [
    ...(await written(/Ask\/Human waits for an approval\. In another terminal: penstock (approve \S+ --url \S+)/)),
    (await written(/execution ([0-9a-f-]{36}) of pipeline ask started/))[1],
  ];
  return { ended, words: command.split(" "), executionId };
}

test("a run says that it waits and how to approve; the command that it prints lets it succeed", async () => {
  const { ended, words } = await begin();
  expect(text.join("")).toContain("waits for an approval: Ship it?");
  expect(await dispatch([...words, "--summary", "yes"])).toBe(0);
  expect(text.join("")).toContain("Ask/Human of ask: Approved\n");
  expect(await ended).toBe(0);
});

test("with --reject it fails, and the run says who rejected it, and why", async () => {
  const { ended, words } = await begin();
  expect(await dispatch([...words, "--reject", "--summary", "not today"])).toBe(0);
  expect(await ended).toBe(1);
  expect(text.join("")).toContain("Ask/Human failed: JobFailed: Rejected by arn:aws:iam::000000000000:root: not today");
});

test("why tells that it waits, until when, and the command", async () => {
  const { ended, words, executionId } = await begin();
  const [, token = "", ...url] = words;
  expect(await dispatch(["why", executionId, ...url])).toBe(0);
  expect(text.join("")).toContain("Ask/Human waiting\n  The action waits for an approval; without one it fails in 16");
  expect(text.join("")).toContain(`  penstock approve ${token}, with --reject to say no`);
  expect(await dispatch([...words, "--summary", "yes"])).toBe(0);
  expect(await ended).toBe(0);
});

test("an unknown token, a missing summary and a second decision are told", async () => {
  const { ended, words } = await begin("--data", join(dir, "kept"));
  const url = words.slice(2);
  expect(await dispatch(["approve", "nothing", ...url])).toBe(2);
  expect(text.join("")).toContain("no approval has the token nothing");
  expect(await dispatch(words)).toBe(2);
  expect(text.join("")).toContain("Ask/Human of ask needs a summary: give one with --summary.");
  expect(await dispatch([...words, "--summary", "yes"])).toBe(0);
  await ended;
  const server = await startServer({ dataDir: join(dir, "kept"), timing: "fast" });
  try {
    expect(await dispatch([...words.slice(0, 2), "--url", server.url, "--summary", "no"])).toBe(2);
    expect(text.join("")).toContain("Ask/Human of ask has been approved or rejected already.");
  } finally {
    await server.stop();
  }
});

test("check has nothing to say against an approval", async () => {
  await dispatch(["check", dir]);
  expect(text.join("")).toContain("Ask/Human  fine");
});
