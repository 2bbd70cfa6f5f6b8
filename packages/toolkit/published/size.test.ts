import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { beforeAll, expect, test } from "vitest";

/*
 * What a function carries of the library: the published files, bundled and minified by esbuild for Node 20, without the
 * SDK, which the runtime has.
 */

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

beforeAll(() => {
  execFileSync(process.execPath, [`${ROOT}tools/build-toolkit.mjs`]);
});

async function bundle(contents: string, splitting = false) {
  const { metafile } = await build({
    stdin: { contents, resolveDir: `${ROOT}packages/toolkit/dist`, loader: "ts" },
    alias: { "@penstock/toolkit": `${ROOT}packages/toolkit/dist/esm/index.js` },
    external: ["@aws-sdk/*"],
    bundle: true,
    splitting,
    outdir: "out",
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    target: "node20",
  });
  return metafile.outputs;
}

const HANDLER = 'import { defineJob } from "@penstock/toolkit"; export const handler = defineJob({ run() {} });';

/**
 * In a single file, raise a limit only with a reason. What a job can do with artifacts is found out while it runs, so a
 * handler without them carries as much as one with them; what it does not import is left out.
 */
test.each([
  ["all that is exported", 'export * from "@penstock/toolkit";', 33_700],
  ["a handler without artifacts", HANDLER, 31_900],
  [
    "one that only reads the event",
    'import { readJobEvent } from "@penstock/toolkit"; export const handler = (e: unknown) => readJobEvent(e).id;',
    650,
  ],
  [
    "one that only fails by class",
    'import { JobFailed } from "@penstock/toolkit"; export const fail = () => new JobFailed("no");',
    250,
  ],
  [
    "one that takes only types",
    'import type { CodePipelineJobEvent } from "@penstock/toolkit"; export const id = (e: CodePipelineJobEvent) => e["CodePipeline.job"].id;',
    100,
  ],
])("%s has at most its bytes", async (_, contents, bytesMax) => {
  const bytes = (await bundle(contents))["out/stdin.js"]?.bytes ?? 0;
  expect(bytes).toBeLessThanOrEqual(bytesMax);
  expect(bytes).toBeGreaterThan(bytesMax * 0.5); // else the bundle is not what it is taken for
});

test("a handler has loaded less than 25 KB when it is called, where its bundle is in parts", async () => {
  const outputs = await bundle(HANDLER, true);
  const atStart = new Set(["out/stdin.js"]);
  for (const path of atStart) {
    for (const { path: next, kind } of outputs[path]?.imports ?? []) if (kind === "import-statement") atStart.add(next);
  }
  const bytes = [...atStart].reduce((sum, path) => sum + (outputs[path]?.bytes ?? 0), 0);
  expect(bytes).toBeLessThanOrEqual(25_000);
  expect(bytes).toBeGreaterThan(10_000);
});
