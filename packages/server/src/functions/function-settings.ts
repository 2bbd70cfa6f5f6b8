import { invalidParameter } from "./registry-errors.ts";

/** Everything about a function but its code. What no environment of ours has an effect for is kept and shown. */
export interface FunctionSettings {
  /** `nodejs22.x`, `python3.12`, `provided.al2023`… */
  readonly runtime: string;
  readonly handler: string;
  readonly roleArn: string;
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly architecture: "x86_64" | "arm64";
  readonly ephemeralStorageMb: number;
  readonly tracing: "Active" | "PassThrough";
  readonly logging: LoggingSettings;
  readonly snapStart: "PublishedVersions" | "None";
  /** Published layers, in the order in which Lambda merges them: a later one hides files of an earlier one. */
  readonly layers: readonly LayerUse[];
  /** Layers that are folders of this machine, absolute, after all others. Ours: the command line declares them. */
  readonly layerFolders: readonly string[];
  readonly kmsKeyArn?: string;
  readonly deadLetterArn?: string;
  readonly vpc?: { readonly subnetIds: readonly string[]; readonly securityGroupIds: readonly string[] };
}

/** A layer's version as a function uses it, also after that version was deleted. */
export interface LayerUse {
  readonly arn: string;
  readonly codeSha256: string;
  readonly codeBytes: number;
}

export interface LoggingSettings {
  readonly format: "JSON" | "Text";
  readonly group: string;
  readonly applicationLevel?: "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR" | "FATAL";
  readonly systemLevel?: "DEBUG" | "INFO" | "WARN";
}

/** What a function has unless its creator says otherwise. Source: Lambda API reference, CreateFunction. */
export function defaultSettings(name: string): Omit<FunctionSettings, "runtime" | "handler" | "roleArn"> {
  return {
    description: "",
    timeoutSeconds: 3,
    memoryMb: 128,
    environment: {},
    architecture: "x86_64",
    ephemeralStorageMb: 512,
    tracing: "PassThrough",
    logging: { format: "Text", group: `/aws/lambda/${name}` },
    layers: [],
    layerFolders: [],
    snapStart: "None",
  };
}

/** Source for the limits: Lambda developer guide, "Lambda quotas". The model's own are wider, for managed instances. */
const TIMEOUT_SECONDS_MAX = 900;
const MEMORY_MB_MIN = 128;
const MEMORY_MB_MAX = 10_240;
const EPHEMERAL_STORAGE_MB_MAX = 10_240;
/** All names and values of the environment together. */
const ENVIRONMENT_BYTES_MAX = 4096;

/** Names that Lambda sets itself. Source: Lambda developer guide, "Defined runtime environment variables". */
const RESERVED_VARIABLES: ReadonlySet<string> = new Set([
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_DEFAULT_REGION",
  "AWS_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_LAMBDA_RUNTIME_API",
  "LAMBDA_TASK_ROOT",
  "LAMBDA_RUNTIME_DIR",
]);

/**
 * Refuses what Lambda refuses beyond the model's constraints.
 *
 * Errors: `InvalidParameterValueException`.
 */
export function checkSettings(settings: FunctionSettings): void {
  checkRange("Timeout", settings.timeoutSeconds, 1, TIMEOUT_SECONDS_MAX);
  checkRange("MemorySize", settings.memoryMb, MEMORY_MB_MIN, MEMORY_MB_MAX);
  checkRange("EphemeralStorage", settings.ephemeralStorageMb, 512, EPHEMERAL_STORAGE_MB_MAX);
  if (settings.runtime === "" || settings.handler === "") {
    throw invalidParameter(
      "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
    );
  }
  checkEnvironment(settings.environment);
}

function checkRange(name: string, value: number, min: number, max: number): void {
  const bound =
    value < min ? `greater than or equal to ${min}` : value > max ? `less than or equal to ${max}` : undefined;
  if (bound) throw invalidParameter(`'${name}' value failed to satisfy constraint: Member must have value ${bound}`);
}

/** The messages name variables, never their values: those are often secrets. */
function checkEnvironment(environment: Readonly<Record<string, string>>): void {
  const failed =
    "Lambda was unable to configure your environment variables because the environment variables you have provided";
  const reserved = Object.keys(environment).filter((name) => RESERVED_VARIABLES.has(name));
  if (reserved.length > 0) {
    throw invalidParameter(
      `${failed} contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(", ")}`,
    );
  }
  if (Buffer.byteLength(JSON.stringify(environment)) > ENVIRONMENT_BYTES_MAX) {
    throw invalidParameter(`${failed} exceeded the 4KB limit.`);
  }
}
