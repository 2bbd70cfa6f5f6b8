import type { FunctionSpec } from "./host.ts";
import { concurrencyExceeded } from "./registry-errors.ts";

/**
 * How many calls of each function run, over all its versions, and whether one more may.
 *
 * One that is too many is refused at once, as in Lambda; whoever has a queue asks again.
 */
export interface ReservedConcurrency {
  /** Lets a call in and answers how it leaves, once; nothing when as many run as are reserved. */
  enter(spec: FunctionSpec): (() => void) | undefined;
  /** Tells when there may be room, at once if there is; of several who wait, the one that has waited longest. */
  whenRoom(spec: FunctionSpec, tell: () => void): void;
}

export function createReservedConcurrency(): ReservedConcurrency {
  /** Both by account, region and name. */
  const running = new Map<string, number>();
  const waiting = new Map<string, (() => void)[]>();
  const leave = (key: string) => {
    const left = (running.get(key) ?? 1) - 1;
    if (left > 0) running.set(key, left);
    else running.delete(key);
    const first = waiting.get(key)?.shift();
    if (waiting.get(key)?.length === 0) waiting.delete(key);
    first?.();
  };
  const isFull = (spec: FunctionSpec) => (running.get(keyOf(spec)) ?? 0) >= (spec.reservedConcurrency ?? Infinity);
  return {
    enter(spec) {
      if (isFull(spec)) return undefined;
      const key = keyOf(spec);
      running.set(key, (running.get(key) ?? 0) + 1);
      return () => leave(key);
    },
    whenRoom(spec, tell) {
      const key = keyOf(spec);
      if (!isFull(spec)) return tell();
      const others = waiting.get(key);
      if (others) others.push(tell);
      else waiting.set(key, [tell]);
    },
  };
}

/** Runs a call within what is reserved. Errors: `TooManyRequestsException` when there is no room. */
export async function withinReserved<T>(
  concurrency: ReservedConcurrency,
  spec: FunctionSpec,
  run: () => Promise<T>,
): Promise<T> {
  const leave = concurrency.enter(spec);
  if (!leave) throw concurrencyExceeded();
  try {
    return await run();
  } finally {
    leave();
  }
}

const keyOf = ({ account, region, name }: FunctionSpec) => `${account}:${region}:${name}`;
