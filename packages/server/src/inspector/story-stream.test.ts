import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StoryEntry } from "../story.ts";
import { type Ground, get, startGround } from "../why/testing/ground.ts";
import { without } from "./story-stream.ts";

let ground: Ground;
beforeAll(async () => {
  ground = await startGround();
});
afterAll(() => ground.stop());

const CODE = `export const handler = () => { for (let line = 1; line <= 30; line += 1) console.log("line " + line); };`;

/** Reads the story until it ends. */
async function storyOf(executionId: string): Promise<readonly StoryEntry[]> {
  const response = await fetch(`${ground.server.url}/_penstock/executions/${executionId}/story`);
  const entries: StoryEntry[] = [];
  if (!response.body) return entries;
  for await (const line of createInterface({ input: Readable.fromWeb(response.body as never) })) {
    entries.push(JSON.parse(line) as StoryEntry); // the server wrote it
  }
  return entries;
}

test("whoever asks early and whoever asks late gets the same whole story, each entry once", async () => {
  const executionId = await ground.start({ name: "talking", code: CODE });
  const early = await storyOf(executionId);
  const late = await storyOf(executionId);
  expect(early.filter(({ type }) => type === "executionFinished")).toHaveLength(1);
  expect(early.filter((entry) => entry.type === "logLine" && /line \d+$/.test(entry.line))).toHaveLength(30);
  const sorted = (entries: readonly StoryEntry[]) => entries.map((entry) => JSON.stringify(entry)).sort();
  expect(sorted(early)).toEqual(sorted(late));
  const { timeline } = await get(ground.server, `executions/${executionId}`);
  expect(sorted(late)).toEqual(sorted(timeline as unknown as StoryEntry[]));
});

test("what was told while the kept entries were read is told once, and two that are alike are told twice", () => {
  const line = (text: string): StoryEntry => ({
    ...{ type: "logLine", at: 1, pipeline: "p", executionId: "e", requestId: "r" },
    line: text,
  });
  const [a, b, c] = [line("a"), line("b"), line("c")];
  expect(without([b, c], [a, b])).toEqual([c]);
  expect(without([b, b], [a, b])).toEqual([b]);
  expect(without([a, c], [])).toEqual([a, c]);
});

test("there is no story of an execution that is not there", async () => {
  const response = await fetch(`${ground.server.url}/_penstock/executions/none/story`);
  expect(response.status).toBe(404);
});

test("a client learns account, region and timing", async () => {
  const response = await fetch(`${ground.server.url}/_penstock/server`);
  expect(await response.json()).toEqual({ account: "000000000000", region: "us-east-1", timing: "fast" });
});
