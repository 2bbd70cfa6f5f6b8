/**
 * Does what every page says, in a folder of its own, and compares what it shows with what is printed.
 *
 * `DOCS_UPDATE=1 npx vitest run docs` writes the outputs of this run into the pages where they differ, cut as those were;
 * `DOCS_UPDATE=all` writes all of them anew.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { type Registry, startRegistry } from "../tools/testing/registry.ts";
import { cutAs, isSame, masked } from "./testing/masks.ts";
import { type Block, readPage, withOutputs } from "./testing/page.ts";
import { type Done, runPage } from "./testing/session.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const PAGES = [
  "README.md",
  ...["docs", "docs/guides"].flatMap((folder) =>
    readdirSync(ROOT + folder)
      .filter((name) => name.endsWith(".md"))
      .map((name) => `${folder}/${name}`),
  ),
];

/** What the reader of a page has in the folder; of the others, nothing. */
const AT_HAND: Readonly<Record<string, readonly string[]>> = {
  "README.md": ["examples"],
  "docs/demo.md": ["examples"],
  "docs/pipeline-file.md": ["examples"],
  "docs/command-line.md": ["examples"],
  "docs/capture.md": ["examples"],
};

/** Where the reader has npm and nothing of Penstock: it is installed by the page itself. */
const FROM_NOTHING = [
  "docs/guides/first-function.md",
  "docs/guides/testing.md",
  "docs/guides/moving-a-boto3-function.md",
];

const UPDATE = process.env["DOCS_UPDATE"];

/** The pages are about the sources as they are. Does nothing after `npm test` has built. */
beforeAll(async () => {
  execFileSync(process.execPath, [`${ROOT}tools/build.mjs`], { stdio: "inherit" });
  registry = await startRegistry();
});
afterAll(() => registry[Symbol.asyncDispose]());
let registry: Registry;

test("there are pages to try", () => {
  expect(PAGES.length).toBeGreaterThanOrEqual(8);
});

test.each(PAGES)("every block of %s says how it is tried", (page) => {
  const unknown = readPage(read(page)).flatMap((block) =>
    block.type === "unknown" ? [`${page}:${block.line} ${block.info}`] : [],
  );
  expect(unknown).toEqual([]);
});

test.each(PAGES)("what %s shows of JSON and YAML can be read", (page) => {
  for (const block of readPage(read(page))) {
    if (block.type !== "data" && block.type !== "file") continue;
    if (block.language === "json") JSON.parse(block.text);
    if (block.language === "yaml") parse(block.text, { strict: true });
  }
});

test.concurrent.each(PAGES)("%s is true: its commands print what it shows", { timeout: 120_000 }, async (page) => {
  const text = read(page);
  const blocks = readPage(text);
  if (!blocks.some(({ type }) => type === "console" || type === "commands")) return;
  const start = FROM_NOTHING.includes(page) ? { registry } : { files: AT_HAND[page] ?? [] };
  const done = new Map((await runPage(blocks, start)).map((one) => [one.line, one]));
  for (const block of blocks) expectDone(block, page, done);
  if (UPDATE) writeFileSync(ROOT + page, withOutputs(text, differing(blocks, done)));
  else for (const block of blocks) expectPrinted(block, page, done);
});

function read(page: string): string {
  return readFileSync(ROOT + page, "utf8");
}

function differing(blocks: readonly Block[], done: ReadonlyMap<number, Done>): Map<number, readonly string[]> {
  const shown = blocks.flatMap((block) => (block.type === "console" ? block.exchanges : []));
  return new Map(
    shown.flatMap(({ line, output }) => {
      const printed = done.get(line)?.output;
      return printed && (UPDATE === "all" || !isSame(output, printed)) ? [[line, cutAs(output, printed)] as const] : [];
    }),
  );
}

function expectDone(block: Block, page: string, done: ReadonlyMap<number, Done>): void {
  if (block.type !== "commands" && block.type !== "file") return;
  const { status, output } = done.get(block.line) ?? NOT_DONE;
  expect(status, `${page}:${block.line}\n${output.join("\n")}`).toBe(0);
}

function expectPrinted(block: Block, page: string, done: ReadonlyMap<number, Done>): void {
  if (block.type !== "console") return;
  for (const { line, command, output } of block.exchanges) {
    const printed = (done.get(line) ?? NOT_DONE).output;
    if (!isSame(output, printed)) expect(masked(printed), `${page}:${line} ${command}`).toEqual(masked(output));
  }
}

/** For what the shell did not come to. */
const NOT_DONE: Done = { line: 0, output: ["(the shell did not come to this command)"], status: -1 };
