import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { remarks } from "./tidy-rules.ts";
import { ROOT, trackedFiles } from "./tracked-files.ts";

/** Files that may break a rule, each with the reason. */
const EXCEPTIONS: readonly (readonly [file: string, rule: string, reason: string])[] = [
  ["vitest.config.ts", "default export", "vitest reads its configuration from one"],
  ["tools/closing-line-reporter.ts", "default export", "vitest loads a reporter from one"],
  ["tools/tidy-rules.ts", "leftover", "names what it looks for"],
  ["tools/tidy-rules.ts", "as any", "names what it looks for"],
  ["tools/tidy.test.ts", "*", "shows every rule what it looks for"],
];

/** Only its own rule looks into the lock: its checksums can spell anything. */
const LOCK = "package-lock.json";

test("no tracked file has leftovers, traces of a machine, names that say nothing, or too many lines", () => {
  const files = trackedFiles().filter((path) => path !== LOCK);
  expect(files.length).toBeGreaterThan(50);
  const found = files.flatMap((path) => {
    const content = readFileSync(ROOT + path);
    if (content.includes(0)) return []; // Not a text.
    return remarks(path, content.toString("utf8"))
      .filter(({ rule }) => !isExcepted(path, rule))
      .map(({ rule, line }) => `${path}${line ? `:${line}` : ""} ${rule}`);
  });
  expect(found).toEqual([]);
});

test("the lock names packages, not the place that they were fetched from", () => {
  const lock = readFileSync(ROOT + LOCK, "utf8");
  expect(lock).toContain('"lockfileVersion": 3');
  expect(lock).not.toMatch(/"resolved": "[a-z+]+:/);
});

test("every exception is still needed", () => {
  const unneeded = EXCEPTIONS.filter(([path, rule]) => {
    const found = remarks(path, readFileSync(ROOT + path, "utf8"));
    return !found.some((remark) => rule === "*" || remark.rule === rule);
  });
  expect(unneeded).toEqual([]);
});

const lines = (count: number) => "    a();\n".repeat(count);

test.each([
  ["leftover", "a.md", "TODO: later\n"],
  ["leftover", "a.py", "# FIXME\n"],
  ["as any", "a.ts", "f(x as any);\n"],
  ["ts-ignore", "a.ts", "// @ts-ignore: for a reason\n"],
  ["ts-expect-error without a reason", "a.ts", "// @ts-expect-error\n"],
  ["biome-ignore without a reason", "a.ts", "// biome-ignore lint/suspicious/noConsole:\n"],
  ["only", "a.test.ts", 'test.only("a", a);\n'],
  ["skip without a reason", "a.test.ts", 'describe.skip("a", a);\n'],
  ["skip without a reason", "a.test.ts", 'test.concurrent.skipIf(slow)("a", a);\n'],
  ["default export", "a.ts", "export default a;\n"],
  ["path of one machine", "a.json", '{ "a": "/work/main" }\n'],
  ["path of one machine", "a.md", "see /home/ann/notes\n"],
  ["path of one machine", "a.py", "open('/root/.aws')\n"],
  ["registry host", "a.npmrc", "https://registry.npmjs.org/\n"],
  ["registry host", "a.sh", "curl https://pypi.org/simple\n"],
  ["no newline at the end", "a.ts", "a();"],
  ["name that says nothing", "src/utils.ts", "a();\n"],
  ["name that says nothing", "src/helpers/a.ts", "a();\n"],
  ["name that says nothing", "src/types.test.ts", "a();\n"],
  ["file over 400 lines", "a.ts", "a();\n".repeat(401)],
  ["function over 70 lines", "a.ts", `export async function f(\n  a: A,\n): Promise<void> {\n${lines(69)}}\n`],
  ["function over 70 lines", "a.ts", `export const f = async (a: A) => {\n${lines(70)}};\n`],
  ["function over 70 lines", "a.ts", `const o = {\n  async run(input, { now }) {\n${lines(70)}  },\n};\n`],
  ["function over 70 lines", "a.py", `def f(\n    a,\n):\n${lines(70)}\ng()\n`],
])("it sees: %s, in %s", (rule, path, text) => {
  expect(remarks(path, text).map((remark) => remark.rule)).toEqual([rule]);
});

test.each([
  ["prose", "a.ts", "// It is as good as any other.\n"],
  ["short functions of one expression", "a.ts", "export const f = (a: A) =>\n  new B(a);\n\n".repeat(50)],
  ["an error that is expected, with its reason", "a.test.ts", "// @ts-expect-error: the name is missing on purpose\n"],
  ["a skip with its reason", "a.test.ts", '// There is no PostgreSQL on every machine.\ntest.skipIf(none)("a", a);\n'],
  ["a function of 70 lines", "a.ts", `function f() {\n${lines(68)}}\nfunction g() {\n${lines(60)}}\n`],
  ["many small functions in one", "a.ts", `function f() {\n${`  const g = () => {\n${lines(8)}  };\n`.repeat(9)}}\n`],
  ["a long suite of short tests", "a.test.ts", `describe("a", () => {\n${'  test("b", () => {});\n'.repeat(90)}});\n`],
  ["a long list", "a.ts", `const list = [\n${"  1,\n".repeat(90)}];\n`],
  ["a long generated file", "a.generated.ts", "a();\n".repeat(1000)],
  ["an operation that is named so", "list-action-types.ts", "a();\n"],
  ["a path of the web", "a.ts", 'get("https://example.com/root/a");\nget("./home/index.html");\n'],
  ["an empty file", "a.py", ""],
])("it lets pass: %s", (_, path, text) => {
  expect(remarks(path, text)).toEqual([]);
});

function isExcepted(path: string, rule: string): boolean {
  return EXCEPTIONS.some(([file, excepted]) => file === path && (excepted === "*" || excepted === rule));
}
