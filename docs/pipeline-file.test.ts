import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DEFAULT_MEMORY_MB, DEFAULT_TIMEOUT_SECONDS } from "../packages/cli/src/project/project.ts";
import { ROOT } from "../tools/tracked-files.ts";

const page = readFileSync(`${ROOT}docs/pipeline-file.md`, "utf8");

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
}

test("the table lists every key that the published schema has, and no other", () => {
  // The package's own file, which a test of the command line holds equal to what is read.
  const schema = JSON.parse(readFileSync(`${ROOT}packages/cli/schema/penstock.schema.json`, "utf8")) as Schema;
  const rows = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, key = ""]) => key);
  expect(rows.map((key) => key.replaceAll(/<\w+>/g, "*")).toSorted()).toEqual(keysOf(schema, "").toSorted());
});

test("the example has every key of the schema's first level", () => {
  const example = /^```yaml penstock\.yaml\n(.*?)^```/ms.exec(page)?.[1] ?? "";
  const given = [...example.matchAll(/^(\w+):/gm)].map(([, key = ""]) => key);
  const listed = [...page.matchAll(/^\| `(\w+)/gm)].map(([, key = ""]) => key);
  expect(given.toSorted()).toEqual([...new Set(listed)].toSorted());
});

test("the defaults of a function are those of the program", () => {
  expect(page).toContain(`| seconds, 1 to 900 | ${DEFAULT_TIMEOUT_SECONDS} (`);
  expect(page).toContain(`| MB, 128 to 10240 | ${DEFAULT_MEMORY_MB} (`);
});

/** Paths of all keys down to what a policy document holds, with `*` for a name that people choose. */
function keysOf(schema: Schema, path: string): readonly string[] {
  const { properties, additionalProperties } = schema.anyOf?.find((one) => one.properties) ?? schema;
  const isPolicy = properties !== undefined && Object.hasOwn(properties, "Statement");
  if (isPolicy) return [path];
  if (properties)
    return Object.entries(properties).flatMap(([key, inner]) => keysOf(inner, path ? `${path}.${key}` : key));
  const isScalarMap = typeof additionalProperties === "object" && path.endsWith("environment");
  if (typeof additionalProperties === "object" && !isScalarMap) return keysOf(additionalProperties, `${path}.*`);
  return [path];
}
