/*
 * The test kit as its users have it: installed by npm with `penstock`, in a project of theirs, under each test runner.
 */

import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Registry, startRegistry } from "../../../tools/testing/registry.ts";
import { NODE_PACKAGE } from "../../cli/bin/node24.mjs";
import { exampleProject } from "./example-project.ts";
import { findNode } from "./installed.ts";

const MODULES = fileURLToPath(new URL("../../../node_modules/", import.meta.url));
const JEST = fileURLToPath(new URL("../../../.tools/jest/node_modules/jest/bin/jest.js", import.meta.url));
const run = promisify(execFile);

let registry: Registry;
let folder = "";
beforeAll(async () => {
  registry = await startRegistry();
  folder = mkdtempSync(join(tmpdir(), "penstock-runners-"));
  writeFileSync(join(folder, "package.json"), "{}");
  const options = { cwd: folder, env: registry.environment };
  await run("npm", ["install", "--save-dev", "penstock", "@penstock/toolkit"], options);
  cpSync(exampleProject(), join(folder, "project"), { recursive: true });
}, 120_000);
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** Everything that the kit gives, with assertions that every runner takes. */
const BODY = `
const handler = defineJob({
  resumable: true,
  async run(job) {
    const words = (await job.input("Texts").text("a.txt")).split(" ");
    for (let next = job.continuation?.next ?? 0; next < words.length; next += 1) await job.save({ next: next + 1 });
    await job.output("Counts").addText("count.txt", String(words.length));
    return job.succeed({ variables: { Words: String(words.length) } });
  },
});

test("a job in memory: a folder as artifact, a deadline, and what was reported", async () => {
  const options = { inputs: { Texts: "project/texts" }, outputs: ["Counts"] };
  const run = await runJob(handler, options);
  assert.deepEqual(run.reports, [{ status: "Succeeded", variables: { Words: "2" } }]);
  assert.equal(await run.output("Counts").text("count.txt"), "2");
  const first = await runJob(handler, { ...options, deadlineAfterSaves: 1 });
  assert.deepEqual(first.state, { next: 1 });
  assert.equal((await first.next()).report.status, "Succeeded");
});

test("a whole Penstock: a pipeline, its waits, and the clock", async () => {
  const penstock = await startPenstock({ project: "project" });
  try {
    const execution = await penstock.start("count-words");
    assert.equal((await execution.nextJob("Count")).number, 1);
    const settled = await execution.settled();
    assert.equal(settled.status, "Succeeded", penstock.output());
    assert.equal(settled.action("Build/Count").outputVariables.Words, "2");
    const before = await penstock.clock.now();
    await penstock.clock.advance("1h");
    assert.ok((await penstock.clock.now()) >= before + 3_600_000);
  } finally {
    await penstock.stop();
  }
}, 30000);
`;

const IMPORTS = `
import assert from "node:assert/strict";
import { defineJob } from "@penstock/toolkit";
import { runJob, startPenstock } from "@penstock/toolkit/testing";
`;
const REQUIRES = `
const assert = require("node:assert/strict");
const { defineJob } = require("@penstock/toolkit");
const { runJob, startPenstock } = require("@penstock/toolkit/testing");
`;
/** node:test takes what is around a test before the test itself. */
const NODE_BODY = BODY.replace("}, 30000);", "});");

const NODE_TESTS = [
  ["kit.test.mjs", `import { test } from "node:test";${IMPORTS}${NODE_BODY}`],
  ["kit.test.cjs", `const { test } = require("node:test");${REQUIRES}${NODE_BODY}`],
] as const;

test.each(NODE_TESTS)("node:test runs %s", async (file, text) => {
  expect(await ran(process.execPath, ["--test", file], file, text)).toMatch(/^# pass 2$|^ℹ pass 2$/m);
});

// Node 20 is not on every machine.
test.skipIf(!findNode(20)).each(NODE_TESTS)(
  "node:test of Node 20 runs %s, with the Node 24 that npm installed for Penstock",
  async (file, text) => {
    putNodePackage();
    expect(await ran(findNode(20) ?? "", ["--test", file], file, text)).toMatch(/^# pass 2$|^ℹ pass 2$/m);
  },
);

// Set-up brings jest, if the network lets it.
test.skipIf(!existsSync(JEST))("jest runs it, as CommonJS", async () => {
  const jest = [JEST, "--rootDir", folder, "jest/"];
  expect(await ran(process.execPath, jest, "jest/kit.test.js", REQUIRES + BODY)).toContain("Tests:       2 passed");
});

// As above.
test.skipIf(!existsSync(JEST))("jest runs it, as ES modules", async () => {
  const jest = ["--experimental-vm-modules", JEST, "--rootDir", folder, "--testMatch", "**/jest/*.mjs"];
  expect(await ran(process.execPath, jest, "jest/kit.test.mjs", IMPORTS + BODY)).toContain("Tests:       2 passed");
});

test("vitest runs it", async () => {
  link("vitest");
  const vitest = [join(MODULES, "vitest/vitest.mjs"), "run", "--root", folder, "vitest/"];
  const text = `import { test } from "vitest";${IMPORTS}${BODY}`;
  expect(await ran(process.execPath, vitest, "vitest/kit.test.mjs", text)).toMatch(/Tests {2}2 passed/);
});

test("a project without penstock is told what to install", async () => {
  const place = join(folder, "node_modules", "penstock");
  const text = `import { startPenstock } from "@penstock/toolkit/testing"; await startPenstock();\n`;
  rmSync(place, { recursive: true });
  await expect(ran(process.execPath, ["alone.mjs"], "alone.mjs", text)).rejects.toThrow(
    "startPenstock() needs the package penstock, which is not installed in",
  );
});

/** Writes a test and runs it; answers all that was printed. */
async function ran(program: string, args: readonly string[], file: string, text: string): Promise<string> {
  mkdirSync(join(folder, file, ".."), { recursive: true });
  writeFileSync(join(folder, file), text);
  const { stdout, stderr } = await run(program, args, { cwd: folder, env: { ...registry.environment, NO_COLOR: "1" } });
  return stdout + stderr;
}

function link(name: string): void {
  if (!existsSync(join(folder, "node_modules", name)))
    symlinkSync(join(MODULES, name), join(folder, "node_modules", name));
}

/** What npm makes of the package that brings Node: this one. */
function putNodePackage(): void {
  const place = join(folder, "node_modules", NODE_PACKAGE);
  if (existsSync(place)) return;
  mkdirSync(join(place, "bin"), { recursive: true });
  writeFileSync(join(place, "package.json"), JSON.stringify({ version: process.versions.node }));
  symlinkSync(process.execPath, join(place, "bin", "node"));
}
