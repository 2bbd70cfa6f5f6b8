/**
 * Why an action failed, in CodePipeline's words; becomes the action's error code.
 *
 * Source: CodePipeline API reference, FailureDetails.
 *
 * @example
 * ```ts
 * const type: FailureType = "ConfigurationError";
 * ```
 */
export type FailureType =
  | "JobFailed"
  | "ConfigurationError"
  | "PermissionError"
  | "RevisionOutOfSync"
  | "RevisionUnavailable"
  | "SystemUnavailable";

/**
 * A failure whose type is known. Throw one of its six classes from `run`, and the job fails with that type.
 *
 * The message is what people read in the console: at most 5000 characters are reported, the rest is cut.
 *
 * @example
 * ```ts
 * if (error instanceof JobFailure) console.log(error.type);
 * ```
 */
export abstract class JobFailure extends Error {
  /** Becomes the action's error code. */
  abstract readonly type: FailureType;

  /** The same, for logs. */
  override get name(): string {
    return this.type;
  }
}

/**
 * The work itself went wrong. This is also what every other error becomes for which no rule fits.
 *
 * @example
 * ```ts
 * throw new JobFailed("3 of 120 checks failed; see report.html");
 * ```
 */
export class JobFailed extends JobFailure {
  /** The action's error code. */
  readonly type = "JobFailed";
}

/**
 * The action is declared wrongly: its parameters, its artifacts. Running it again will not help.
 *
 * @example
 * ```ts
 * throw new ConfigurationError("The table 'orders' does not exist; see UserParameters of the action.");
 * ```
 */
export class ConfigurationError extends JobFailure {
  /** The action's error code. */
  readonly type = "ConfigurationError";
}

/**
 * A call was denied. The message should name the call and the role.
 *
 * @example
 * ```ts
 * throw new PermissionError("The role may not call dynamodb:PutItem on the table 'orders'.");
 * ```
 */
export class PermissionError extends JobFailure {
  /** The action's error code. */
  readonly type = "PermissionError";
}

/**
 * The revision that came in does not fit to what is there, for example because something newer was deployed.
 *
 * @example
 * ```ts
 * throw new RevisionOutOfSync("Revision 41 is older than revision 42, which is deployed.");
 * ```
 */
export class RevisionOutOfSync extends JobFailure {
  /** The action's error code. */
  readonly type = "RevisionOutOfSync";
}

/**
 * The revision, or the artifact that holds it, cannot be had (any more).
 *
 * @example
 * ```ts
 * throw new RevisionUnavailable("The commit 1a2b3c is not in the repository.");
 * ```
 */
export class RevisionUnavailable extends JobFailure {
  /** The action's error code. */
  readonly type = "RevisionUnavailable";
}

/**
 * Something that the job needs is throttled or down. Running it again later may help.
 *
 * @example
 * ```ts
 * throw new SystemUnavailable("The ticket system answers 503.");
 * ```
 */
export class SystemUnavailable extends JobFailure {
  /** The action's error code. */
  readonly type = "SystemUnavailable";
}
