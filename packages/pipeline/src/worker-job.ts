/*
 * The life of a job that workers poll for, as far as rules go. It waits until a worker is handed it; that worker has
 * some time to acknowledge it with the nonce that came with it. Does it not, the job is handed out again with another
 * nonce, and whoever comes with the first is told that the job is no longer his. Once acknowledged, it is nobody else's.
 */

import { HAND_OUT_MS_MAX } from "./limits.ts";

export interface WorkerJobState {
  /** Counts how often the job was handed out: the nonce of the last time. 0 before the first. */
  readonly nonce: number;
  /** Not handed out again before. Epoch milliseconds. */
  readonly offeredUntil: number;
  /** Whether it may still be handed out: neither acknowledged nor over. */
  readonly isWaiting: boolean;
}

/** Hands a job out, for as long as a worker may take to acknowledge it; undefined when there is nothing to hand out. */
export function handOut(job: WorkerJobState, now: number): WorkerJobState | undefined {
  if (!job.isWaiting || job.offeredUntil > now) return undefined;
  return { nonce: job.nonce + 1, offeredUntil: now + HAND_OUT_MS_MAX, isWaiting: true };
}

/**
 * Gives a job to the worker that has its latest nonce; undefined when the nonce is not, or no longer, good.
 *
 * A nonce is good once, because two workers may have read the same answer. It stays good after its time as long as
 * nobody else was handed the job. `Source: our choice` for both; the guide says only that another worker's is refused.
 */
export function acknowledge(job: WorkerJobState, nonce: string): WorkerJobState | undefined {
  if (!job.isWaiting || job.nonce === 0 || nonce !== String(job.nonce)) return undefined;
  return { ...job, isWaiting: false };
}
