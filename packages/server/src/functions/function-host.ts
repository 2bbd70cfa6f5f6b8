import { mkdtempSync, rm } from "node:fs";
import { Environment, type EnvironmentEvents } from "./environment.ts";
import { createEnvironmentLog, type RecordLine } from "./environment-log.ts";
import { environmentVariables, type FunctionCredentials } from "./environment-variables.ts";
import { functionError } from "./function-error.ts";
import type { HeadStart } from "./head-start.ts";
import type { FunctionHost, FunctionSpec, Invocation, InvocationEnd } from "./host.ts";
import type { Interpreters } from "./interpreters.ts";
import { layerPrograms } from "./layer-paths.ts";
import { Pool, type PoolOptions } from "./pool.ts";
import { createPreloadedForks, type PreloadedForks } from "./preloaded-forks.ts";
import { createRuntimeApi } from "./runtime-api.ts";
import { type CommandRefused, commandFor, type RuntimeCommand } from "./runtime-command.ts";

export interface FunctionHostOptions {
  /** Where functions find the AWS services; goes to `AWS_ENDPOINT_URL`. */
  readonly endpointUrl: () => string;
  /** Credentials of the function's role. Called once for every process. */
  readonly credentialsFor: (spec: FunctionSpec) => FunctionCredentials;
  readonly interpreters: Interpreters;
  /** The server's clock, epoch milliseconds: credentials are measured by it. */
  readonly now: () => number;
  readonly log: HostLog;
  /** Opens the log stream of one process; the answer takes its lines, with live credentials masked. */
  readonly openLog?: (spec: FunctionSpec, logStream: string) => RecordLine;
  readonly limits?: Partial<HostLimits>;
  /** Folder that holds `runtimes/`, where the program is bundled; by default the one beside this file. */
  readonly assetsDir?: string;
  /** Folders named `node_modules` with the AWS SDK, for Node functions that do not bundle it. */
  readonly nodeModulesDirs?: readonly string[];
  /** Where compiled code of functions is kept between starts; nothing is kept without it. */
  readonly cacheDir?: string;
  /** Folder for the homes of functions; by default the system's for temporary files. */
  readonly workDir?: string;
  /** A process that was started before this host was there, for the first function that it fits. */
  readonly ahead?: HeadStart;
  /** Whether functions in Python may get forked processes, which start faster: see `preloaded-forks.ts`. `off` unless given. */
  readonly preloadedFork?: "off" | "python";
  /** What functions that are not redirected below their SDK find in their environment: the way to a proxy. */
  readonly proxyVariables?: () => Promise<Readonly<Record<string, string>>>;
  /** Port on which the one process of a function waits for a debugger; nothing that it does is timed then. */
  readonly debugPort?: number;
  /** What functions get as PATH, after the folder of their interpreter; by default the server's. */
  readonly path?: string;
}

/** Where the host says what no attempt can be told. */
export interface HostLog {
  warn(text: string): void;
}

/** Bounds of the host. */
export interface HostLimits {
  /** Most processes of all functions together. */
  readonly environmentsMax: number;
  /** Most processes of one function. */
  readonly environmentsPerFunctionMax: number;
  /** Most processes of one function that start at the same time. */
  readonly startsAtOnceMax: number;
  /** Most invocations of one function that wait; one more is refused with `TooManyRequestsException`. */
  readonly waitingMax: number;
  /** How long a process may take until it asks for its first event. Source: Lambda developer guide, init phase. */
  readonly initMsMax: number;
  /** How long a process is kept without work. Source: our choice; Lambda's own is not published. */
  readonly idleMsMax: number;
  /** How long a start is held back while others are at work. Source: our choice, see `Pool`. */
  readonly holdBackMs: number;
  /** How long after the first function in Python the process is started that others are forked from. Source: our choice. */
  readonly preloadAfterMs: number;
}

const LIMITS: HostLimits = {
  environmentsMax: 128,
  environmentsPerFunctionMax: 64,
  startsAtOnceMax: 4,
  waitingMax: 10_000,
  initMsMax: 10_000,
  idleMsMax: 10 * 60_000,
  holdBackMs: 10,
  preloadAfterMs: 1000,
};

/**
 * Bounds while somebody steps through a function: hours, but fewer than its credentials live. One process, because there
 * is one port.
 */
const DEBUGGED_SECONDS = 11 * 3600;
const DEBUGGED_LIMITS: Partial<HostLimits> = { environmentsPerFunctionMax: 1, initMsMax: DEBUGGED_SECONDS * 1000 };

/** How often the host looks at memory and idleness, while there are environments at all. Unit: milliseconds. */
const LOOK_MS = 500;

/** How long credentials must outlast the invocation that uses them. Unit: milliseconds. */
const CREDENTIALS_REST_MS_MIN = 60_000;

/** Makes the host of all functions. It starts nothing until it is asked to, and holds no port. */
export function createFunctionHost(options: FunctionHostOptions): FunctionHost {
  return new Host(options);
}

class Host implements FunctionHost {
  readonly #options: FunctionHostOptions;
  readonly #limits: HostLimits;
  readonly #api = createRuntimeApi();
  /** By function, then by revision. */
  readonly #pools = new Map<string, Map<string, Pool>>();
  /** Pools whose last attempts are still running. */
  readonly #retired = new Set<Pool>();
  readonly #poolOptions: PoolOptions;
  readonly #forks: PreloadedForks | undefined;
  /** By the access key that its process signs with. */
  readonly #byKey = new Map<string, Environment>();
  #environments = 0;
  /** The pool that has waited longest for its first environment while the host was full. */
  #starved: Pool | undefined;
  /** Whether an environment is being ended to make room. */
  #isMakingRoom = false;
  #started = 0;
  #look: NodeJS.Timeout | undefined;
  #stopped: Error | undefined;

  constructor(options: FunctionHostOptions) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits, ...(options.debugPort !== undefined && DEBUGGED_LIMITS) };
    if (options.preloadedFork === "python") {
      this.#forks = createPreloadedForks({ workDir: this.#workDir(), afterMs: this.#limits.preloadAfterMs });
    }
    this.#poolOptions = {
      ...this.#limits,
      create: (spec, events) => this.#create(spec, events),
      mayStart: (pool) => this.#mayStart(pool),
      roomMade: (pool) => this.#roomMade(pool),
      mustYield: (pool) => this.#mustYield(pool),
      isFresh: ({ expiresAt, spec }) =>
        expiresAt - options.now() > spec.timeoutSeconds * 1000 + CREDENTIALS_REST_MS_MIN,
    };
  }

  invoke(spec: FunctionSpec, invocation: Invocation): Promise<InvocationEnd> {
    if (this.#stopped) return Promise.reject(this.#stopped);
    return this.#poolOf(spec).invoke(invocation);
  }

  invocationOf(accessKeyId: string): string | undefined {
    return this.#byKey.get(accessKeyId)?.requestId;
  }

  prestart(spec: FunctionSpec): void {
    if (!this.#stopped) this.#poolOf(spec).prestart();
  }

  async retire(functionArn: string, keptRevisionId?: string): Promise<void> {
    const pools = this.#pools.get(functionArn);
    const others = [...(pools ?? [])].filter(([revisionId]) => revisionId !== keptRevisionId);
    const retired = others.map(([revisionId, pool]) => {
      pools?.delete(revisionId);
      if (pool.environments.size > 0) this.#retired.add(pool);
      return pool.retire();
    });
    if (pools?.size === 0) this.#pools.delete(functionArn);
    await Promise.all(retired);
  }

  async stop(): Promise<void> {
    this.#stopped ??= new Error("The server is stopping; the function was killed.");
    clearInterval(this.#look);
    await Promise.all(this.#allPools().map((pool) => pool.stop(this.#stopped ?? new Error("stopped"))));
    await this.#forks?.stop();
  }

  #poolOf(spec: FunctionSpec): Pool {
    const pools = this.#pools.get(spec.arn) ?? new Map<string, Pool>();
    const known = pools.get(spec.revisionId);
    if (known) return known;
    const isDebugged = this.#options.debugPort !== undefined;
    const pool = new Pool(isDebugged ? { ...spec, timeoutSeconds: DEBUGGED_SECONDS } : spec, this.#poolOptions);
    this.#pools.set(spec.arn, pools.set(spec.revisionId, pool));
    return pool;
  }

  #allPools(): readonly Pool[] {
    return [...[...this.#pools.values()].flatMap((pools) => [...pools.values()]), ...this.#retired];
  }

  #mayStart(pool: Pool): boolean {
    if (this.#environments < this.#limits.environmentsMax) return true;
    if (pool.environments.size === 0) this.#starved ??= pool;
    if (!this.#isMakingRoom)
      this.#isMakingRoom = this.#allPools().some((other) => other !== pool && other.endOneIdle());
    return false; // Not yet: the one that was ended says when it is gone.
  }

  /** One that becomes free while another function has none goes, even if its own has more to do: so all get their turn. */
  #mustYield(pool: Pool): boolean {
    if (!this.#starved || this.#starved === pool || this.#isMakingRoom) return false;
    this.#isMakingRoom = true;
    return true;
  }

  #roomMade(pool: Pool): void {
    this.#environments--;
    if (pool.environments.size === 0) this.#retired.delete(pool);
    if (this.#environments === 0) this.#look = void clearInterval(this.#look);
    const wasFull = this.#environments === this.#limits.environmentsMax - 1;
    if (!wasFull) return;
    const starved = this.#starved;
    this.#starved = undefined;
    this.#isMakingRoom = false;
    starved?.startWhatIsNeeded();
    for (const other of this.#allPools()) other.startWhatIsNeeded();
  }

  #create(spec: FunctionSpec, events: EnvironmentEvents): Environment {
    const logStream = this.#logStream(spec);
    const log = createEnvironmentLog(logStream, this.#options.openLog?.(spec, logStream), this.#options.now);
    const environment = new Environment(spec, this.#limits.initMsMax, events, log);
    this.#environments++;
    this.#look ??= setInterval(() => this.#lookAtAll(), LOOK_MS).unref();
    const failed = (error: unknown) => {
      const fault = functionError("Runtime.Unknown", `The process could not be started: ${String(error)}`);
      setImmediate(() => environment.failToStart(fault));
    };
    try {
      const command = commandFor(spec, { ...this.#options, serverAddress: this.#serverAddress, forks: this.#forks });
      if (command instanceof Promise) command.then((found) => this.#start(environment, found)).catch(failed);
      else this.#start(environment, command);
    } catch (error) {
      failed(error);
    }
    return environment;
  }

  readonly #serverAddress = () => new URL(this.#options.endpointUrl()).host;

  #start(environment: Environment, command: RuntimeCommand | CommandRefused): void {
    if ("refused" in command) setImmediate(() => environment.failToStart(command.refused));
    else if (environment.state !== "ended") this.#startWith(environment, command);
  }

  #startWith(environment: Environment, command: RuntimeCommand): void {
    const { spec } = environment;
    const credentials = this.#options.credentialsFor(spec);
    environment.log.hide([credentials.secretAccessKey, credentials.sessionToken]);
    this.#byKey.set(credentials.accessKeyId, environment);
    void environment.gone.then(() => this.#byKey.delete(credentials.accessKeyId));
    const homeDir = this.#makeHome(environment);
    const path = this.#options.path ?? process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin";
    const variables = (runtimeApi: string) =>
      environmentVariables({
        spec,
        credentials,
        endpointUrl: this.#options.endpointUrl(),
        runtimeApi,
        logStream: environment.log.stream,
        homeDir,
        runtimeDir: command.runtimeDir,
        path: [command.binDir, ...layerPrograms(spec), path].filter(Boolean).join(":"),
        interpreter: command.variables,
      });
    environment.start(this.#api, command, credentials.expiresAt, variables);
  }

  /** A folder of the environment's own, which goes with it. */
  #makeHome(environment: Environment): string {
    const homeDir = mkdtempSync(`${this.#workDir()}/penstock-function-`);
    void environment.gone.then(() => {
      rm(homeDir, { recursive: true, force: true }, (error) => {
        if (error)
          this.#options.log.warn(`the folder ${homeDir} of an ended function is left behind: ${error.message}`);
      });
    });
    return homeDir;
  }

  #workDir(): string {
    return this.#options.workDir ?? process.env["TMPDIR"] ?? "/tmp";
  }

  /** Such as `2026/11/24/[$LATEST]0000018f3c5c1e0000002a`: one for every process, as in Lambda. */
  #logStream({ version }: FunctionSpec): string {
    const now = this.#options.now();
    const day = new Date(now).toISOString().slice(0, 10).replaceAll("-", "/");
    const unique = now.toString(16).padStart(16, "0") + (this.#started++).toString(16).padStart(16, "0");
    return `${day}/[${version}]${unique}`;
  }

  #lookAtAll(): void {
    const idleBefore = performance.now() - this.#limits.idleMsMax;
    for (const pool of this.#allPools()) {
      pool.endStale(idleBefore);
      for (const environment of pool.environments) if (environment.state === "busy") environment.lookAtMemory();
    }
  }
}
