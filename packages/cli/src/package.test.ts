/** The package as its users get it: packed, installed into an empty folder elsewhere, run from there. */
import { execFile, execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Registry, startRegistry } from "../../../tools/testing/registry.ts";
import { isNewEnough, NODE_PACKAGE, notedPython } from "../bin/node24.mjs";

const run = promisify(execFile);

const ROOT = new URL("../../../", import.meta.url);

/** The first Node on PATH that is too old for Penstock. */
const OLDER_NODE = (process.env["PATH"] ?? "")
  .split(delimiter)
  .map((dir) => join(dir, "node"))
  .find(
    (node) =>
      existsSync(node) && !isNewEnough(execFileSync(node, ["-p", "process.versions.node"], { encoding: "utf8" })),
  );

/** Of the packed files, unpacked. Source: our choice, twice what it takes today. */
const PACKAGE_BYTES_MAX = 4_000_000;

let registry: Registry;
let folder = "";
beforeAll(async () => {
  registry = await startRegistry();
  folder = mkdtempSync(join(tmpdir(), "penstock-package-"));
  writeFileSync(join(folder, "package.json"), "{}");
  await run("npm", ["install", "--save-dev", "penstock"], { cwd: folder, env: registry.environment });
}, 120_000);
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

test("it brings nothing along, and is small", () => {
  expect(readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."))).toEqual(["penstock"]);
  const files = readdirSync(join(folder, "node_modules"), { recursive: true, encoding: "utf8" });
  // Node does not run TypeScript below node_modules; what init writes is only copied from there.
  expect(files.filter((name) => /\.(ts|map)$/.test(name) && !name.includes("/templates/"))).toEqual([]);
  const sizes = files.map((name) => statSync(join(folder, "node_modules", name)).size);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(PACKAGE_BYTES_MAX);
});

test("it carries its licence and those of the packages in it", () => {
  const dist = join(folder, "node_modules", "penstock", "dist");
  expect(readFileSync(join(dist, "LICENSE"), "utf8")).toContain("Apache License");
  expect(readFileSync(join(dist, "THIRD-PARTY.txt"), "utf8")).toMatch(/^yaml 2[\s\S]*Eemeli Aro/m);
});

test("penstock invoke runs a function outside the repository", async () => {
  writeFileSync(join(folder, "index.mjs"), "export const handler = (event) => { throw new Error('on purpose'); };\n");
  const ended = await run("npx", ["penstock", "invoke", "index.handler"], {
    cwd: folder,
    env: registry.environment,
  }).catch((error: unknown) => error);
  expect(ended).toMatchObject({ code: 1, stdout: expect.stringContaining("The function raised Error: on purpose") });
});

test("it runs functions in Python too, and schemas are where editors look", async () => {
  const handler = fileURLToPath(new URL("examples/invoke-lambda/lambda_function.lambda_handler", ROOT));
  const python = notedPython(fileURLToPath(ROOT));
  const env = { ...registry.environment, ...(python ? { PENSTOCK_PYTHON: python } : {}) };
  const { stdout } = await run("npx", ["penstock", "invoke", handler], { cwd: folder, env });
  expect(stdout).toMatch(/^Succeeded$/m);
  const schema = join(folder, "node_modules", "penstock", "schema", "penstock.schema.json");
  expect(JSON.parse(readFileSync(schema, "utf8"))).toHaveProperty("properties.functions");
});

// Only a machine that has an older Node beside this one can tell.
test.skipIf(!OLDER_NODE)("an older Node hands over to one that npm installed, else says which to install", async () => {
  const node = OLDER_NODE ?? "";
  const bin = join(folder, "node_modules", "penstock", "bin", "penstock.mjs");
  const without = await run(node, [bin, "--version"]).catch((error: unknown) => error);
  expect(without).toMatchObject({
    code: 3,
    stderr: expect.stringContaining(`npm install --save-dev ${NODE_PACKAGE}@24`),
  });
  const place = join(folder, "node_modules", NODE_PACKAGE);
  mkdirSync(join(place, "bin"), { recursive: true });
  writeFileSync(join(place, "package.json"), JSON.stringify({ version: process.versions.node }));
  symlinkSync(process.execPath, join(place, "bin", "node"));
  expect((await run(node, [bin, "--version"])).stdout).toMatch(/^penstock \d/);
});
