/*
 * One delivery of a job's event, from the call to its report:
 *
 * 1. The event is read. What is no job is an error of the call, because nobody waits for a report.
 * 2. An event that this environment has had before is answered as before (deliveries.ts).
 * 3. Parameters and state are read, then `run` runs. Meanwhile the deadline is watched, and errors that go astray.
 *    Whichever comes first decides: the end of `run` with all outputs written, an error, or the deadline.
 * 4. The report is sent (report.ts), and what was begun and not ended is cleaned up.
 *
 * So every way to end leads to one report, but those that end the process itself: no memory left, a loop that never
 * lets go, and the function's timeout if the report takes longer than the margin.
 */

import { aws } from "./aws/surroundings.ts";
import { deliveries } from "./deliveries.ts";
import type { CodePipelineJobEvent } from "./event.ts";
import type { Job, Outcome } from "./job.ts";
import { readJobEvent } from "./job-event.ts";
import { runToReport } from "./run-to-report.ts";
import type { InputOf, OutputOf, StandardSchema } from "./standard-schema.ts";
import type { JobReport, Surroundings } from "./surroundings.ts";
import type { ArtifactLimits } from "./zip/read-directory.ts";

/**
 * A function for jobs of CodePipeline's Invoke action.
 *
 * @example
 * ```ts
 * const definition: JobDefinition = {
 *   async run(job) {
 *     await job.output("Report").addText("hello.txt", "hello");
 *   },
 * };
 * ```
 */
export interface JobDefinition<
  Parameters extends StandardSchema | undefined = undefined,
  Continuation extends StandardSchema | undefined = undefined,
  Variables extends VariablesSchema | undefined = undefined,
> {
  /**
   * What UserParameters must be: a schema of zod, valibot, arktype or any other library of Standard Schema. The text is
   * read as JSON, as a query string (`table=orders&limit=5`) or as it is, whichever the schema accepts, in this order.
   * Parameters that it refuses fail the job with ConfigurationError.
   *
   * Without a schema `job.parameters` is the first of these readings, as `unknown`.
   */
  readonly parameters?: Parameters;
  /** What the state of `job.continue` and `job.save` must be. What it refuses fails the job. */
  readonly continuation?: Continuation;
  /** What the output variables must be; with it they have to be given. What it refuses fails the job. */
  readonly variables?: Variables;
  /**
   * Whether the job may go on in a new one when the function's deadline comes: with the state that `job.save` kept
   * last. Without it, or when nothing was saved, the job fails then. Default: false.
   */
  readonly resumable?: boolean;
  /**
   * A bucket for states of more than 2048 characters, with a prefix after a slash (`my-bucket/states`). The function's
   * role needs s3:PutObject and s3:GetObject there; nothing is ever deleted, so give it a lifecycle rule. Without a
   * bucket such states go to the place of the first output artifact.
   */
  readonly stateBucket?: string;
  /** What input artifacts may grow to; what is not said has its default. */
  readonly limits?: Partial<ArtifactLimits>;
  /**
   * How long before the function's timeout the job is reported in any case. Unit: milliseconds.
   * Default: a tenth of the time that there is, at least 500, at most 5000.
   */
  readonly deadlineMarginMs?: number;
  /**
   * Does the job. When it ends, so does the job: with the word that it said (see `Job`), with success when it said
   * none, with failure when it threw.
   *
   * Errors: whatever it throws becomes a failure by its name and status; see `failureTypeOf`.
   *
   * @example
   * ```ts
   * export const handler = defineJob({
   *   async run(job) {
   *     const names = await job.input("Source").files();
   *     return job.succeed({ variables: { Files: String(names.length) } });
   *   },
   * });
   * ```
   */
  run(
    job: Job<
      ParametersOf<Parameters>,
      StateOf<Continuation>["read"],
      StateOf<Continuation>["written"],
      VariablesOf<Variables>
    >,
    // biome-ignore lint/suspicious/noConfusingVoidType: a function that ends without a word returns void.
  ): Outcome | void | Promise<Outcome | void>;
}

/** A schema of output variables: names with texts. */
export type VariablesSchema = StandardSchema<unknown, Readonly<Record<string, string | undefined>>>;

/** What `job.parameters` is. */
export type ParametersOf<S> = S extends StandardSchema ? OutputOf<S> : unknown;
/** What `job.continuation` is, and what `job.continue` and `job.save` take. */
export type StateOf<S> = S extends StandardSchema
  ? { readonly read: OutputOf<S>; readonly written: InputOf<S> }
  : { readonly read: unknown; readonly written: unknown };
/** What `job.succeed` takes as variables. */
export type VariablesOf<S> = S extends StandardSchema ? InputOf<S> : Readonly<Record<string, string>>;

/**
 * What is used of the context that Lambda gives.
 *
 * @example
 * ```ts
 * const context: LambdaContext = { awsRequestId: "request-1", getRemainingTimeInMillis: () => 30_000 };
 * ```
 */
export interface LambdaContext {
  /** Is put behind the message of a failure, so that people find the log. */
  readonly awsRequestId?: string;
  /**
   * How long the function may still run. Unit: milliseconds. Without it no deadline is watched.
   *
   * Errors: none.
   *
   * @example
   * ```ts
   * const context: LambdaContext = { getRemainingTimeInMillis: () => 30_000 };
   * ```
   */
  getRemainingTimeInMillis?(): number;
}

/**
 * A handler for AWS Lambda. It answers what it reported, which holds no secret and goes to the function's destination
 * if it has one.
 *
 * Errors: `InvalidJobEvent` when it was called with something else; `ReportNotSent`, which makes Lambda try again.
 *
 * @example
 * ```ts
 * export const handler: JobHandler = defineJob({ async run(job) {} });
 * ```
 */
export type JobHandler = (event: CodePipelineJobEvent, context?: LambdaContext) => Promise<JobReport>;

/** Under this name a handler can be run with other surroundings; see `@penstock/toolkit/testing`. */
const RUN_IN = Symbol.for("penstock.toolkit.run-in");

/**
 * Makes a Lambda handler of a job's definition. It always reports to CodePipeline, once.
 *
 * Errors: none; those of a call are the handler's, see `JobHandler`.
 *
 * @example
 * ```ts
 * export const handler = defineJob({
 *   parameters: z.object({ table: z.string() }),
 *   async run(job) {
 *     const rows = await job.input("Source").text(`${job.parameters.table}.csv`);
 *     return job.succeed({ variables: { Rows: String(rows.trimEnd().split("\n").length) } });
 *   },
 * });
 * ```
 */
export function defineJob<
  Parameters extends StandardSchema | undefined = undefined,
  Continuation extends StandardSchema | undefined = undefined,
  Variables extends VariablesSchema | undefined = undefined,
>(definition: JobDefinition<Parameters, Continuation, Variables>): JobHandler {
  const answer = deliveries();
  const runIn = async (surroundings: Surroundings, event: unknown, context: LambdaContext = {}): Promise<JobReport> => {
    const source = readJobEvent(event);
    // What the schemas make is what `run` was declared to take; the definition's types held them together.
    const any = definition as unknown as AnyJobDefinition;
    return await answer(source.id, () => runToReport(any, source, context, surroundings));
  };
  const handler: JobHandler = (event, context) => runIn(aws(), event, context);
  return Object.defineProperty(handler, RUN_IN, { value: runIn });
}

/** A definition whose types are not known any more. */
export type AnyJobDefinition = JobDefinition<StandardSchema, StandardSchema, VariablesSchema>;

/** Runs a handler of `defineJob` somewhere else than in AWS. Errors: `TypeError` for any other function. */
export function runHandlerIn(
  handler: JobHandler,
  surroundings: Surroundings,
  event: unknown,
  context: LambdaContext,
): Promise<JobReport> {
  const runIn: unknown = (handler as unknown as Record<symbol, unknown>)[RUN_IN]; // any function can be asked
  if (typeof runIn !== "function") throw new TypeError("This handler was not made by defineJob.");
  return (runIn as (...args: readonly unknown[]) => Promise<JobReport>)(surroundings, event, context); // defined above
}
