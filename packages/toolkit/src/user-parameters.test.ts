import { type } from "arktype";
import * as v from "valibot";
import { expect, test } from "vitest";
import { z } from "zod";
import { defineJob } from "./define-job.ts";
import { runJob } from "./testing/testing.ts";

const none = undefined;

test.each<[string | undefined, unknown]>([
  ['{"table": "orders"}', { table: "orders" }],
  ["table=orders&limit=5", { table: "orders", limit: "5" }],
  ["tag=a&tag=b", { tag: ["a", "b"] }],
  ["a=%C3%A9+x", { a: "é x" }],
  ["just words", "just words"],
  ["SELECT a = b", "SELECT a = b"],
  ["", ""],
  ["42", 42],
  ['{"a": "b', '{"a": "b'],
  ["__proto__=x", JSON.parse('{"__proto__": "x"}')],
  [none, none],
])("without a schema %j is read as %j", async (text, expected) => {
  let seen: unknown = "not run";
  const handler = defineJob({
    run(job) {
      seen = job.parameters;
    },
  });
  await runJob(handler, { parameters: text });
  expect(seen).toEqual(expected);
});

const table = { table: "orders" };
test.each([
  ["zod", z.object({ table: z.string(), limit: z.coerce.number().default(10) })],
  [
    "valibot",
    v.object({
      table: v.string(),
      limit: v.optional(v.pipe(v.union([v.string(), v.number()]), v.transform(Number)), 10),
    }),
  ],
  ["arktype", type({ table: "string", limit: type("string.integer.parse | number").default(10) })],
  ["zod, asynchronous", z.object({ table: z.string().refine(async () => true), limit: z.coerce.number().default(10) })],
])("a schema of %s reads JSON and query strings, and says what is wrong", async (_, parameters) => {
  const seen: unknown[] = [];
  const handler = defineJob({
    parameters,
    run(job) {
      seen.push(job.parameters);
    },
  });
  await runJob(handler, { parameters: table });
  await runJob(handler, { parameters: "table=orders&limit=5" });
  expect(seen).toEqual([
    { ...table, limit: 10 },
    { ...table, limit: 5 },
  ]);
  const refused = await runJob(handler, { parameters: '{"table": 5}' });
  expect(refused.report).toMatchObject({
    type: "ConfigurationError",
    message: expect.stringMatching(/^UserParameters "{\\"table\\": 5}" cannot be used: table: /),
  });
  const absent = await runJob(handler);
  expect(absent.report).toMatchObject({
    message: expect.stringMatching(/^The action has no UserParameters, which cannot be used: table: /),
  });
  expect(seen.length).toBe(2);
});

test("a schema that wants a text gets the text, also when it could be read otherwise", async () => {
  const seen: string[] = [];
  const handler = defineJob({
    parameters: z.string(),
    run(job) {
      seen.push(job.parameters);
    },
  });
  for (const text of ["42", "a=b", '{"a":1}', "words"]) await runJob(handler, { parameters: text });
  expect(seen).toEqual(["42", "a=b", '{"a":1}', "words"]);
});

test("a schema in which everything has a default accepts that there are none", async () => {
  const handler = defineJob({
    parameters: z.object({ limit: z.number().default(10) }),
    run: (job) => job.succeed({ variables: { Limit: String(job.parameters.limit) } }),
  });
  expect((await runJob(handler)).report).toEqual({ status: "Succeeded", variables: { Limit: "10" } });
});
