import { type } from "arktype";
import * as v from "valibot";
import { expect, test } from "vitest";
import { z } from "zod";
import { type CodePipelineJobEvent, defineJob, type JobHandler } from "./index.ts";

/*
 * What the compiler must accept and refuse. `tsc` is the judge: a `@ts-expect-error` that is not needed is an error.
 */

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <_ extends true>() => {};

test("the compiler knows parameters, state and variables by their schemas", () => {
  const handler = defineJob({
    parameters: z.object({ table: z.string(), limit: z.coerce.number() }),
    continuation: z.object({ cursor: z.string(), since: z.coerce.date() }),
    variables: z.object({ Rows: z.string() }),
    async run(job) {
      holds<Same<typeof job.parameters, { table: string; limit: number }>>();
      holds<Same<typeof job.continuation, { cursor: string; since: Date } | undefined>>();
      if (job.continuation) return await job.continue({ cursor: "a", since: "2026-11-24" });
      // @ts-expect-error: the cursor is missing
      if (job.id === "1") return await job.continue({ since: "2026-11-24" });
      // @ts-expect-error: the state that is saved has the same type
      if (job.id === "2") await job.save({ cursor: 5, since: 0 });
      // @ts-expect-error: variables that are declared must be given
      if (job.id === "3") return job.succeed();
      // @ts-expect-error: and have the names that are declared
      if (job.id === "4") return job.succeed({ variables: { Row: "1" } });
      // @ts-expect-error: there are six types of failure
      if (job.id === "5") return job.fail("no", "Failed");
      return job.succeed({ variables: { Rows: "42" } });
    },
  });
  holds<Same<typeof handler, JobHandler>>();
  holds<Same<Parameters<JobHandler>[0], CodePipelineJobEvent>>();
  expect(handler).toBeTypeOf("function");
});

test("the compiler knows schemas of valibot and arktype, and what a function without schemas has", () => {
  defineJob({
    parameters: type({ table: "string", "limit?": "number" }),
    continuation: type({ cursor: "string" }),
    async run(job) {
      holds<Same<typeof job.parameters, { table: string; limit?: number }>>();
      // @ts-expect-error: the cursor is a text
      return await job.continue({ cursor: 5 });
    },
  });
  defineJob({
    parameters: v.object({ table: v.string() }),
    run(job) {
      holds<Same<typeof job.parameters, { table: string }>>();
      holds<Same<typeof job.continuation, unknown>>();
    },
  });
  defineJob({
    run(job) {
      holds<Same<typeof job.parameters, unknown>>();
      return job.id === "1" ? job.succeed() : job.succeed({ variables: { Any: "text" } });
    },
  });
  defineJob({
    run(job) {
      // @ts-expect-error: variables are texts
      return job.succeed({ variables: { Rows: 42 } });
    },
  });
  defineJob({
    // @ts-expect-error: a run answers a word of its job, or nothing
    run: () => ({ done: true }),
  });
  defineJob({
    variables: z.object({ Rows: z.string().optional() }),
    run: (job) => job.succeed(),
  });
  expect(1).toBe(1);
});

test("JSON of an artifact is unknown, or what a schema makes of it", () => {
  defineJob({
    async run(job) {
      const source = job.input("Source");
      const [plain, typed] = [await source.json("a.json"), await source.json("a.json", z.object({ a: z.number() }))];
      holds<Same<typeof plain, unknown>>();
      holds<Same<typeof typed, { a: number }>>();
    },
  });
  expect(1).toBe(1);
});
