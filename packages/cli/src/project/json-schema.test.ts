import { readFileSync } from "node:fs";
import * as v from "valibot";
import { expect, test } from "vitest";
import { penstockJsonSchema, toJsonSchema } from "./json-schema.ts";

test("the published JSON Schema is the schema that reads the file (node packages/cli/src/project/write-json-schema.ts)", () => {
  const published = JSON.parse(readFileSync(new URL("../../schema/penstock.schema.json", import.meta.url), "utf8"));
  expect(published).toEqual(penstockJsonSchema());
});

test("limits and descriptions are carried over", () => {
  const schema = v.strictObject({
    count: v.optional(
      v.pipe(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(9)), v.description("How many.")),
    ),
    name: v.nullable(v.string()),
  });
  expect(toJsonSchema(schema)).toEqual({
    type: "object",
    properties: {
      count: { type: "integer", minimum: 1, maximum: 9, description: "How many." },
      name: { anyOf: [{ type: "string" }, { type: "null" }] },
    },
    required: ["name"],
    additionalProperties: false,
  });
});

test("a kind of schema that has no translation is refused, not left out", () => {
  expect(() => toJsonSchema(v.date())).toThrowError(/type date/);
});
