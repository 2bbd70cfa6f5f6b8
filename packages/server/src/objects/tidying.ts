import type { ObjectsContext } from "./context.ts";
import { applyLifecycle } from "./lifecycle.ts";
import { sweep } from "./sweep.ts";

/** How often lifecycle rules are applied. Unit: milliseconds. Source: our choice; the service takes about a day. */
const LIFECYCLE_EVERY_MS = 3_600_000;

export interface TidyingOptions {
  /** Calls `wake` at a time; answers how to cancel. Must keep no process alive. */
  wakeAt(at: number, wake: () => void): () => void;
  /** Is told what went wrong in a run; the next one is tried all the same. */
  onFault(error: unknown): void;
}

/** What keeps the store tidy beside its work. Has a life: stop it. */
export interface Tidying {
  /** Resolves when the first run is done, with how many files without a row it removed. */
  readonly first: Promise<number>;
  stop(): Promise<void>;
}

/** Sweeps once and applies the lifecycle rules, then these alone, once an hour, one run after the other. */
export function startTidying(context: ObjectsContext, { wakeAt, onFault }: TidyingOptions): Tidying {
  const stopping = new AbortController();
  let cancel = () => {};
  let running: Promise<unknown> = Promise.resolve();
  const planNext = () => {
    if (stopping.signal.aborted) return;
    cancel = wakeAt(context.now() + LIFECYCLE_EVERY_MS, () => {
      running = applyLifecycle(context, stopping.signal).catch(onFault).then(planNext);
    });
  };
  const first = runFirst(context, stopping.signal);
  running = first.catch(onFault).then(planNext);
  return {
    first,
    async stop() {
      stopping.abort();
      cancel();
      await running;
    },
  };
}

/** It waits for the first idle turn, so that it takes nothing from the start. */
async function runFirst(context: ObjectsContext, stop: AbortSignal): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve));
  const removed = await sweep(context, stop);
  await applyLifecycle(context, stop);
  return removed;
}
