/* What goes into a zip, when two zips are equal, and what is refused. */

import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { WORKSPACE } from "../../../../conformance/server.ts";
import { extractZip, listZip } from "../../../server/src/index.ts";
import { type PackageOptions, packageFunction } from "./package-function.ts";

function folder(): string {
  return mkdtempSync(join(tmpdir(), "penstock-package-"));
}

/** A folder with these files, and with the workspace's packages at hand. */
function project(files: Readonly<Record<string, string>>, depth = ""): string {
  const root = folder();
  const code = join(root, depth);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(code, name, ".."), { recursive: true });
    writeFileSync(join(code, name), text);
  }
  symlinkSync(join(WORKSPACE, "node_modules"), join(root, "node_modules"));
  return code;
}

async function packaged(
  code: string,
  handler: string,
  more: Partial<PackageOptions> = {},
  runtime = runtimeOf(handler),
) {
  const out = join(folder(), "out.zip");
  const settings = { environment: {}, timeoutSeconds: 3, memoryMb: 128 };
  const options = { out, external: [], include: [], withSdk: false, minify: false, forS3: false, ...more };
  return packageFunction({ functionName: "fn", declared: { code, handler, runtime, ...settings } }, options);
}

const runtimeOf = (handler: string) => (handler.includes("lambda_handler") ? "python3.13" : "nodejs24.x");

async function pathsIn(zip: string): Promise<readonly string[]> {
  return (await listZip(zip)).map(({ path }) => path);
}

/** Unpacks a zip where packages are at hand, as in the runtime, and calls the handler in it. */
async function called(zip: string, file: string): Promise<unknown> {
  const place = project({});
  await extractZip(zip, join(place, "code"));
  // `require` loads either kind of module.
  const module = createRequire(import.meta.url)(join(place, "code", file)) as { handler: () => unknown }; // as below
  return module.handler();
}

test("the same function gives the same bytes from another folder, at other times and beside packages elsewhere", async () => {
  const original = join(WORKSPACE, "examples/demo/functions/report");
  const first = await packaged(original, "render.handler");
  const copy = join(project({}), "deeper/and/deeper");
  cpSync(original, copy, { recursive: true });
  utimesSync(join(copy, "render.ts"), 1, 1);
  const second = await packaged(copy, "render.handler");
  expect(readFileSync(second.file).equals(readFileSync(first.file))).toBe(true);
});

test("a folder gives the same bytes from another folder and at other times", async () => {
  const files = { "app.py": "def lambda_handler(event, context): pass\n", "sub/data.txt": "x".repeat(9999) };
  const [one, two] = [project(files), project(files, "deeper")];
  utimesSync(join(two, "app.py"), 1, 1);
  const zips = [await packaged(one, "app.lambda_handler"), await packaged(two, "app.lambda_handler")];
  const [first, second] = zips.map(({ file }) => readFileSync(file));
  expect(second?.equals(first ?? Buffer.of())).toBe(true);
});

test("a Python function is its folder without caches, environments and secrets", async () => {
  const code = project({
    "app.py": "def lambda_handler(event, context): pass\n",
    "lib/more.py": "",
    "__pycache__/app.pyc": "",
    ".venv/lib/x.py": "",
    ".env": "SECRET=1",
    ".git/HEAD": "",
  });
  const { file, environment } = await packaged(code, "app.lambda_handler", { out: join(code, "own.zip") });
  expect(await pathsIn(file)).toEqual(["app.py", "lib/more.py"]);
  expect(environment).toEqual({});
  const again = await packaged(code, "app.lambda_handler", { out: join(code, "own.zip") });
  expect(await pathsIn(again.file)).toEqual(["app.py", "lib/more.py"]);
});

test("what requirements.txt names and the folder lacks is told", async () => {
  const code = project({
    "app.py": "def lambda_handler(event, context): pass\n",
    "requirements.txt": "boto3\nPyYAML==6.0\nrequests>=2 # web\n\n# remark\n",
    "requests/__init__.py": "",
  });
  const { notes } = await packaged(code, "app.lambda_handler");
  expect(notes).toEqual([expect.stringMatching(/^requirements\.txt names PyYAML, which the folder does not have/)]);
});

test.each([
  ["app.ts", { "app.ts": "export const handler = () => 1;" }, "nodejs24.x", "app.mjs"],
  ["app.js", { "app.js": "exports.handler = () => 1;" }, "nodejs24.x", "app.js"],
  ["app.mjs", { "app.mjs": "export const handler = () => 1;" }, "nodejs24.x", "app.mjs"],
  ["app.cts", { "app.cts": "exports.handler = () => 1;" }, "nodejs22.x", "app.js"],
  ["an ES module for a runtime that has none", { "app.js": "export const handler = () => 1;" }, "nodejs12.x", "app.js"],
  [
    "a .js in a package of modules",
    { "app.js": "export const handler = () => 1;", "package.json": '{"type":"module"}' },
    "nodejs20.x",
    "app.mjs",
  ],
])("%s becomes what its runtime loads", async (_, files, runtime, expected) => {
  const { file } = await packaged(project(files), "app.handler", {}, runtime);
  expect(await pathsIn(file)).toEqual([expected, `${expected}.map`]);
  expect(await called(file, expected)).toBe(1);
});

test("a handler in a folder stays there", async () => {
  const { file, handler } = await packaged(
    project({ "src/app.ts": "export const handler = () => 1;" }),
    "src/app.handler",
  );
  expect(await pathsIn(file)).toEqual(["src/app.mjs", "src/app.mjs.map"]);
  expect(handler).toBe("src/app.handler");
});

test("a minified function carries less than 25 KB of the toolkit, and nothing that it does not use", async () => {
  const code = project({
    "app.ts": 'import { defineJob } from "@penstock/toolkit"; export const handler = defineJob({ run() {} });',
  });
  const { file } = await packaged(code, "app.handler", { minify: true });
  const [bundle] = (await listZip(file)).filter(({ path }) => path === "app.mjs");
  expect(bundle?.sizeBytes).toBeGreaterThan(20_000); // it is in it
  expect(bundle?.sizeBytes).toBeLessThan(25_000 + 100); // and the line that names its source map
});

test("packages in CommonJS have require and __dirname in an ES module, and a module may have its own", async () => {
  const code = project({
    "app.mjs": `
      import { createRequire } from "node:module";
      import { place } from "./old.cjs";
      const require = createRequire(import.meta.url);
      const __dirname = "mine";
      export const handler = () => [place(), __dirname, require("node:path").sep].join(" ");`,
    "old.cjs": `
      const name = ["node:", "path"].join("");
      exports.place = () => require(name).basename(__dirname);`,
  });
  const { file } = await packaged(code, "app.handler");
  expect(await called(file, "app.mjs")).toBe("code mine /");
});

test.each([
  ["nodejs24.x", "@aws-sdk/client-s3", ["@aws-sdk/client-s3"]],
  ["nodejs16.x", "aws-sdk", ["aws-sdk"]],
])("%s has %s, so it is left out, unless it is asked for", async (runtime, sdk, leftOut) => {
  const code = project({ "app.js": `const sdk = require("${sdk}/package.json"); exports.handler = () => sdk.name;` });
  const without = await packaged(code, "app.handler", {}, runtime);
  expect(without.leftOut).toEqual(leftOut);
  const withIt = await packaged(code, "app.handler", { withSdk: true }, runtime);
  expect(withIt.leftOut).toEqual([]);
});

test("what is in a layer and what is named stays out", async () => {
  const code = project({
    "app.mjs": 'import "/opt/nodejs/extra.mjs"; import "left-here/sub"; export const handler = () => 1;',
  });
  const { leftOut } = await packaged(code, "app.handler", { external: ["left-here"] });
  expect(leftOut).toEqual(["/opt/nodejs/extra.mjs", "left-here"]);
});

test("files that the code reads go with it", async () => {
  const code = project({ "app.mjs": "export const handler = () => 1;", "pages/a.html": "a", "pages/b.html": "b" });
  const { file } = await packaged(code, "app.handler", { include: ["pages"] });
  expect(await pathsIn(file)).toEqual(["app.mjs", "app.mjs.map", "pages/a.html", "pages/b.html"]);
  await expect(packaged(code, "app.handler", { include: ["../out"] })).rejects.toThrow("is not in its code folder");
});

test.each([
  [
    "an import that is not there",
    'import "absent"; export const handler = () => 1;',
    /app\.ts:1: Could not resolve "absent"/,
    /npm install absent/,
  ],
  ["version 2 of the SDK", 'import "aws-sdk2"; export const handler = () => 1;', /aws-sdk2/, /npm install/],
  ["code that cannot be read", "export const handler = (;", /app\.ts:1: Unexpected/, /esbuild's own/],
  [
    "a handler that is not exported",
    "const handler = () => 1; export const other = handler;",
    /app\.ts does not export "handler"/,
    /It exports: other/,
  ],
])("%s is refused", async (_, text, message, remedy) => {
  const refused = packaged(project({ "app.ts": text }), "app.handler");
  await expect(refused).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(message),
    remedy: expect.stringMatching(remedy),
  });
});

test("a zip over 50 MB is refused but for S3, and 250 MB unpacked in any case", async () => {
  const code = project({ "app.py": "def lambda_handler(event, context): pass\n" });
  writeFileSync(join(code, "noise"), randomBytes(51 * 1024 * 1024));
  await expect(packaged(code, "app.lambda_handler")).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/has 51\.0 MB zipped, and Lambda takes 50 MB in a request/),
    remedy: expect.stringMatching(/--s3.*noise \(51\.0 MB\)/s),
  });
  const { sizeBytes } = await packaged(code, "app.lambda_handler", { forS3: true });
  expect(sizeBytes).toBeGreaterThan(50 * 1024 * 1024);
  writeFileSync(join(code, "zeros"), Buffer.alloc(250 * 1024 * 1024));
  await expect(packaged(code, "app.lambda_handler", { forS3: true })).rejects.toMatchObject({
    message: expect.stringMatching(/unzipped, and Lambda takes 250 MB/),
  });
});

test("without esbuild it says how to install it, and packages Python all the same", () => {
  execFileSync(process.execPath, [join(WORKSPACE, "tools/build.mjs")]);
  const alone = join(folder(), "node_modules/penstock");
  for (const name of ["bin", "dist", "package.json"]) {
    cpSync(join(WORKSPACE, "packages/cli", name), join(alone, name), { recursive: true });
  }
  const code = folder();
  writeFileSync(join(code, "app.mjs"), "export const handler = () => 1;\n");
  writeFileSync(join(code, "app2.py"), "def handler(event, context): pass\n");
  const run = (target: string) =>
    spawnSync(process.execPath, [join(alone, "bin/penstock.mjs"), "package", target], { cwd: code, encoding: "utf8" });
  const node = run("app.handler");
  expect(node.status).toBe(3);
  expect(node.stderr).toBe(
    "penstock: packaging a Node function needs esbuild, and it is not installed\n  Install it in the function's project, then run this again:\n    npm install --save-dev esbuild\n",
  );
  expect(run("app2.handler").status).toBe(0);
});
