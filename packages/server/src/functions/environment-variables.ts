import type { FunctionSpec } from "./host.ts";
import { layerVariables } from "./layer-paths.ts";

/** What a function signs its calls with. */
export interface FunctionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export interface VariablesInput {
  readonly spec: FunctionSpec;
  readonly credentials: FunctionCredentials;
  /** Where the AWS services are, for `AWS_ENDPOINT_URL`. */
  readonly endpointUrl: string;
  /** `host:port` of the Runtime API. */
  readonly runtimeApi: string;
  readonly logStream: string;
  /** A folder of the environment's own, so that no profile of the user is read. */
  readonly homeDir: string;
  readonly runtimeDir: string;
  readonly path: string;
  /** What the interpreter needs, such as the folder of the user's Python packages. */
  readonly interpreter: Readonly<Record<string, string>>;
}

/**
 * All variables of a function's process: Lambda's, and the function's own. Nothing of the server's environment gets in.
 *
 * Three layers, as in Lambda: what a function may set otherwise, what it sets, what it may not set.
 * Source: Lambda developer guide, "Defined runtime environment variables"; the settings that keep profiles, the
 * metadata service and the real AWS out of reach are our choice.
 */
export function environmentVariables(input: VariablesInput): Record<string, string> {
  const { spec } = input;
  return {
    ...overridable(input),
    ...spec.environment,
    ...layerVariables(spec),
    ...joinedOptions(input),
    ...reserved(input),
  };
}

/** Variable with options for Java: the function's own come last and so count, and leave ours in force. */
export const JAVA_OPTIONS = "JAVA_TOOL_OPTIONS";

function joinedOptions({ spec, interpreter }: VariablesInput): Record<string, string> {
  const [ours, own] = [interpreter[JAVA_OPTIONS], spec.environment[JAVA_OPTIONS]];
  return ours !== undefined && own !== undefined ? { [JAVA_OPTIONS]: `${ours} ${own}` } : {};
}

function overridable({ endpointUrl, homeDir, path, interpreter }: VariablesInput): Record<string, string> {
  return {
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    PATH: path,
    HOME: homeDir,
    AWS_XRAY_CONTEXT_MISSING: "LOG_ERROR",
    AWS_LAMBDA_LOG_FORMAT: "Text",
    AWS_ENDPOINT_URL: endpointUrl,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: `${homeDir}/.aws/config`,
    AWS_SHARED_CREDENTIALS_FILE: `${homeDir}/.aws/credentials`,
    _X_AMZN_TRACE_ID: "",
    ...interpreter,
  };
}

function reserved(input: VariablesInput): Record<string, string> {
  const { spec, credentials } = input;
  return {
    _HANDLER: spec.handler,
    AWS_REGION: spec.region,
    AWS_DEFAULT_REGION: spec.region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    ...(spec.runtime.startsWith("provided") ? {} : { AWS_EXECUTION_ENV: `AWS_Lambda_${spec.runtime}` }),
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    AWS_LAMBDA_FUNCTION_VERSION: spec.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${spec.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: input.logStream,
    AWS_LAMBDA_RUNTIME_API: input.runtimeApi,
    LAMBDA_TASK_ROOT: spec.codeDir,
    LAMBDA_RUNTIME_DIR: input.runtimeDir,
  };
}
