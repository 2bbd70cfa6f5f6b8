/**
 * How many, how long and how late: every limit of the service that the core or the engine holds.
 *
 * Limits of single members (lengths, patterns, enums, list sizes) are the wire's, generated from the model; they
 * stand here only where our code needs the number itself. "Reference" is `reference/codepipeline.md`.
 */

// ---- Structure of a pipeline.

/** Fewest stages of a pipeline. Source: reference §8, probed. */
export const STAGES_COUNT_MIN = 2;

/** Most stages of a pipeline. Source: reference §8, probed. */
export const STAGES_COUNT_MAX = 50;

/** Most actions of a stage; also of one run order and of different run orders. Source: user guide, "Quotas" (2022). */
export const STAGE_ACTIONS_COUNT_MAX = 50;

/** Most actions of a pipeline. Source: user guide, "Quotas" (2022); the present number may be higher. */
export const PIPELINE_ACTIONS_COUNT_MAX = 500;

/** Most pipelines of an account in a region. Source: user guide, "Quotas". */
export const PIPELINES_COUNT_MAX = 1000;

/** Most custom action types of an account in a region. Source: user guide, "Quotas". */
export const CUSTOM_ACTION_TYPES_COUNT_MAX = 50;

/** Most webhooks of an account in a region. Source: user guide, "Quotas". */
export const WEBHOOKS_COUNT_MAX = 300;

/** Most tags of a resource. Source: model and user guide, "Quotas". */
export const TAGS_COUNT_MAX = 50;

/** Most input, and most output, artifacts of a custom action. Source: model, ArtifactDetails. */
export const CUSTOM_ACTION_ARTIFACTS_COUNT_MAX = 5;

/**
 * Most problems that a whole check of one definition lists.
 *
 * Source: our choice; nobody reads more at once, and the list stays small whatever is sent.
 */
export const DEFINITION_PROBLEMS_COUNT_MAX = 200;

// ---- Executions.

/**
 * Most executions of one QUEUED or PARALLEL pipeline that are InProgress or Stopping at once. SUPERSEDED has no cap.
 * Source: reference §9, from another implementation; not found in AWS's pages.
 */
export const ACTIVE_EXECUTIONS_COUNT_MAX = 50;

/** How long the history of executions is kept. Unit: months. Source: user guide, "Quotas". */
export const EXECUTION_HISTORY_MONTHS_MAX = 12;

/** Attempts that `onFailure.result: RETRY` makes by itself. Source: model text, autoStageRetryAttempt. */
export const AUTOMATIC_RETRY_COUNT_MAX = 1;

// ---- Configuration and variables.

/** Longest value of one configuration key, references not yet resolved. Unit: characters. Source: model. */
export const CONFIGURATION_VALUE_CHARS_MAX = 1000;

/** Biggest configuration of one action after references are resolved, values only. Unit: bytes of UTF-8. Source: user guide, "Quotas". */
export const RESOLVED_CONFIGURATION_BYTES_MAX = 100 * 1024;

/** Most output variables of one action, keys and values together. Unit: bytes of UTF-8. Source: user guide, "Quotas". */
export const OUTPUT_VARIABLES_BYTES_MAX = 122_880;

/** Longest commit message that a source action gives as a variable. Unit: bytes of UTF-8. Source: user guide, "Variables". */
export const COMMIT_MESSAGE_BYTES_MAX = 100 * 1024;

/** Longest ParameterOverrides of a CloudFormation action. Unit: bytes of UTF-8. Source: user guide, "Quotas". */
export const PARAMETER_OVERRIDES_BYTES_MAX = 1024;

/** Longest value of a queryable property. Unit: characters. Source: model text, ActionConfigurationProperty. */
export const QUERYABLE_VALUE_CHARS_MAX = 20;

// ---- Jobs.

/** Longest continuation token. Unit: characters. Source: model. */
export const CONTINUATION_TOKEN_CHARS_MAX = 2048;

/** Longest message of a failed job. Unit: characters. Source: model, FailureDetails. */
export const FAILURE_MESSAGE_CHARS_MAX = 5000;

// ---- Artifacts.

/** How much of the pipeline's name an artifact's key shows. Unit: characters. Source: reference §6.2, observed. */
export const ARTIFACT_KEY_PIPELINE_CHARS_MAX = 20;

/** How much of the artifact's name its key shows. Unit: characters. Source: reference §6.2, observed. */
export const ARTIFACT_KEY_ARTIFACT_CHARS_MAX = 10;

/** Length of the random part of an artifact's key. Unit: characters, each of `[A-Za-z0-9]`. Source: reference §6.2, observed. */
export const ARTIFACT_KEY_RANDOM_CHARS = 7;

/** How long the artifact credentials of a job are good. Unit: milliseconds. Source: reference §6.3, observed. */
export const ARTIFACT_CREDENTIALS_MS = 900_000;

/** Biggest object of an S3 source action. Unit: bytes. Source: user guide, "Quotas" (2022). */
export const S3_SOURCE_BYTES_MAX = 5 * 1024 ** 3;

/** Biggest archive of a Git source action. Unit: bytes. Source: user guide, "Quotas" (2022). */
export const GIT_SOURCE_BYTES_MAX = 1024 ** 3;

/** Most files in one artifact. Source: user guide, "Quotas" (2022), for S3 objects. */
export const ARTIFACT_FILES_COUNT_MAX = 100_000;

// ---- Timers.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * How long an Invoke action waits for the function's next word: a result, or a continuation token, which starts the
 * wait anew. After that the action fails.
 *
 * Unit: milliseconds, counted from the call of the function.
 * Source: user guide, "Quotas", Lambda invoke action.
 */
export const LAMBDA_REPLY_MS_MAX = 20 * MINUTE_MS;

/**
 * How long an Invoke action may take in all, however often the function says that it continues.
 *
 * Unit: milliseconds, counted from the start of the action.
 * Source: user guide, "Quotas", Lambda invoke action.
 */
export const LAMBDA_TOTAL_MS_MAX = DAY_MS;

/**
 * The rhythm in which the service looks at a running job: a continued job comes back with a new id at the next look.
 *
 * Unit: milliseconds. Source: user guide, "Integrations" (for partner actions); reference §5.4, one observed run.
 */
export const CONTINUATION_TICK_MS = 30_000;

/** How long a custom action may take. Unit: milliseconds. Source: user guide, "Quotas". */
export const CUSTOM_ACTION_MS_MAX = DAY_MS;

/**
 * How long a worker may take to acknowledge a job that it was handed. Then the job is handed out again.
 *
 * Unit: milliseconds. Source: our choice; the service tells none. A worker acknowledges as soon as it has the job, and
 * one that has died should not hold a job for long.
 */
export const HAND_OUT_MS_MAX = 60_000;

/**
 * How long a job may take that a partner's function works on, unless its type says otherwise: as long as a function may run.
 *
 * Unit: milliseconds. Source: user guide, "Working with action types"; that it is the default is our choice.
 */
export const PARTNER_LAMBDA_JOB_MS_MAX = 15 * MINUTE_MS;

/** How long an approval waits without a time of its own. Unit: milliseconds. Source: user guide, "Quotas". */
export const APPROVAL_MS_DEFAULT = 7 * DAY_MS;

/** How long a Step Functions action may take. Unit: milliseconds. Source: user guide, "Quotas". */
export const STEP_FUNCTIONS_MS_MAX = 7 * DAY_MS;

/** How long a CloudFormation action may take. Unit: milliseconds. Source: user guide, "Quotas". */
export const CLOUDFORMATION_MS_MAX = 3 * DAY_MS;

/** How long a CodeDeploy action, ECS included, may take. Unit: milliseconds. Source: user guide, "Quotas". */
export const CODEDEPLOY_MS_MAX = 5 * DAY_MS;

/** How long a CodeBuild action may take. Unit: milliseconds. Source: user guide, "Quotas" (2022). */
export const CODEBUILD_MS_MAX = 8 * HOUR_MS;

/** How long an S3 deploy action may take. Unit: milliseconds. Source: user guide, "Quotas". */
export const S3_DEPLOY_MS_MAX = 90 * MINUTE_MS;

/** How long any other action may take. Unit: milliseconds. Source: user guide, "Quotas". */
export const ACTION_MS_MAX = HOUR_MS;

/** How long a pipeline may rest before the service stops to poll its source. Unit: milliseconds. Source: model text, pollingDisabledAt. */
export const POLLING_IDLE_MS_MAX = 30 * DAY_MS;
