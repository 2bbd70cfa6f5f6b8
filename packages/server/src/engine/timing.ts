import { CONTINUATION_TICK_MS } from "@penstock/pipeline";

/** The rhythm of what waits. Units: milliseconds. */
export interface Timing {
  /** A dispatched job is looked at this often; its report is acted on then. 0 acts at once. */
  readonly tickMs: number;
  /** How long Lambda waits before it tries an asynchronous invocation again. */
  readonly retryDelaysMs: readonly [number, number];
  /** Whether an attempt that could not even start is tried again: it would fail the same way. */
  readonly retriesStart: boolean;
  /** How long an invocation waits that found no room: twice as long each time, from the first wait to the longest. */
  readonly throttleMs: { readonly first: number; readonly max: number };
  /** Whether it is tried as soon as a call of its function has ended, without waiting for its time. */
  readonly wakesThrottled: boolean;
  /** Whether somebody steps through functions: a job then has the action's 24 hours for its reply. */
  readonly waitsForDebugger?: boolean;
}

/** Acts at once. */
export const fastTiming: Timing = {
  tickMs: 0,
  retryDelaysMs: [0, 0],
  retriesStart: false,
  throttleMs: { first: 10, max: 1_000 },
  wakesThrottled: true,
};

/** The service's rhythm. Source: reference §5.2, §5.4; for throttles Lambda developer guide, "Handling errors". */
export const awsTiming: Timing = {
  tickMs: CONTINUATION_TICK_MS,
  retryDelaysMs: [60_000, 120_000],
  retriesStart: true,
  throttleMs: { first: 1_000, max: 300_000 },
  wakesThrottled: false,
};

/** When a report that came at `now` is acted on: at the next look after the dispatch. */
export function actsAt(dispatchedAt: number, now: number, { tickMs }: Timing): number {
  if (tickMs === 0) return now;
  return dispatchedAt + Math.max(1, Math.ceil((now - dispatchedAt) / tickMs)) * tickMs;
}
