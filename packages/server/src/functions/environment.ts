import type { ServerResponse } from "node:http";
import { type EnvironmentLog, maskedError, type UntoldLines } from "./environment-log.ts";
import { functionError, toPayload } from "./function-error.ts";
import { type FunctionProcess, startProcess } from "./function-process.ts";
import type { FunctionError, FunctionSpec, Invocation, InvocationEnd } from "./host.ts";
import { exitText, timedOutText } from "./log-text.ts";
import { type ProcessMemory, readMemory } from "./process-memory.ts";
import {
  type ErrorReport,
  type RuntimeApi,
  type RuntimeApiClient,
  type RuntimeApiListener,
  type RuntimeApiRefusal,
  sendEvent,
  tooLargeText,
} from "./runtime-api.ts";
import type { RuntimeCommand } from "./runtime-command.ts";

/**
 * One process that serves one function, one invocation at a time.
 *
 * Its life: *starting* from the spawn until it first asks for an event, then *idle* while its question waits, *busy*
 * from the event to the answer, *settling* until it asks again, and so on, until it is *ended*: by a timeout, its own
 * exit, an error while starting, or because nobody needs it. The process is the head of a process group, which is
 * killed as a whole.
 *
 * What a function wrote before it answered belongs to the attempt. The pipe with its lines became readable before the
 * socket with its answer did, so both are in the same round of the event loop, in either order; the attempt is
 * therefore concluded by `setImmediate`, which runs when that round has been read, and costs no wait.
 *
 * A process whose server was killed ends by itself: see `runtimes/` for ours, and `runtime-command.ts` for `provided`.
 */
export class Environment implements RuntimeApiClient {
  readonly spec: FunctionSpec;
  readonly log: EnvironmentLog;
  /** When its credentials end, epoch milliseconds by the server's clock. */
  expiresAt = Number.POSITIVE_INFINITY;
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>;
  state: "starting" | "idle" | "busy" | "settling" | "ended" = "starting";
  /** When it last became idle, by `performance.now()`. */
  idleSince = 0;
  /** How many invocations it was given. */
  served = 0;
  /** Gets no further invocation. */
  retired = false;

  readonly #events: EnvironmentEvents;
  readonly #startedAt = performance.now();
  readonly #initTimer: NodeJS.Timeout;
  readonly #setGone: () => void;
  #process: FunctionProcess | undefined;
  #listener: RuntimeApiListener | undefined;
  #question: ServerResponse | undefined;
  #call: Call | undefined;
  #initMs: number | undefined;
  #memory: ProcessMemory | undefined;
  #memoryReadAt = Number.NEGATIVE_INFINITY;

  constructor(spec: FunctionSpec, initMsMax: number, events: EnvironmentEvents, log: EnvironmentLog) {
    this.spec = spec;
    this.log = log;
    this.#events = events;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.gone = promise;
    this.#setGone = resolve;
    this.#initTimer = setTimeout(() => this.failToStart(neverAsked(initMsMax)), initMsMax);
  }

  /** What it works on, until the process asks for the next event or is gone. */
  get requestId(): string | undefined {
    return this.#call?.invocation.requestId;
  }

  /** The process, once there is one. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts the process, with a socket or a listener of its own for the Runtime API. */
  start(
    api: RuntimeApi,
    command: RuntimeCommand,
    expiresAt: number,
    variables: (runtimeApi: string) => Record<string, string>,
  ): void {
    this.expiresAt = expiresAt;
    if (command.runtimeApi === undefined) this.#listen(api, (address) => this.#spawn(api, command, variables(address)));
    else this.#spawn(api, command, variables(command.runtimeApi));
  }

  /** Gives an idle environment its next event, in this turn. */
  run(invocation: Invocation): Promise<InvocationEnd> {
    const question = this.#question;
    if (this.state !== "idle" || !question) throw new Error(`environment of ${this.spec.name} is ${this.state}`);
    this.#question = undefined;
    this.state = "busy";
    this.served++;
    const timeoutMs = this.spec.timeoutSeconds * 1000;
    const { promise, resolve, reject } = Promise.withResolvers<InvocationEnd>();
    const timer = setTimeout(() => this.#timeOut(), timeoutMs);
    this.#call = { invocation, resolve, reject, timer, startedAt: performance.now() };
    this.log.open(invocation, this.spec.version);
    const { requestId, payload, invokedArn: functionArn = this.spec.arn, clientContext } = invocation;
    const head = { requestId, functionArn, deadlineAt: Date.now() + timeoutMs };
    sendEvent(question, clientContext === undefined ? head : { ...head, clientContext }, payload);
    return promise;
  }

  /** Ends the process. An attempt that runs in it crashes. */
  kill(): void {
    this.retired = true;
    clearTimeout(this.#initTimer);
    if (this.state !== "busy") this.state = "ended";
    if (this.#process) this.#process.kill();
    else this.#finish();
  }

  /** Ends the process and rejects the attempt that runs in it, for its end tells nothing about the function. */
  abandon(error: Error): void {
    const call = this.#call;
    this.#call = undefined;
    clearTimeout(call?.timer);
    this.state = "ended";
    this.kill();
    call?.reject(error);
  }

  /** Looks at a busy process, and kills it when it holds more memory than the function has. */
  lookAtMemory(): void {
    this.#readMemory();
    if ((this.#memory?.privateMb ?? 0) > this.spec.memoryMb) this.kill();
  }

  /** The process will never take an event. Says so at once, and does not wait until it is gone. */
  failToStart(error: FunctionError, payload = toPayload(error)): void {
    if (this.state !== "starting") return;
    const initMs = performance.now() - this.#startedAt;
    const shown = maskedError(error, this.log.mask());
    const failure = { error: shown, payload, untold: this.log.take(), initMs, log: this.log };
    this.kill();
    this.#events.failedToStart(this, failure);
  }

  // The Runtime API

  next(response: ServerResponse): RuntimeApiRefusal | undefined {
    if (this.state === "ended") return refusal("The environment is ending.");
    const isRunning = this.state === "busy" && !this.#call?.answer;
    if (isRunning || this.#question) return refusal("Transition from Running to Ready is not allowed.");
    this.#question = response;
    response.on("close", () => {
      if (this.#question === response) this.#loseQuestion();
    });
    if (this.state === "starting" && this.#initMs === undefined) {
      clearTimeout(this.#initTimer);
      this.#initMs = performance.now() - this.#startedAt;
      setImmediate(() => this.#becomeIdle()); // What it wrote while starting comes before START.
    } else if (this.state === "settling") {
      this.#becomeIdle();
    }
    return undefined;
  }

  respond(requestId: string, payload: Buffer): RuntimeApiRefusal | undefined {
    return this.#answer(requestId, { outcome: "returned", payload });
  }

  respondTooLarge(requestId: string, sizeBytes: number): RuntimeApiRefusal | undefined {
    const error = functionError("Function.ResponseSizeTooLarge", tooLargeText(sizeBytes));
    return this.#answer(requestId, { outcome: "raised", payload: toPayload(error), error });
  }

  fail(requestId: string, { payload, error }: ErrorReport): RuntimeApiRefusal | undefined {
    return this.#answer(requestId, { outcome: "raised", payload, error });
  }

  failInit({ payload, error }: ErrorReport): RuntimeApiRefusal | undefined {
    if (this.state !== "starting") return refusal("The environment has started already.");
    setImmediate(() => this.failToStart(error, payload)); // Its lines are in by then.
    return undefined;
  }

  #answer(requestId: string, answer: Answer): RuntimeApiRefusal | undefined {
    const call = this.#call;
    if (!call || call.answer || call.invocation.requestId !== requestId) {
      return { status: 400, errorType: "InvalidRequestID", errorMessage: "Invalid request ID" };
    }
    clearTimeout(call.timer);
    call.answer = { ...answer, durationMs: performance.now() - call.startedAt };
    setImmediate(() => this.#conclude(call));
    return undefined;
  }

  /** The process hung up while it waited. It may ask again; until then it gets nothing. */
  #loseQuestion(): void {
    this.#question = undefined;
    if (this.state !== "idle") return;
    this.state = "settling";
    this.#events.lost(this);
  }

  #becomeIdle(): void {
    if (this.state === "ended") return;
    this.state = "settling";
    if (!this.#question) return;
    this.state = "idle";
    this.idleSince = performance.now();
    this.#events.ready(this);
  }

  // The end of an attempt

  #conclude(call: Call): void {
    if (this.#call !== call || !call.answer) return;
    const { outcome, payload, error, durationMs } = call.answer;
    if (performance.now() - this.#memoryReadAt > MEMORY_AGE_MS_MAX) this.#readMemory();
    const initMs = this.#initMs;
    const maxMemoryMb = this.#memory?.peakMb;
    const { memoryMb } = this.spec;
    const mask = this.log.mask();
    this.log.close({
      durationMs,
      memoryMb,
      maxMemoryMb,
      initMs,
      status: STATUS[outcome],
      errorType: error?.errorType,
    });
    this.#initMs = undefined;
    this.#call = undefined;
    if (this.state === "busy") this.state = "settling";
    call.resolve({
      outcome,
      payload,
      durationMs,
      mask,
      ...(error && { error: maskedError(error, mask) }),
      ...(initMs !== undefined && { initMs }),
      ...(maxMemoryMb !== undefined && { maxMemoryMb }),
    });
    if (this.state === "settling") this.#becomeIdle();
  }

  #timeOut(): void {
    if (this.#call) this.#call.isLate = true;
    this.#readMemory();
    this.#process?.kill();
  }

  #concludeWithoutAnswer(call: Call, exit: string): void {
    clearTimeout(call.timer);
    const { requestId } = call.invocation;
    const { timeoutSeconds } = this.spec;
    const error = call.isLate
      ? functionError("Sandbox.Timedout", timedOutText(requestId, timeoutSeconds, Date.now()))
      : functionError("Runtime.ExitError", `RequestId: ${requestId} Error: ${exit}`);
    this.log.write(error.errorMessage);
    if (!call.isLate) this.log.write(error.errorType);
    call.answer = {
      outcome: call.isLate ? "timedOut" : "crashed",
      payload: toPayload(error),
      error,
      durationMs: call.isLate ? timeoutSeconds * 1000 : performance.now() - call.startedAt,
    };
    this.#conclude(call);
  }

  // The process

  #listen(api: RuntimeApi, then: (address: string) => void): void {
    const ready = (listener: RuntimeApiListener) => {
      this.#listener = listener;
      if (this.state === "ended") listener.close();
      else then(listener.address);
    };
    api
      .listen(this)
      .then(ready)
      .catch((error: unknown) => {
        this.failToStart(functionError("Runtime.Unknown", `The process could not be started: ${String(error)}`));
      });
  }

  #spawn(api: RuntimeApi, command: RuntimeCommand, env: Record<string, string>): void {
    this.#process = startProcess(command, this.spec.codeDir, env, {
      exited: (code, signal) => this.#exited(code, signal),
      neverStarted: (error) => {
        this.failToStart(functionError("Runtime.InvalidEntrypoint", error.message));
        this.#finish();
      },
    });
    for (const stream of this.#process.output) this.log.follow(stream);
    if (this.#process.socket) api.attach(this.#process.socket, this);
  }

  /** The process is gone: what waits for it is told why, after what it still said is read. */
  #exited(code: number | null, signal: NodeJS.Signals | null): void {
    this.retired = true;
    this.#loseQuestion();
    setImmediate(() => {
      const exit = exitText(code, signal);
      if (this.#call && !this.#call.answer) this.#concludeWithoutAnswer(this.#call, exit);
      this.failToStart(functionError("Runtime.ExitError", `Error: ${exit}`));
      this.state = "ended";
      this.#finish();
    });
  }

  #finish(): void {
    clearTimeout(this.#initTimer);
    this.#listener?.close();
    this.#process?.close();
    this.#setGone();
    this.#events.ended(this);
  }

  #readMemory(): void {
    this.#memory = readMemory(this.#process?.pid, this.#process?.sharedMb) ?? this.#memory;
    this.#memoryReadAt = performance.now();
  }
}

/** What a pool learns of its environments. */
export interface EnvironmentEvents {
  /** It is idle. */
  ready(environment: Environment): void;
  /** It was idle and is no longer, though it lives. */
  lost(environment: Environment): void;
  /** It will never be idle. */
  failedToStart(environment: Environment, failure: StartFailure): void;
  /** Its process is gone. May come more than once. */
  ended(environment: Environment): void;
}

/** Why a process never asked for its first event. */
export interface StartFailure {
  readonly error: FunctionError;
  readonly payload: Buffer;
  /** What it wrote. */
  readonly untold: UntoldLines;
  /** For what is written of the attempt that it ends. */
  readonly log: EnvironmentLog;
  readonly initMs: number;
}

interface Call {
  readonly invocation: Invocation;
  readonly resolve: (end: InvocationEnd) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
  readonly startedAt: number;
  isLate?: boolean;
  answer?: Answer & { readonly durationMs: number };
}

interface Answer {
  readonly outcome: InvocationEnd["outcome"];
  readonly payload: Buffer;
  readonly error?: FunctionError;
}

/** How old the reading of a process's memory may be; one reading costs a tenth of a warm call. Unit: milliseconds. */
const MEMORY_AGE_MS_MAX = 250;

/** How the `REPORT` line calls an end that the handler did not come to. */
const STATUS: Readonly<Record<InvocationEnd["outcome"], "timeout" | "error" | undefined>> = {
  returned: undefined,
  raised: undefined,
  timedOut: "timeout",
  crashed: "error",
  couldNotStart: "error",
};

const refusal = (errorMessage: string): RuntimeApiRefusal => ({
  status: 403,
  errorType: "InvalidStateTransition",
  errorMessage,
});

const neverAsked = (initMsMax: number) =>
  functionError(
    "Sandbox.Timedout",
    `The function did not ask for its first event within ${(initMsMax / 1000).toFixed(2)} seconds: its module is still loading, or its bootstrap does not call the Runtime API.`,
  );
