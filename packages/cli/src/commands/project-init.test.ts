/** Projects of `penstock init`, used at once as their first reader would: installed from a registry, tested, invoked. */
import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Registry, startRegistry } from "../../../../tools/testing/registry.ts";
import { notedPython } from "../../bin/node24.mjs";
import { dispatch } from "../dispatch.ts";
import { inTheWay, writeFiles } from "../scaffold/write-files.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

let registry: Registry;
let folder = "";
/** The program as it is installed. */
let penstock = "";
beforeAll(async () => {
  registry = await startRegistry();
  folder = mkdtempSync(join(tmpdir(), "penstock-init-"));
  await run("npm", ["install", "--prefix", join(folder, "tool"), "penstock"], { env: registry.environment });
  penstock = join(folder, "tool", "node_modules", "penstock", "bin", "penstock.mjs");
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** What a shell has in which a person works with npm and a Python that has boto3. */
function shell(): NodeJS.ProcessEnv {
  const programs = join(folder, "programs");
  const python = notedPython(ROOT);
  if (python && !existsSync(programs)) {
    mkdirSync(programs);
    writeFileSync(join(programs, "python3"), `#!/bin/sh\nexec '${python}' "$@"\n`, { mode: 0o755 });
  }
  return { ...registry.environment, PATH: [programs, registry.environment["PATH"]].join(delimiter) };
}

test.each(["typescript", "javascript", "python"])(
  "a project in %s can be installed, tested and invoked at once",
  { timeout: 120_000 },
  async (language) => {
    const project = join(folder, language);
    const { stdout: written } = await run(process.execPath, [penstock, "init", project, "--language", language]);
    expect(written).toMatch(/tests?\/.*count.words/);
    const npm = (...args: readonly string[]) => run("npm", args, { cwd: project, env: shell() });
    await npm("install");
    await npm("test");
    const { stdout } = await npm("run", "invoke");
    expect(stdout).toMatch(/^Succeeded$/m);
    expect(stdout).toMatch(/count-words {2}Words = 22/);
    const { stdout: checked } = await npm("exec", "penstock", "--", "check", ".");
    expect(checked).not.toMatch(/error/i);
  },
);

test("the types of the TypeScript project are right", async () => {
  const project = join(folder, "typescript");
  symlinkSync(join(ROOT, "node_modules", "@types"), join(project, "node_modules", "@types"));
  symlinkSync(join(ROOT, "node_modules", "undici-types"), join(project, "node_modules", "undici-types"));
  const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  expect(await run(process.execPath, [compiler, "-p", project])).toMatchObject({ stdout: "" });
});

test("files in the way are named, and nothing is written", async () => {
  const project = join(folder, "mine");
  mkdirSync(project);
  writeFileSync(join(project, "README.md"), "mine");
  writeFileSync(join(project, "src"), "a file where a folder is needed");
  symlinkSync("nowhere", join(project, "pipeline.json"));
  expect(await dispatch(["init", project])).toBe(2);
  expect(inTheWay(project, [{ path: "src/a.ts", text: "" }])).toEqual(["src"]);
  expect(readdirSync(project).sort()).toEqual(["README.md", "pipeline.json", "src"]);
  expect(readFileSync(join(project, "README.md"), "utf8")).toBe("mine");
});

test("a project that cannot be written to its end leaves nothing", () => {
  const project = join(folder, "half");
  const files = ["a/b/c.txt", "a/d.txt", `${"x".repeat(300)}.txt`].map((path) => ({ path, text: "text" }));
  expect(() => writeFiles(project, files)).toThrow("ENAMETOOLONG");
  expect(existsSync(project)).toBe(false);
});

test("an unknown language and a file as the folder are refused", async () => {
  expect(await dispatch(["init", join(folder, "x"), "--language", "typescrip"])).toBe(2);
  expect(await dispatch(["init", fileURLToPath(import.meta.url)])).toBe(2);
  expect(existsSync(join(folder, "x"))).toBe(false);
});
