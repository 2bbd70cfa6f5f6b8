import type { InputArtifact } from "./artifacts/input-artifact.ts";
import type { OutputArtifact } from "./artifacts/output-artifact.ts";
import type { FailureType } from "./failure.ts";
import type { JobRevision } from "./surroundings.ts";

/**
 * One job of CodePipeline, as `run` gets it.
 *
 * It may be logged as it is: credentials are not among what `util.inspect`, `JSON.stringify` and loggers can see.
 *
 * The first of `succeed`, `continue` and `fail` decides what is reported when `run` has ended, whether its answer is
 * returned or not; a second one throws an `Error`. If `run` throws, the job fails, whatever was said before.
 *
 * @example
 * ```ts
 * async function countRows(job: Job<{ table: string }>): Promise<number> {
 *   const rows = await job.input("Source").text(`${job.parameters.table}.csv`);
 *   return rows.trimEnd().split("\n").length;
 * }
 * ```
 */
export interface Job<
  Parameters = unknown,
  Continuation = unknown,
  State = unknown,
  Variables = Record<string, string>,
> {
  /** Lower-case uuid. A job that goes on after a continuation has a new one. */
  readonly id: string;
  /** Twelve digits: the account of the pipeline. */
  readonly accountId: string;
  /** Of this call, as Lambda's log has it; absent where there is no context. */
  readonly requestId: string | undefined;
  /** UserParameters of the action, read through the schema. */
  readonly parameters: Parameters;
  /** The state that the job before this one continued with; undefined in the first. */
  readonly continuation: Continuation | undefined;
  /** Names of the input artifacts, in the order of the action. */
  readonly inputs: readonly string[];
  /** Names of the output artifacts, in the order of the action. */
  readonly outputs: readonly string[];
  /** Is aborted when the job is over although `run` is not: the deadline came, or an error went astray. */
  readonly signal: AbortSignal;

  /**
   * How long until the job must be reported. Unit: milliseconds; `Infinity` where there is no deadline.
   *
   * Errors: none.
   *
   * @example
   * ```ts
   * if (job.remainingMs() < 30_000) return await job.continue({ cursor });
   * ```
   */
  remainingMs(): number;

  /**
   * An input artifact by its name.
   *
   * Errors: `ConfigurationError` when the action declares none of that name.
   *
   * @example
   * ```ts
   * const folder = await job.input("Source").extract();
   * ```
   */
  input(name: string): InputArtifact;

  /**
   * An output artifact by its name. What was added is complete when the job's report is sent.
   *
   * Errors: `ConfigurationError` when the action declares none of that name.
   *
   * @example
   * ```ts
   * await job.output("Report").addText("summary.txt", "all is well");
   * ```
   */
  output(name: string): OutputArtifact;

  /**
   * The job succeeded. A `run` that ends without a word means the same.
   *
   * Errors, all before anything is sent: `JobFailed` for variables with other names than `[A-Za-z0-9@_-]+`, values
   * that are no texts, or more than 122,880 bytes in all, and for a revision that is too long. They fail the job.
   *
   * @example
   * ```ts
   * return job.succeed({ variables: { Rows: "42" }, summary: "42 rows written" });
   * ```
   */
  succeed(...result: SucceedArguments<Variables>): Outcome;

  /**
   * Not done yet: CodePipeline calls the function again in about 30 seconds, with a new job that carries `state`.
   * All jobs of an action together have 24 hours.
   *
   * A state of up to 2048 characters of JSON goes into the continuation token; a larger one is stored in S3.
   * Errors: `JobFailed` for a state that the schema refuses or that has more than 16 MiB; `ConfigurationError` when a
   * large one has no place to go. They fail the job.
   *
   * @example
   * ```ts
   * if (cursor) return job.continue({ cursor });
   * ```
   */
  continue(state: State): Promise<Outcome>;

  /**
   * The job failed. Throwing one of the failure classes does the same.
   *
   * The message is cut to 5000 characters, with the id of the Lambda request.
   * Errors: `Error` when the job said something before, as `succeed` and `continue` do.
   *
   * @example
   * ```ts
   * return job.fail("3 checks failed", "JobFailed");
   * ```
   */
  fail(message: string, type?: FailureType): Outcome;

  /**
   * Keeps a state to continue with when the function's deadline comes before `run` has ended. Only for functions that
   * are declared `resumable`; in others it has no effect. The last one counts. Large ones are stored in S3 each time.
   *
   * Errors: as `continue`.
   *
   * @example
   * ```ts
   * for (const page of pages) {
   *   await copyPage(page);
   *   await job.save({ cursor: page.cursor });
   * }
   * ```
   */
  save(state: State): Promise<void>;
}

/**
 * What `succeed` takes: variables must be given when the function declares a schema for them.
 */
export type SucceedArguments<Variables> =
  Record<string, never> extends Variables ? [result?: Success<Variables>] : [result: Success<Variables>];

/**
 * What can be told with a success: `variables` are the action's output variables, of 122,880 bytes in all.
 *
 * @example
 * ```ts
 * const result: Success<{ Rows: string }> = { variables: { Rows: "42" }, summary: "42 rows written" };
 * ```
 */
export type Success<Variables> = VariablesMember<Variables> & {
  /** What the job worked on or made. */
  readonly revision?: JobRevision;
  /** At most 2048 characters; the rest is cut. */
  readonly summary?: string;
};

/** Variables that may all be absent need not be given. */
type VariablesMember<Variables> =
  Record<string, never> extends Variables ? { readonly variables?: Variables } : { readonly variables: Variables };

/** Only this library can name it. */
declare const outcome: unique symbol;

/**
 * The answer of `succeed`, `continue` and `fail`: return it from `run`.
 *
 * @example
 * ```ts
 * const outcome: Outcome = job.succeed();
 * ```
 */
export interface Outcome {
  /** Nothing can be read from it, and nothing else is one. */
  readonly [outcome]: true;
}
