/** Holds the table of causes to what the diagnosis can say. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CAUSES } from "../packages/server/src/why/diagnosis.ts";
import { ROOT } from "../tools/tracked-files.ts";

const page = readFileSync(`${ROOT}docs/troubleshooting.md`, "utf8");

/** Files whose tests make causes happen, with functions and people that are real. */
const REAL = [
  "packages/server/src/why/causes.test.ts",
  "packages/server/src/why/causes-in-time.test.ts",
  "packages/server/src/why/other-actions.test.ts",
  "packages/server/src/why/worker-causes.test.ts",
];

test("a test makes every cause happen for real", () => {
  const tests = REAL.map((name) => readFileSync(ROOT + name, "utf8")).join("");
  expect(CAUSES.filter((cause) => !tests.includes(`"${cause}"`))).toEqual([]);
});

test("the page tells every cause, in the order in which one is the root of another, and no other", () => {
  const section = page.split(/^## /m).find((text) => text.startsWith("Causes and remedies\n")) ?? "";
  const cells = [...section.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell = ""]) => cell);
  const causes = cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name));
  expect(causes).toEqual(CAUSES);
});
