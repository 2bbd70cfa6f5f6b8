import type { PipelineDeclaration } from "@aws-sdk/client-codepipeline";
import type { InferOutput } from "valibot";
import { expect, expectTypeOf, test } from "vitest";
import type { pipelineSchema } from "./declaration-schema.ts";

/** Every key, however deep, as a path; what separates our shape from the official client's would show here. */
type Paths<T> = T extends readonly (infer Item)[]
  ? Paths<Item>
  : T extends object
    ? string extends keyof T
      ? never
      : { [K in keyof T & string]-?: K | `${K}.${Paths<NonNullable<T[K]>>}` }[keyof T & string]
    : never;

test("the declaration has exactly the members that the official client knows", () => {
  expectTypeOf<Paths<InferOutput<typeof pipelineSchema>>>().toEqualTypeOf<Paths<PipelineDeclaration>>();
  expect(true).toBe(true);
});
