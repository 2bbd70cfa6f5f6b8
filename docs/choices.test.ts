import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ROOT, trackedFiles } from "../tools/tracked-files.ts";

const page = readFileSync(`${ROOT}docs/choices.md`, "utf8");
const SOURCE = /^packages\/(\w+)\/src\/(.+)$/;

/** Sources that say that something is our choice, as the page names them. */
const choosing = trackedFiles().flatMap((path) => {
  const [, name = "", place = ""] = SOURCE.exec(path) ?? [];
  if (place === "" || path.endsWith(".test.ts")) return [];
  return /our choice/i.test(readFileSync(ROOT + path, "utf8")) ? [`${name} \`${place}\``] : [];
});

test("every source with a choice of ours is on the page", () => {
  expect(choosing.length).toBeGreaterThan(20);
  expect(choosing.filter((source) => !page.includes(source))).toEqual([]);
});

test("every source on the page has a choice of ours", () => {
  const named = [...page.matchAll(/\b(pipeline|server|cli|toolkit) `[^`]+\.(?:ts|mjs|py)`/g)].map(([source]) => source);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((source) => !choosing.includes(source))).toEqual([]);
});
