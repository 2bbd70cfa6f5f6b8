import type { ActionDiagnosis } from "./diagnosis.ts";
import { milliseconds } from "./duration.ts";
import { type Execution, execution } from "./execution.ts";
import { type OwnPages, ownPages } from "./own-pages.ts";
import { findPenstock, printed, searchedFolders, startProcess } from "./penstock-process.ts";

/**
 * How a Penstock is started. Everything has a default.
 *
 * @example
 * ```ts
 * const options: StartPenstockOptions = { project, unreported: "wait" };
 * ```
 */
export interface StartPenstockOptions {
  /** Folder with a pipeline and its `penstock.yaml`, or a pipeline file. Nothing is deployed without it. */
  readonly project?: string;
  /** Folders or zips for source artifacts of the project, by the artifact's name, instead of those in `penstock.yaml`. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** `fast` acts at once, and is the default; `aws` keeps the service's rhythm, in which the clock cannot be set. */
  readonly timing?: "fast" | "aws";
  /**
   * What becomes of a job whose function has ended without a report: `fail` fails its action at once, and is the
   * default; `wait` gives it the service's 20 minutes, for a test that sets the clock forward.
   */
  readonly unreported?: "fail" | "wait";
}

/**
 * What clients of the AWS SDK take. The key is the well-known one of every Penstock on loopback.
 *
 * @example
 * ```ts
 * const configuration: PenstockClientConfiguration = penstock.client;
 * ```
 */
export interface PenstockClientConfiguration {
  /** Of all services. */
  readonly endpoint: string;
  /** Of the project. */
  readonly region: string;
  /** Of the account's root. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** For S3: an address on loopback has no subdomains. */
  readonly forcePathStyle: true;
}

/**
 * A clock that goes with the machine's, and can be set forward.
 *
 * @example
 * ```ts
 * const clock: PenstockClock = penstock.clock;
 * await clock.advance("24h");
 * ```
 */
export interface PenstockClock {
  /**
   * What time it is. Unit: epoch milliseconds.
   *
   * Errors: `Error` when the server is gone.
   *
   * @example
   * ```ts
   * console.log(new Date(await penstock.clock.now()));
   * ```
   */
  now(): Promise<number>;
  /**
   * Sets it forward; resolves when what has become due is done or begun. Durations are milliseconds, or texts such as
   * `20m` and `1h30m`.
   *
   * Errors: `TypeError` for a text that is no duration; `Error` with `timing: "aws"`, and for more than a year in all.
   *
   * @example
   * ```ts
   * await penstock.clock.advance("20m");
   * ```
   */
  advance(duration: string | number): Promise<void>;
}

/**
 * A whole Penstock for the tests of a project. It ends with `stop`, with `await using`, or with the test's process.
 *
 * @example
 * ```ts
 * const another: Penstock = await startPenstock();
 * await another.stop();
 * ```
 */
export interface Penstock extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40123`. */
  readonly endpoint: string;
  /** Of the project; `us-east-1` without one. */
  readonly region: string;
  /** Twelve digits. */
  readonly account: string;
  /** What clients of the AWS SDK take: `new S3Client(penstock.client)`. */
  readonly client: PenstockClientConfiguration;
  /** The server's, for all that happens after minutes and hours. */
  readonly clock: PenstockClock;
  /**
   * Starts a pipeline, with values of its variables.
   *
   * Errors: the service's, such as `PipelineNotFoundException`.
   *
   * @example
   * ```ts
   * const started = await penstock.start("count-words");
   * ```
   */
  start(pipeline: string, options?: { readonly variables?: Readonly<Record<string, string>> }): Promise<Execution>;
  /**
   * An execution that somebody else started, by its id.
   *
   * Errors: none; its waits have them.
   *
   * @example
   * ```ts
   * await penstock.execution(execution.id).settled();
   * ```
   */
  execution(id: string): Execution;
  /**
   * How each action of an execution, or the action of a job, stands and why.
   *
   * Errors: `Error` for an id that is neither.
   *
   * @example
   * ```ts
   * const [diagnosis] = await penstock.why(execution.id);
   * ```
   */
  why(executionOrJobId: string): Promise<readonly ActionDiagnosis[]>;
  /**
   * What the server printed, the latest characters: executions that failed, functions that raised.
   *
   * Errors: none.
   *
   * @example
   * ```ts
   * expect(settled.status, penstock.output()).toBe("Succeeded");
   * ```
   */
  output(): string;
  /**
   * Ends it, with all of its functions and its data. Stopping twice is stopping once.
   *
   * Errors: none.
   *
   * @example
   * ```ts
   * const another = await startPenstock();
   * await another.stop();
   * ```
   */
  stop(): Promise<void>;
}

/**
 * Starts a whole Penstock, with an empty data folder and on a free port, from the package `penstock` that the project has
 * installed. Takes less than a second.
 *
 * Errors: `Error` when `penstock` is not installed, and when it cannot start, with what it printed: that says which file
 * of the project is wrong, and where.
 *
 * @example
 * ```ts
 * await using penstock = await startPenstock({ project });
 * const execution = await penstock.start("count-words");
 * const settled = await execution.settled();
 * expect(settled.action("Count").outputVariables["Words"]).toBe("2");
 * ```
 */
export async function startPenstock(options: StartPenstockOptions = {}): Promise<Penstock> {
  const program = findPenstock(searchedFolders(options.project));
  const server = await startProcess(program, argumentsOf(options));
  const pages = ownPages(server.endpoint, () => printed(server.output()));
  const { account, region } = await pages.read<{ account: string; region: string }>("server");
  const client: PenstockClientConfiguration = {
    endpoint: server.endpoint,
    region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    forcePathStyle: true,
  };
  return {
    endpoint: server.endpoint,
    region,
    account,
    client,
    clock: clockOf(pages),
    start: async (pipeline, { variables = {} } = {}) => execution(await start(client, pipeline, variables), pages),
    execution: (id) => execution(id, pages),
    why: (id) => why(id, pages),
    output: server.output,
    stop: server.stop,
    [Symbol.asyncDispose]: server.stop,
  };
}

function argumentsOf({ project, inputs = {}, timing = "fast", unreported = "fail" }: StartPenstockOptions) {
  return [
    ...["--port", "0", "--host", "127.0.0.1", "--throw-away", "--until-stdin-ends"],
    ...["--timing", timing, "--unreported", unreported],
    ...(project === undefined ? [] : ["--project", project]),
    ...Object.entries(inputs).flatMap(([name, path]) => ["--input", `${name}=${path}`]),
  ];
}

function clockOf(pages: OwnPages): PenstockClock {
  return {
    now: async () => (await pages.read<{ now: number }>("clock")).now,
    advance: async (duration) => void (await pages.post("clock", { advanceMs: milliseconds(duration) })),
  };
}

/** By the service's own API. */
async function start(
  client: PenstockClientConfiguration,
  name: string,
  variables: Readonly<Record<string, string>>,
): Promise<string> {
  const { CodePipelineClient, StartPipelineExecutionCommand } = await import("@aws-sdk/client-codepipeline");
  const values = Object.entries(variables).map(([key, value]) => ({ name: key, value }));
  const caller = new CodePipelineClient(client);
  try {
    const command = new StartPipelineExecutionCommand({ name, ...(values.length > 0 && { variables: values }) });
    return (await caller.send(command)).pipelineExecutionId ?? "";
  } finally {
    caller.destroy();
  }
}

async function why(id: string, pages: OwnPages): Promise<readonly ActionDiagnosis[]> {
  type Page = { readonly diagnosis: ActionDiagnosis };
  const found = await pages.read<{ actions: readonly Page[] }>(`executions/${id}`).catch(() => undefined);
  if (found) return found.actions.map(({ diagnosis }) => diagnosis);
  return [(await pages.read<Page>(`jobs/${id}`)).diagnosis];
}
