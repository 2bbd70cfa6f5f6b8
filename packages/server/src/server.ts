import type { CaptureOptions } from "./capture/capture-job.ts";
import type { JobCapture } from "./capture/job-capture.ts";
import type { HeadStart } from "./functions/head-start.ts";
import type { Objects } from "./objects/objects.ts";
import type { StoryEntry } from "./story.ts";
import type { Diagnosis } from "./why/diagnosis.ts";

/** How a server is started. Everything but the data folder has a default. */
export interface ServerOptions {
  /** Made when missing; held until `stop`. */
  readonly dataDir: string;
  /** The folder goes when the server has stopped: nothing is synced to the disk, and the master key stays in memory. */
  readonly isThrowAway?: boolean;
  /** `127.0.0.1` unless given. Any address that is not loopback needs `rootKeys`. */
  readonly host?: string;
  /** 0 asks for any free port, which is the default. */
  readonly port?: number;
  /** Twelve digits: the account of `rootKeys`, and of what the process itself makes. */
  readonly account?: string;
  readonly region?: string;
  /** `fast` acts at once; `aws` keeps the service's rhythm, and is the default. */
  readonly timing?: "fast" | "aws";
  /**
   * What becomes of a job whose function has ended for good without a report: `fail` ends it at once, because
   * nobody else can report; `wait` gives it the service's 20 minutes, and is the default.
   */
  readonly unreported?: "fail" | "wait";
  /** Fails an action at once that reports success without having written what it declares; else that is only noted. */
  readonly strictOutputs?: boolean;
  /** `aws` refuses requests to CodePipeline that come too fast, as the service does; `off` is the default. */
  readonly throttling?: "off" | "aws";
  /** How far the clock is set ahead, such as by an earlier life of the same data folder. Unit: milliseconds. */
  readonly clockAheadMs?: number;
  /** `test` and `test` on loopback unless given. */
  readonly rootKeys?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /**
   * Further accounts, by their twelve digits, with the keys of their roots. Where `rootKeys` is not given, every account
   * has one more: its number, with the secret `test`.
   */
  readonly accounts?: Readonly<Record<string, { readonly accessKeyId: string; readonly secretAccessKey: string }>>;
  /** `warn` lets pass what policies refuse, and logs it; `off` asks no policy. */
  readonly iam?: "enforce" | "warn" | "off";
  /** Folders and files of the program, where it is not run from its sources. */
  readonly assetsDir?: string;
  /** A small cache that outlives data folders: where interpreters were found. */
  readonly cacheDir?: string;
  /** A Python that was set up for the purpose; taken when the ones of the machine lack boto3. */
  readonly python?: string;
  /** Folders named `node_modules` with the AWS SDK, for Node functions that do not bundle it. */
  readonly nodeModulesDirs?: readonly string[];
  /**
   * What becomes of calls of AWS services that are not served here, by their name in a signature's scope, such as
   * `dynamodb`: `refuse`, which is the default; the URL of an endpoint that gets them; `aws`, which gets them with the
   * credentials of whoever started the server.
   */
  readonly otherServices?: Readonly<Record<string, string>>;
  /** The token that the first job of one action carries, as if a job before it had continued: what a replay begins with. */
  readonly replayed?: { readonly stage: string; readonly action: string; readonly continuationToken: string };
  /**
   * Starts functions of Node and Python under a debugger on this port of loopback, which they wait for. Each has one
   * process, and neither functions nor jobs are timed. Python needs debugpy.
   */
  readonly debugPort?: number;
  /**
   * `python` keeps a process that has imported boto3, from which those of functions in Python are forked: a cold start
   * takes a fraction of the time, for some 60 MB. `off` unless given.
   */
  readonly preloadedFork?: "off" | "python";
  /** How big the object of an S3 source may be, where the service's 5 GB are too many to try. Unit: bytes. */
  readonly sourceBytesMax?: number;
  /** A process that `startFunctionAhead` started; the first function that it fits takes it. */
  readonly ahead?: HeadStart;
  log?(level: "info" | "warn" | "error", message: string): void;
  /** Told the moments at which a crash would make a difference; a simulation ends the process there. */
  onMoment?(moment: string): void;
}

/** A running server. */
export interface Server {
  readonly url: string;
  readonly port: number;
  /**
   * Runs an API operation as the root of the server's own account, or of another, validated like a request on the wire.
   * Throws `ServiceError`.
   */
  call(service: ServiceName, operation: string, input: object, account?: string): Promise<unknown>;
  /**
   * Creates or updates a function, in its role's account, whose code folder is used in place, and starts its process before
   * it is asked for.
   */
  deployFunction(declared: DeployFunction): Promise<{ readonly arn: string }>;
  /** Creates or updates a pipeline without starting it. Takes the API's declaration. Throws `ServiceError`. */
  deployPipeline(declaration: object): Promise<void>;
  readonly objects: Objects;
  /** Calls `listener` for every entry of the story from now on; the answer ends that. */
  watch(listener: (entry: StoryEntry) => void): () => void;
  /** The event that the function of a job receives, with fresh credentials. */
  jobEvent(jobId: string): Promise<object>;
  /** What a job was given and what became of it, without any credential; undefined when there is no such job. */
  capture(jobId: string, options?: CaptureOptions): Promise<JobCapture | undefined>;
  /** Resolves when nothing of an execution runs any more: it is finished, and so are its functions' retries. */
  settled(executionId: string): Promise<void>;
  /**
   * Says how each action of an execution, or the action of a job, stands and why; nothing for an id that is neither.
   */
  why(executionOrJobId: string): Promise<readonly Diagnosis[]>;
  /**
   * Sets the clock forward; resolves when what has become due is done or begun. Whoever holds the server itself may do
   * so in any timing; over HTTP it is refused with `timing: aws`. Throws `RangeError` for what is no step forward.
   */
  advanceClock(ms: number): Promise<void>;
  /** Ends at once what runs, keeps what is on record, and lets go of port and data folder. */
  stop(): Promise<void>;
}

export type ServiceName = "codepipeline" | "lambda" | "s3" | "sts" | "iam" | "kms" | "logs";

export interface DeployFunction {
  readonly name: string;
  readonly runtime: string;
  readonly handler: string;
  /** Absolute. */
  readonly codeDir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly roleArn: string;
  /** Absolute folders laid out as Lambda lays out `/opt`: a later one hides what an earlier one has. None unless given. */
  readonly layers?: readonly string[];
}

/** The server cannot be started as asked; the message says why and what to do. */
export class StartError extends Error {
  override readonly name = "StartError";
}
