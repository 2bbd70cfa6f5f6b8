import type { FunctionSpec, InvocationEnd } from "../../functions/host.ts";
import { retryWork, type WorkTable } from "../../store/work.ts";
import type { StoryEvent } from "../../story.ts";
import { storyPlace } from "../jobs.ts";
import type { Timing } from "../timing.ts";
import type { InvocationQueueOptions } from "./invocation-queue.ts";
import type { PromisedJob } from "./provider.ts";

/** How often Lambda tries an asynchronous invocation again. Source: reference §5.2. */
const RETRIES_COUNT_MAX = 2;

/** How much of a function's return value the story keeps. */
const RETURNED_BYTES_SHOWN = 4_096;

/** One asynchronous invocation in hand. */
export interface Call {
  readonly work: WorkTable;
  readonly spec: FunctionSpec;
  readonly payload: Buffer;
  /** Absent for a call that came from outside. */
  readonly job?: PromisedJob;
  /** Never shown: what the function was given and might log. */
  readonly secrets: readonly string[];
}

/**
 * Tries until it is over, or until the next try has to wait for its time, which then is on record.
 * Answers whether it is over.
 */
export async function attemptAll(
  call: Call,
  options: InvocationQueueOptions,
  isClosed: () => boolean,
): Promise<boolean> {
  for (let attempt = call.work.attempt; ; attempt += 1) {
    const end = await attemptOnce(call, attempt, options, isClosed);
    if (isClosed()) return false;
    const delayMs = retryDelayMs(end, attempt, options.timing);
    if (delayMs === undefined) return true;
    if (delayMs === 0) continue;
    const due_at = options.clock.now() + delayMs;
    await options.store.transact((tx) => tx.run(retryWork, { id: call.work.id, attempt: attempt + 1, due_at }));
    options.wakeAt(due_at);
    return false;
  }
}

async function attemptOnce(
  call: Call,
  attempt: number,
  { host, onMoment, story, clock }: InvocationQueueOptions,
  isClosed: () => boolean,
): Promise<InvocationEnd> {
  const requestId = call.work.id;
  const tell = (event: StoryEvent) => {
    if (call.job) story.tell({ ...storyPlace(call.job.action, call.job.id, clock.now()), ...event });
  };
  tell({ type: "invoked", functionName: call.spec.name, requestId, attempt });
  onMoment?.("invocation.begin");
  const end = await host.invoke(call.spec, {
    requestId,
    payload: call.payload,
    onLine: (line) => tell({ type: "logLine", requestId, line: mask(line, call.secrets) }),
  });
  onMoment?.("invocation.end");
  if (!isClosed()) tell(attemptEnded(requestId, attempt, end));
  return end;
}

/** Nothing when it is over, else how long to wait before the next try. */
function retryDelayMs({ outcome }: InvocationEnd, attempt: number, timing: Timing): number | undefined {
  if (outcome === "returned" || attempt > RETRIES_COUNT_MAX) return undefined;
  if (outcome === "couldNotStart" && !timing.retriesStart) return undefined;
  return timing.retryDelaysMs[attempt - 1] ?? 0;
}

function attemptEnded(requestId: string, attempt: number, end: InvocationEnd): StoryEvent {
  const { outcome, durationMs, error, payload } = end;
  const returned = outcome === "returned" ? { returned: payload.toString("utf8", 0, RETURNED_BYTES_SHOWN) } : {};
  return { type: "attemptEnded", requestId, attempt, outcome, durationMs, ...returned, ...(error && { error }) };
}

function mask(line: string, secrets: readonly string[]): string {
  let masked = line;
  for (const secret of secrets) if (masked.includes(secret)) masked = masked.replaceAll(secret, "****");
  return masked;
}
