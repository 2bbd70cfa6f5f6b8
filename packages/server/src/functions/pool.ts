import { ServiceError } from "../wire/error.ts";
import type { Environment, EnvironmentEvents, StartFailure } from "./environment.ts";
import type { FunctionSpec, Invocation, InvocationEnd } from "./host.ts";
import { endLine, reportLine, startLine } from "./log-text.ts";

/**
 * The environments of one revision of one function, and the invocations that wait for one.
 *
 * An invocation takes an idle environment at once. If there is none it waits, and whichever environment is idle first
 * takes it: one that is just ending its work, or one that is started for it. While others are at work the start is
 * held back for a few milliseconds, because in a chain of actions the next is called while the one before is just
 * returning, and a process started for that would only take the machine's time.
 *
 * A process that cannot start ends the attempt that has waited longest, for the reason lies in the function.
 */
export class Pool {
  readonly spec: FunctionSpec;
  readonly environments = new Set<Environment>();
  readonly #waiting: Waiting[] = [];
  readonly #idle: Environment[] = [];
  readonly #options: PoolOptions;
  #isRetired = false;
  #holdBack: NodeJS.Timeout | undefined;
  /** A start that failed before anything was called, for the first that calls. */
  #earlyFailure: { readonly failure: StartFailure; readonly at: number } | undefined;

  constructor(spec: FunctionSpec, options: PoolOptions) {
    this.spec = spec;
    this.#options = options;
  }

  /** Runs one attempt as soon as there is an environment for it. */
  invoke(invocation: Invocation): Promise<InvocationEnd> {
    const environment = this.#waiting.length === 0 ? this.#takeIdle() : undefined;
    if (environment) return environment.run(invocation);
    const early = this.#takeEarlyFailure();
    if (early) return Promise.resolve(couldNotStart(this.spec, invocation, early));
    if (this.#waiting.length >= this.#options.waitingMax) return Promise.reject(tooMany());
    const { promise, resolve, reject } = Promise.withResolvers<InvocationEnd>();
    this.#waiting.push({ invocation, resolve, reject });
    this.startWhatIsNeeded();
    return promise;
  }

  /** Starts one environment, unless one is idle or starting. */
  prestart(): void {
    if (this.#idle.length === 0 && this.#starting() === 0 && this.#options.mayStart(this)) this.#start();
  }

  /** Starts environments for what waits, within the limits. The host calls it when there is room again. */
  startWhatIsNeeded(heldBack = false): void {
    if (this.#waiting.length <= this.#starting()) return;
    if (!heldBack && this.#isAtWork()) {
      this.#startLater();
      return;
    }
    const { startsAtOnceMax, environmentsPerFunctionMax, mayStart } = this.#options;
    while (this.#waiting.length > this.#starting() && this.#starting() < startsAtOnceMax) {
      if (this.environments.size >= environmentsPerFunctionMax || !mayStart(this)) return;
      this.#start();
    }
  }

  /** Ends one idle environment, to make room for another function's. Answers false if there is none. */
  endOneIdle(): boolean {
    const longest = this.#idle.shift();
    longest?.kill();
    return longest !== undefined;
  }

  /** Ends those that have been idle since before a time of `performance.now()`, or whose credentials are about to end. */
  endStale(idleBefore: number): void {
    for (const environment of this.#idle.filter((one) => one.idleSince < idleBefore || !this.#options.isFresh(one))) {
      this.#leave(environment);
      environment.kill();
    }
  }

  /** Ends every environment as soon as nothing runs in it or waits for it. Resolves when the idle ones are gone. */
  async retire(): Promise<void> {
    this.#isRetired = true;
    const isUseless = ({ state }: Environment) =>
      state === "idle" || (state === "starting" && this.#waiting.length === 0);
    const useless = [...this.environments].filter(isUseless);
    this.#idle.length = 0;
    for (const environment of useless) environment.kill();
    await Promise.all(useless.map(({ gone }) => gone));
  }

  /** Kills all, and rejects what runs and what waits. Resolves when they are gone. */
  async stop(error: Error): Promise<void> {
    clearTimeout(this.#holdBack);
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    const all = [...this.environments];
    for (const environment of all) environment.abandon(error);
    await Promise.all(all.map(({ gone }) => gone));
  }

  #start(): void {
    const environment = this.#options.create(this.spec, {
      ready: (ready) => this.#ready(ready),
      lost: (lost) => this.#leave(lost),
      failedToStart: (_, failure) => this.#failedToStart(failure),
      ended: (ended) => this.#ended(ended),
    });
    this.environments.add(environment);
  }

  #startLater(): void {
    this.#holdBack ??= setTimeout(() => {
      this.#holdBack = undefined;
      this.startWhatIsNeeded(true);
    }, this.#options.holdBackMs);
  }

  #ready(environment: Environment): void {
    const hasServed = environment.served > 0 || this.#waiting.length === 0; // One that was just started serves first.
    const mustGo = environment.retired || !this.#isGood(environment) || (hasServed && this.#options.mustYield(this));
    const next = mustGo ? undefined : this.#waiting.shift();
    if (next) environment.run(next.invocation).then(next.resolve, next.reject);
    else if (!mustGo && !this.#isRetired) this.#idle.push(environment);
    else environment.kill();
    this.startWhatIsNeeded();
  }

  #failedToStart(failure: StartFailure): void {
    const longest = this.#waiting.shift();
    if (longest) longest.resolve(couldNotStart(this.spec, longest.invocation, failure));
    else this.#earlyFailure = { failure, at: performance.now() };
    this.startWhatIsNeeded();
  }

  #ended(environment: Environment): void {
    this.#leave(environment);
    if (!this.environments.delete(environment)) return;
    this.startWhatIsNeeded();
    this.#options.roomMade(this);
  }

  #leave(environment: Environment): void {
    const index = this.#idle.indexOf(environment);
    if (index >= 0) this.#idle.splice(index, 1);
  }

  /** Takes the one that was used last: its memory is the warmest, and the others may come to their end. */
  #takeIdle(): Environment | undefined {
    for (let environment = this.#idle.pop(); environment; environment = this.#idle.pop()) {
      if (this.#isGood(environment)) return environment;
      environment.kill();
    }
    return undefined;
  }

  /** A new one always is: if its credentials are too short for the function, another's would be no longer. */
  #isGood(environment: Environment): boolean {
    return environment.served === 0 || this.#options.isFresh(environment);
  }

  #takeEarlyFailure(): StartFailure | undefined {
    const early = this.#earlyFailure;
    this.#earlyFailure = undefined;
    return early && performance.now() - early.at < EARLY_FAILURE_MS_MAX ? early.failure : undefined;
  }

  #starting(): number {
    let count = 0;
    for (const { state } of this.environments) if (state === "starting") count++;
    return count;
  }

  #isAtWork(): boolean {
    for (const { state } of this.environments) if (state === "busy" || state === "settling") return true;
    return false;
  }
}

/** What a pool needs of its host. */
export interface PoolOptions {
  /** Most invocations of one function that wait for an environment. */
  readonly waitingMax: number;
  readonly environmentsPerFunctionMax: number;
  /** Most processes of one function that start at the same time. */
  readonly startsAtOnceMax: number;
  /** How long a start is held back while others are at work. */
  readonly holdBackMs: number;
  /** Makes and starts one. Its events come later, never during the call. */
  create(spec: FunctionSpec, events: EnvironmentEvents): Environment;
  /** Whether the host has room for one more; if not, it makes room where it can and says so by `roomMade`. */
  mayStart(pool: Pool): boolean;
  roomMade(pool: Pool): void;
  /** Whether this pool must give up an environment, because another has work and none at all. */
  mustYield(pool: Pool): boolean;
  /** Whether its credentials outlast one more invocation. */
  isFresh(environment: Environment): boolean;
}

interface Waiting {
  readonly invocation: Invocation;
  readonly resolve: (end: InvocationEnd) => void;
  readonly reject: (error: Error) => void;
}

/** How long the failure of a start that nobody waited for is worth telling; later the cause may be mended. Unit: milliseconds. */
const EARLY_FAILURE_MS_MAX = 5000;

/** Source: Lambda API reference, Invoke. */
const tooMany = () =>
  new ServiceError("TooManyRequestsException", "Rate Exceeded.", 429, { Reason: "ConcurrentInvocationLimitExceeded" });

/** The end of an attempt for which no process could start, told with the lines of a process that tried. */
export function couldNotStart(spec: FunctionSpec, invocation: Invocation, failure: StartFailure): InvocationEnd {
  const { error, payload, untold, initMs, log } = failure;
  const { requestId } = invocation;
  const report = {
    requestId,
    durationMs: initMs,
    memoryMb: spec.memoryMb,
    status: "error",
    errorType: error.errorType,
  } as const;
  const isTold = untold.lines.some((line) => line.includes(firstLine(error.errorMessage)));
  const write = (line: string) => {
    log.record(line);
    invocation.onLine?.(line);
  };
  write(startLine(requestId, spec.version));
  for (const line of untold.lines) invocation.onLine?.(line); // The log stream has them already.
  if (untold.hasSecret) invocation.onSecret?.();
  if (!isTold) write(`${error.errorType}: ${error.errorMessage}`);
  write(endLine(requestId));
  write(reportLine(report));
  return { outcome: "couldNotStart", payload, error, durationMs: initMs, initMs };
}

const firstLine = (text: string) => text.split("\n", 1)[0] ?? text;
