import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, expect, test } from "vitest";
import { WAYS } from "../src/ways-to-end.scripted.ts";
import { findNode } from "./installed.ts";

/* The ways to end once more, in memory, under the oldest Node that the library runs on. */

const SOURCES = fileURLToPath(new URL("../src/", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "penstock-node-20-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Runs every way, and prints how its last job ended. */
const PROGRAM = `
import { handler, parametersOf, plain, WAYS } from "${SOURCES}ways-to-end.scripted.ts";
import { runJob } from "${SOURCES}testing/testing.ts";
const ends = {};
for (const [way, { isLate, isPlain }] of Object.entries(WAYS)) {
  const inputs = { Source: { "readme.txt": "hello\\n" } };
  const options = { parameters: parametersOf(way), inputs, outputs: ["Report"], ...(isLate && { deadlineMs: 5 }) };
  let run = await runJob(isPlain ? plain : handler, options);
  if (run.report.status === "Continued") run = await run.next();
  ends[way] = [run.report.status, run.report.type ?? "", run.reports.length];
}
console.log(JSON.stringify([process.versions.node.split(".")[0], ends]));
`;

const node = findNode(20) ?? "";

// Node 20 is not on every machine.
test.skipIf(node === "")("every way to end has one report, of its type", async () => {
  const { outputFiles } = await build({
    stdin: { contents: PROGRAM, resolveDir: SOURCES },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    external: ["@aws-sdk/*"],
  });
  const file = join(scratch, "ways.mjs");
  writeFileSync(file, outputFiles[0]?.contents ?? "");
  const printed = execFileSync(node, [file], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  expect(JSON.parse(printed)).toEqual([
    "20",
    Object.fromEntries(Object.entries(WAYS).map(([way, { report }]) => [way, endOf(report)])),
  ]);
});

/** How the last job of a way ends: `Continued …, Succeeded` is a success. */
function endOf(report: string): readonly [status: string, type: string, reportsCount: number] {
  const [, type = ""] = /^Failed (\w+):/.exec(report) ?? [];
  return [type === "" ? "Succeeded" : "Failed", type, 1];
}
