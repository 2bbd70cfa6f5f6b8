import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Documented, documentedOf, examplesOf, lacks, pageOf } from "./documented.ts";
import { examplesModule, runExample } from "./examples.ts";
import { COMPILER } from "./installed.ts";
import { ENTRIES, readApi } from "./public-api.ts";
import { referencePage } from "./reference-page.ts";
import { waysPage } from "./ways-page.ts";

/*
 * What users see is held equal to the sources. After a change that is meant, `node
 * packages/toolkit/published/write-published.ts` writes it anew, and the difference is for review.
 */

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string) => readFileSync(ROOT + path, "utf8");

execFileSync(process.execPath, [`${ROOT}tools/build-toolkit.mjs`]);
const entries = ENTRIES.map((entry) => {
  const api = readApi(entry);
  return { ...entry, entry, api, symbols: documentedOf(api) };
});

describe.each(entries)("of $specifier,", ({ name, entry, api, symbols }) => {
  test("the public API is the one that was reviewed", () => {
    expect(api.report).toBe(read(`packages/toolkit/api/${name}.api.md`));
  });

  test("the reference says what the doc comments say", () => {
    expect(referencePage(entry, symbols)).toBe(read(pageOf(entry)));
  });

  test("every symbol and member says what it is, calls tell their errors, numbers their unit, symbols have examples", () => {
    expect(symbols.length).toBeGreaterThan(5);
    expect([...api.complaints, ...symbols.flatMap((symbol) => lacks(symbol))]).toEqual([]);
  });
});

test("the page about the ways to end says what the tests drive", () => {
  expect(waysPage()).toBe(read("docs/ways-to-end.md"));
});

const examples = new Map(entries.flatMap(({ symbols }) => [...examplesOf(symbols)]));

describe("an example", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penstock-examples-"));
  const file = join(scratch, "examples.mts");
  beforeAll(() => writeFileSync(file, examplesModule(ROOT, examples)));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  test("compiles as it stands", () => {
    const options = {
      noImplicitReturns: false,
      noUnusedLocals: false,
      noUnusedParameters: false,
      typeRoots: [`${ROOT}node_modules/@types`],
    };
    const configuration = { extends: `${ROOT}tsconfig.json`, compilerOptions: options, include: [], files: [file] };
    writeFileSync(join(scratch, "tsconfig.json"), JSON.stringify(configuration));
    expect(compiled(join(scratch, "tsconfig.json"))).toBe("");
  });

  test.each([...examples].map(([place, code]) => ({ place, code })))(
    "of $place does what it says",
    async ({ place, code }) => {
      await runExample(file, place, code);
    },
  );
});

function compiled(configuration: string): string {
  try {
    return execFileSync(process.execPath, [COMPILER, "-p", configuration], { encoding: "utf8" });
  } catch (error) {
    return (error as { stdout: string }).stdout; // as execFileSync documents it
  }
}

const symbol: Documented = {
  name: "cost",
  kind: "Function",
  signature: "function cost(): number",
  text: "",
  examples: [],
  members: [],
};

test("what documentation lacks is seen", () => {
  expect(lacks(symbol)).toEqual([
    "cost says nothing",
    "cost has no example",
    "cost does not tell its errors",
    "cost has no unit",
  ]);
  const limit = {
    ...symbol,
    name: "max",
    kind: "PropertySignature",
    signature: "readonly max?: number",
    text: "The most.",
  };
  const owner = { ...symbol, kind: "Interface", signature: "interface cost", text: "Costs.", examples: ["cost();"] };
  expect(lacks({ ...owner, members: [limit] })).toEqual(["cost.max has no unit"]);
});
