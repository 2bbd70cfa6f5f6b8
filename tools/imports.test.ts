import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { areaOf, complaint, importsOf, isForTests, MAY_IMPORT } from "./import-rules.ts";
import { ROOT, trackedFiles } from "./tracked-files.ts";

/** Raise this with the tree: a test that reads nothing finds nothing. */
const MODULES_MIN = 250;

const modules = trackedFiles()
  .filter((path) => /^packages\/[^/]+\/(src|simulation)\/.*\.ts$/.test(path))
  .map((path) => ({ path, source: readFileSync(ROOT + path, "utf8") }));

const operations = new Set(
  modules.filter(({ path, source }) => declaresOperation(path, source)).map(({ path }) => path),
);

test("every module imports only what its area may", () => {
  expect(modules.length).toBeGreaterThan(MODULES_MIN);
  const complaints = modules.flatMap(({ path, source }) =>
    importsOf(source).flatMap((found) => complaint(path, found, operations)?.replace(/^/, `${path}: `) ?? []),
  );
  expect(complaints).toEqual([]);
});

test("every module that is no test belongs to an area that has a rule", () => {
  const lost = modules
    .map(({ path }) => path)
    .filter((path) => !isForTests(path) && MAY_IMPORT[areaOf(path) ?? ""] === undefined);
  expect(lost).toEqual([]);
});

test("an import is read in every form that it can take", () => {
  const source = [
    'import { a } from "./a.ts";',
    'import type { B } from "./b.ts";',
    "import {\n  type C,\n  d,\n} from './c.ts';",
    'import "./d.ts";',
    'export * from "./e.ts";',
    'export type { F } from "./f.ts";',
    'export const lazy = async () => await import("./g.ts");',
    'export const words = "from"; // import { x } from "./not.ts"',
    'export const more = ["./neither.ts"];',
  ].join("\n");
  const read = importsOf(source).map(({ specifier, typesOnly }) => `${specifier}${typesOnly ? " type" : ""}`);
  expect(read).toEqual(["./a.ts", "./b.ts type", "./c.ts", "./d.ts", "./e.ts", "./f.ts type", "./g.ts"]);
});

const server = "packages/server/src";
const codepipeline = `${server}/services/codepipeline`;
const someOperations = new Set([`${codepipeline}/get-pipeline.ts`]);

/** `type ` before the specifier stands for `import type`. */
function answer(from: string, imported: string): string {
  const typesOnly = imported.startsWith("type ");
  const found = { specifier: imported.replace("type ", ""), typesOnly };
  return complaint(from, found, someOperations) ?? "fine";
}

test.each([
  [`${server}/store/job.ts`, "@penstock/pipeline", "store may import only types of pipeline"],
  [`${server}/store/job.ts`, "../engine/engine.ts", "store may not import engine"],
  [`${server}/wire/server.ts`, "../store/store.ts", "wire may not import store"],
  [`${server}/wire/server.ts`, "../services/s3/operations.ts", "wire may not import services/s3"],
  [`${server}/engine/engine.ts`, "../functions/host.ts", "engine may not import functions"],
  [`${server}/engine/engine.ts`, "../wire/sigv4.ts", "engine may not import wire"],
  [
    `${server}/engine/providers/lambda-invoke.ts`,
    "../../services/lambda/errors.ts",
    "providers may not import services/lambda",
  ],
  [`${server}/identity/sessions.ts`, "../wire/sigv4.ts", "identity may not import wire"],
  [`${server}/objects/files.ts`, "../engine/engine.ts", "objects may not import engine"],
  [`${server}/archive/zip.ts`, "../store/store.ts", "archive may not import store"],
  [`${codepipeline}/get-pipeline.ts`, "../s3/errors.ts", "services/codepipeline may not import services/s3"],
  [`${codepipeline}/get-pipeline.ts`, "../../functions/host.ts", "services/codepipeline may not import functions"],
  [
    `${codepipeline}/list-pipelines.ts`,
    "./get-pipeline.ts",
    `${codepipeline}/get-pipeline.ts is an operation; only operations.ts imports it`,
  ],
  [`${server}/engine/engine.ts`, "../main.ts", "nobody imports main.ts"],
  [`${server}/engine/engine.ts`, "./engine.test.ts", `${server}/engine/engine.test.ts is for tests`],
  [`${server}/engine/engine.ts`, "../testing/clock.ts", `${server}/testing/clock.ts is for tests`],
  [`${server}/story.ts`, "./store/store.ts", "ground may not import store"],
  [`${server}/wire/server.ts`, "../story.ts", "wire may not import ground"],
  [`${server}/engine/providers/lambda-invoke.ts`, "@penstock/toolkit", "providers may import only types of toolkit"],
  ["packages/pipeline/src/decide.ts", "@penstock/server", "pipeline may not import entry"],
  ["packages/pipeline/src/decide.ts", "type @penstock/toolkit", "pipeline may not import toolkit"],
  ["packages/toolkit/src/job.ts", "@penstock/pipeline", "toolkit may not import pipeline"],
  ["packages/cli/src/main.ts", "@penstock/toolkit", "cli may not import toolkit"],
  [
    "packages/cli/src/main.ts",
    "@penstock/server/src/main.ts",
    "@penstock/server/src/main.ts reaches into a package; import its name alone",
  ],
  [
    "packages/cli/src/main.ts",
    "../../server/src/main.ts",
    `${server}/main.ts is in another package; import that by its name`,
  ],
])("%s may not import %s", (from, imported, refusal) => {
  expect(answer(from, imported)).toBe(refusal);
});

test.each([
  [`${server}/store/job.ts`, "type @penstock/pipeline"],
  [`${server}/store/job.ts`, "../wire/error.ts"],
  [`${server}/engine/engine.ts`, "../clock.ts"],
  [`${server}/engine/providers/lambda-invoke.ts`, "../../functions/host.ts"],
  [`${server}/keys/keys.ts`, "../store/store.ts"],
  [`${server}/objects/objects.ts`, "../archive/zip.ts"],
  [`${server}/index.ts`, "./main.ts"],
  [`${codepipeline}/operations.ts`, "./get-pipeline.ts"],
  [`${server}/services/s3/put-object.ts`, "../../objects/objects.ts"],
  [`${server}/engine/engine.test.ts`, "../main.ts"],
  ["packages/cli/src/main.ts", "@penstock/server"],
  ["packages/cli/src/main.ts", "node:fs"],
  ["packages/cli/src/main.ts", "commander"],
])("%s may import %s", (from, imported) => {
  expect(answer(from, imported)).toBe("fine");
});

function declaresOperation(path: string, source: string): boolean {
  return /\/services\//.test(path) && /^export const \w+[^=\n]*= operation\b/m.test(source);
}
