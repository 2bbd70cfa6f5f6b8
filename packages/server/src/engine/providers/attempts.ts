import { errorPlace } from "../../functions/error-place.ts";
import type { FunctionSpec, InvocationEnd } from "../../functions/host.ts";
import type { InvokeSettings } from "../../functions/invoke-configs.ts";
import type { ReservedConcurrency } from "../../functions/reserved-concurrency.ts";
import { postponeWork, retryWork, type WorkTable } from "../../store/work.ts";
import type { StoryEvent } from "../../story.ts";
import { ServiceError } from "../../wire/error.ts";
import { storyPlace } from "../jobs.ts";
import type { InvocationQueueOptions } from "./invocation-queue.ts";
import { type InvokeBody, putOff } from "./invoke-body.ts";
import type { PromisedJob } from "./provider.ts";

/** How often Lambda tries an asynchronous invocation again, unless the function says otherwise. Source: reference §5.2. */
const RETRIES_COUNT_MAX = 2;

/** How long an event is kept, unless the function says otherwise. Source: Lambda API reference, PutFunctionEventInvokeConfig. */
const EVENT_AGE_SECONDS_MAX = 21_600;

/** How much of a function's return value the story keeps. */
const RETURNED_BYTES_SHOWN = 4_096;

/** How many jobs are remembered whose functions logged credentials. */
const LEAKS_COUNT_MAX = 1_000;

/** A function as an asynchronous call finds it. */
export interface CalledFunction extends FunctionSpec {
  /** As the caller named it, with a version or an alias. */
  readonly invokedArn?: string;
  readonly asynchronous?: InvokeSettings;
}

/** One asynchronous invocation in hand. */
export interface Call {
  readonly work: WorkTable;
  readonly body: InvokeBody;
  readonly spec: CalledFunction;
  readonly payload: Buffer;
  /** Absent for a call that came from outside. */
  readonly job?: PromisedJob;
  /** Never shown: credentials that the function was given and might log. */
  readonly secrets: readonly string[];
}

/** How an invocation is over for good, in the words of Lambda's records. */
export interface Ending {
  readonly condition: "Success" | "RetriesExhausted" | "EventAgeExceeded" | "ZeroReservedConcurrency";
  /** How often the function was called. */
  readonly calls: number;
  /** Of the last call, if there was one since the server started or the invocation last had to wait. */
  readonly end?: InvocationEnd;
}

/** What attempts need beside the queue's options. */
export interface AttemptOptions extends InvocationQueueOptions {
  readonly concurrency: ReservedConcurrency;
  /** Jobs whose functions logged credentials, and whose stories say so. */
  readonly leaks: Set<string>;
  /** Begins a call that has waited. */
  begin(work: WorkTable): void;
  isClosed(): boolean;
}

/**
 * Tries until it is over, or until the next try has to wait for its time, which then is on record.
 * Answers how it is over; nothing if it is not.
 */
export async function attemptAll(call: Call, options: AttemptOptions): Promise<Ending | undefined> {
  let end: InvocationEnd | undefined;
  for (let attempt = call.work.attempt - (call.body.throttles ?? 0); ; attempt += 1) {
    if (leftMs(call, options) <= 0) return ending(call, options, "EventAgeExceeded", attempt - 1, end);
    const tried = await attemptOnce(call, attempt, options);
    if (options.isClosed()) return undefined;
    if (tried === "throttled") return await waitForRoom(call, attempt, options, end);
    end = tried;
    const next = nextStep(call, attempt, end, options);
    if (typeof next === "string") return ending(call, options, next, attempt, end);
    if (next > 0) return await waitForRetry(call, attempt, next, options);
  }
}

async function attemptOnce(call: Call, attempt: number, options: AttemptOptions): Promise<InvocationEnd | "throttled"> {
  const leave = options.concurrency.enter(call.spec);
  if (!leave) return "throttled";
  const requestId = call.work.id;
  try {
    tell(call, options, { type: "invoked", functionName: call.spec.name, requestId, attempt });
    options.onMoment?.("invocation.begin");
    const end = await invoke(call, options);
    options.onMoment?.("invocation.end");
    if (!options.isClosed()) tell(call, options, attemptEnded(requestId, attempt, end));
    return end;
  } catch (error) {
    // The host itself has no room: that is a throttle as any other.
    if (error instanceof ServiceError && error.code === "TooManyRequestsException") return "throttled";
    throw error;
  } finally {
    leave();
  }
}

function invoke(call: Call, options: AttemptOptions): Promise<InvocationEnd> {
  const { work, spec, body, payload, secrets } = call;
  const clientContext = "clientContext" in body ? body.clientContext : undefined;
  return options.host.invoke(spec, {
    requestId: work.id,
    payload,
    ...(spec.invokedArn !== undefined && { invokedArn: spec.invokedArn }),
    ...(clientContext !== undefined && { clientContext }),
    secrets,
    onLine: (line) => tell(call, options, { type: "logLine", requestId: work.id, line }),
    onSecret: () => tellLeak(call, options),
  });
}

/** How it is over, or how long to wait before the next try. */
function nextStep(
  call: Call,
  attempt: number,
  { outcome }: InvocationEnd,
  options: AttemptOptions,
): Ending["condition"] | number {
  const { timing } = options;
  if (outcome === "returned") return "Success";
  if (outcome === "couldNotStart" && !timing.retriesStart) return "RetriesExhausted";
  if (attempt > (call.spec.asynchronous?.retriesMax ?? RETRIES_COUNT_MAX)) return "RetriesExhausted";
  const delayMs = timing.retryDelaysMs[attempt - 1] ?? 0;
  return delayMs >= leftMs(call, options) ? "EventAgeExceeded" : delayMs;
}

/** How much longer the event is kept. */
function leftMs({ body, spec }: Call, { clock }: AttemptOptions): number {
  return body.at + (spec.asynchronous?.eventAgeSecondsMax ?? EVENT_AGE_SECONDS_MAX) * 1000 - clock.now();
}

async function waitForRetry({ work, body }: Call, attempt: number, delayMs: number, options: AttemptOptions) {
  const due_at = options.clock.now() + delayMs;
  const next = attempt + 1 + (body.throttles ?? 0);
  await options.store.transact((tx) => tx.run(retryWork, { id: work.id, attempt: next, due_at }));
  wakeWhenPutDown(due_at, options);
  return undefined;
}

/** In the next turn, when the call is no longer in hand: a look at what is due before that would pass it over. */
function wakeWhenPutDown(dueAt: number, { wakeAt }: AttemptOptions): void {
  setImmediate(() => wakeAt(dueAt));
}

/** A try without room does not count; the next one comes with a longer and longer delay, as Lambda's do. */
async function waitForRoom(
  call: Call,
  attempt: number,
  options: AttemptOptions,
  end: InvocationEnd | undefined,
): Promise<Ending | undefined> {
  const { work, spec, body } = call;
  const { clock, timing } = options;
  if (spec.reservedConcurrency === 0) return ending(call, options, "ZeroReservedConcurrency", attempt - 1, end);
  const backOffMs = Math.min(timing.throttleMs.first * 2 ** (body.throttles ?? 0), timing.throttleMs.max);
  const dueAt = clock.now() + Math.min(backOffMs, leftMs(call, options));
  const waiting = putOff(work, attempt, body, dueAt);
  await options.store.transact((tx) => tx.run(postponeWork, waiting));
  tellNote(call, options, "throttled", throttledText(call));
  wakeWhenPutDown(dueAt, options);
  const mayWake = timing.wakesThrottled && spec.reservedConcurrency !== undefined;
  if (mayWake) options.concurrency.whenRoom(spec, () => setImmediate(() => options.begin(waiting)));
  return undefined;
}

function throttledText({ spec }: Call): string {
  const reserved = spec.reservedConcurrency;
  if (reserved === undefined) return `throttled: ${spec.name} has too many calls waiting; it is tried again`;
  return `throttled: all of the reserved concurrency of ${spec.name} (${reserved}) is in use; it is tried again`;
}

function ending(
  call: Call,
  options: AttemptOptions,
  condition: Ending["condition"],
  calls: number,
  end: InvocationEnd | undefined,
): Ending {
  // What could not start once is told by its attempt; that it is left at that is no news.
  const isNews = condition !== "Success" && (options.timing.retriesStart || end?.outcome !== "couldNotStart");
  if (isNews) tellNote(call, options, CAUSES[condition], overText(call, condition, calls));
  return { condition, calls, ...(end && { end }) };
}

const CAUSES = {
  RetriesExhausted: "retriesExhausted",
  EventAgeExceeded: "eventTooOld",
  ZeroReservedConcurrency: "throttled",
} as const;

function overText({ spec }: Call, condition: keyof typeof CAUSES, calls: number): string {
  const called = calls === 1 ? "was called once" : `was called ${calls} times`;
  switch (condition) {
    case "RetriesExhausted":
      return `ran out of retries: ${spec.name} ${called} and is not tried again`;
    case "EventAgeExceeded":
      return `event too old: ${spec.name} ${called}, and its next try would come after ${spec.asynchronous?.eventAgeSecondsMax ?? EVENT_AGE_SECONDS_MAX} seconds, when Lambda drops the event`;
    case "ZeroReservedConcurrency":
      return `throttled: the reserved concurrency of ${spec.name} is 0, so no call of it is let through and the event is dropped. Raise it with PutFunctionConcurrency, or take it away with DeleteFunctionConcurrency`;
  }
}

/** A remark in the job's story; a call from outside has none. */
export function tellNote(
  call: Call,
  options: InvocationQueueOptions,
  cause: NonNullable<(StoryEvent & { type: "note" })["cause"]>,
  message: string,
): void {
  tell(call, options, { type: "note", cause, message });
}

function tell({ job }: Call, { story, clock }: InvocationQueueOptions, event: StoryEvent): void {
  if (job) story.tell({ ...storyPlace(job.action, job.id, clock.now()), ...event });
}

function attemptEnded(requestId: string, attempt: number, end: InvocationEnd): StoryEvent {
  const { outcome, durationMs, error, payload } = end;
  const returned = outcome === "returned" ? { returned: shownValue(payload, end.mask) } : {};
  return { type: "attemptEnded", requestId, attempt, outcome, durationMs, ...returned, ...toldError(error) };
}

/** An error as the story tells it: with the place in the function's code where it was raised. */
export function toldError(error: InvocationEnd["error"]) {
  const place = error && errorPlace(error.stackTrace);
  return error && { error: { ...error, ...(place !== undefined && { place }) } };
}

/** Masked before it is cut, so that no part of a credential is left at the end. */
function shownValue(payload: Buffer, mask: InvocationEnd["mask"]): string {
  const text = payload.toString("utf8", 0, 2 * RETURNED_BYTES_SHOWN);
  const shown = mask?.(text) ?? text;
  return payload.length > RETURNED_BYTES_SHOWN ? shown.slice(0, RETURNED_BYTES_SHOWN) : shown;
}

/** Once a job, for as long as it is remembered. */
function tellLeak(call: Call, options: AttemptOptions): void {
  if (!call.job || options.leaks.has(call.job.id)) return;
  if (options.leaks.size >= LEAKS_COUNT_MAX) options.leaks.clear();
  options.leaks.add(call.job.id);
  tellNote(call, options, "loggedCredentials", "the function logged its credentials; they are masked here");
}
