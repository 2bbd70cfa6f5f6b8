/** One function as the host runs it: everything that decides what an environment looks like. */
export interface FunctionSpec {
  readonly arn: string;
  readonly name: string;
  readonly region: string;
  readonly account: string;
  readonly version: string;
  /** `nodejs22.x`, `python3.12`, `provided.al2023`…; the nearest interpreter on the machine is taken. */
  readonly runtime: string;
  readonly handler: string;
  /** Absolute path of the folder with the code. */
  readonly codeDir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly roleArn: string;
  /** Absolute folders of its layers; a later one hides what an earlier one has under the same name. */
  readonly layerDirs?: readonly string[];
  /** Most invocations at once, over all versions of the function. Absent when nothing is reserved. */
  readonly reservedConcurrency?: number;
  /** Changes whenever code or configuration changes; an environment of another revision is not reused. */
  readonly revisionId: string;
}

export interface Invocation {
  /** Stays the same over the retries of an asynchronous invocation. */
  readonly requestId: string;
  readonly payload: Buffer;
  /** As the caller named the function, with a version or alias; the function sees it. Without it, the spec's ARN. */
  readonly invokedArn?: string;
  /** JSON that the caller gives along for `context.client_context`. */
  readonly clientContext?: string;
  /** Live credentials in the payload: where the function writes them, they are masked. */
  readonly secrets?: readonly string[];
  /** Is told every line that the function writes during this invocation, without its newline. */
  onLine?(line: string): void;
  /** Is told after every line in which a live credential was masked. */
  onSecret?(): void;
}

/** How one attempt ended. Times are milliseconds. */
export interface InvocationEnd {
  readonly outcome:
    | "returned" // the handler came back with a value
    | "raised" // the handler raised, the environment lives on
    | "timedOut" // the timeout passed, the environment was killed
    | "crashed" // the process ended during the call
    | "couldNotStart"; // the process never asked for its first event: import error, missing handler or interpreter
  /** The handler's value as JSON bytes, or the error as Lambda's `{errorType, errorMessage, stackTrace}` JSON. */
  readonly payload: Buffer;
  /** The same for people to read, without live credentials. */
  readonly error?: FunctionError;
  /** Masks live credentials in what is shown of the payload. */
  mask?(text: string): string;
  readonly durationMs: number;
  /** Only when this attempt started the environment. */
  readonly initMs?: number;
  readonly maxMemoryMb?: number;
}

export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stackTrace: readonly string[];
}

/** Runs functions in processes of their own behind a Lambda Runtime API. One life per server. */
export interface FunctionHost {
  /** Runs one attempt. Resolves however the attempt ends; throws only for faults of the host itself. */
  invoke(spec: FunctionSpec, invocation: Invocation): Promise<InvocationEnd>;
  /** The request id of what the process with these credentials works on; nothing for a stranger or an idle one. */
  invocationOf(accessKeyId: string): string | undefined;
  /** Starts an environment before anything asks for it. */
  prestart(spec: FunctionSpec): void;
  /**
   * Ends environments of other revisions of this function than the one named, or all. What runs or waits is served to
   * its end first; resolves when those that had nothing to do are gone.
   */
  retire(functionArn: string, keptRevisionId?: string): Promise<void>;
  /** Kills every environment and waits until they are gone. */
  stop(): Promise<void>;
}
