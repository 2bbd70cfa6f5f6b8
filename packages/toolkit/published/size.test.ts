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

async function bundle(contents: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: `${ROOT}packages/toolkit/dist`, loader: "ts" },
    alias: { "@penstock/toolkit": `${ROOT}packages/toolkit/dist/esm/index.js` },
    external: ["@aws-sdk/*"],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
  });
  return outputFiles[0]?.contents.length ?? 0;
}

/**
 * 25 KB for a function is the promise. What a job can do with artifacts is found out while it runs, so a handler without
 * them carries as much as one with them; what it does not import, such as the event's schema, is left out.
 */
test.each([
  ["all that is exported", 'export * from "@penstock/toolkit";', 26_700],
  [
    "a handler",
    'import { defineJob } from "@penstock/toolkit"; export const handler = defineJob({ run() {} });',
    25_000,
  ],
  [
    "one that only reads the event",
    'import { readJobEvent } from "@penstock/toolkit"; export const handler = (e: unknown) => readJobEvent(e).id;',
    550,
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
  const bytes = await bundle(contents);
  expect(bytes).toBeLessThanOrEqual(bytesMax);
  expect(bytes).toBeGreaterThan(bytesMax * 0.5); // else the bundle is not what it is taken for
});
