/**
 * A schema of any library that keeps to Standard Schema v1: zod, valibot, arktype and others.
 *
 * Only what is called here is declared, so the toolkit depends on no library.
 * Source: the Standard Schema specification, version 1.
 *
 * @example
 * ```ts
 * const parameters: StandardSchema<unknown, { table: string }> = z.object({ table: z.string() });
 * ```
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** As the specification says; `validate` may answer later. */
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/**
 * What a schema answers: the value it made of the input, or what is wrong with that.
 *
 * @example
 * ```ts
 * const refused: SchemaResult<string> = { issues: [{ message: "expected a text", path: ["table"] }] };
 * ```
 */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/**
 * One thing that is wrong, and where.
 *
 * @example
 * ```ts
 * const issue: SchemaIssue = { message: "expected a text", path: ["table"] };
 * ```
 */
export interface SchemaIssue {
  /** For people. */
  readonly message: string;
  /** From the outside in; absent or empty for the value itself. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema takes. */
export type InputOf<S extends StandardSchema> = NonNullable<S["~standard"]["types"]>["input"];

/** What a schema makes of it. */
export type OutputOf<S extends StandardSchema> = NonNullable<S["~standard"]["types"]>["output"];

/**
 * The first of some readings of a value that a schema takes, as it makes it; without a schema, the first.
 *
 * Errors: a `Failure` that says `what` is wrong, with the issues of the reading at `told`.
 */
export async function accepted(
  schema: StandardSchema | undefined,
  readings: readonly unknown[],
  Failure: new (message: string) => Error,
  what: string,
  told = 0,
): Promise<unknown> {
  if (!schema) return readings[0];
  const refusals: string[] = [];
  for (const reading of readings) {
    const result = await schema["~standard"].validate(reading);
    if (!result.issues) return result.value;
    refusals.push(issuesText(result.issues));
  }
  throw new Failure(`${what}: ${refusals[told] ?? "it is no JSON"}`);
}

/** All issues in one line, each with its path: `table: Required; rows.0: Expected number`. */
export function issuesText(issues: readonly SchemaIssue[]): string {
  return issues
    .map(({ path = [], message }) => {
      const place = path.map((part) => String(Object(part).key ?? part));
      return [place.join(".") || [], message].flat().join(": ");
    })
    .join("; ");
}
