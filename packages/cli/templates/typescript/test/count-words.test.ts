import assert from "node:assert/strict";
import { test } from "node:test";
import { runJob, startPenstock } from "@penstock/toolkit/testing";
import { handler } from "../src/count-words.ts";

test("the words of every text are counted", async () => {
  const texts = { "a.txt": "one two", "b.txt": "three\n", "c.png": "not a text" };
  const run = await runJob(handler, { inputs: { Texts: texts }, outputs: ["Counts"] });
  assert.deepEqual(run.report, { status: "Succeeded", variables: { Words: "3" } });
  assert.deepEqual(await run.output("Counts").json("counts.json"), { "a.txt": 2, "b.txt": 1 });
});

test("an artifact without a text fails the action", async () => {
  const { report } = await runJob(handler, { inputs: { Texts: {} }, outputs: ["Counts"] });
  assert.equal(report.status, "Failed");
});

test("the pipeline succeeds with the texts of this folder", async () => {
  await using penstock = await startPenstock({ project: "." });
  const execution = await penstock.start("count-words");
  const settled = await execution.settled();
  assert.equal(settled.status, "Succeeded", penstock.output());
  assert.equal(settled.action("Count").outputVariables["Words"], "22");
});
