/** Time, as a parameter. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Calls `wake` at a time, or soon if it has passed; answers how to cancel. Keeps no process alive. */
  wakeAt(at: number, wake: () => void): () => void;
}

/** The longest that `setTimeout` can wait. Unit: milliseconds. */
const SLEEP_MS_MAX = 2 ** 31 - 1;

/** The machine's time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  wakeAt(at, wake) {
    const timer = setTimeout(
      () => {
        if (Date.now() >= at) wake();
        else cancelNext = systemClock.wakeAt(at, wake);
      },
      Math.min(Math.max(0, at - Date.now()), SLEEP_MS_MAX),
    ).unref();
    let cancelNext = () => clearTimeout(timer);
    return () => cancelNext();
  },
};

/** A clock that runs with another one, and can be set forward. */
export interface MovableClock extends Clock {
  /** How far it is ahead. Unit: milliseconds. */
  aheadMs(): number;
  /** Sets it forward, and wakes whoever waited for a time that has come. */
  advance(ms: number): void;
}

/** How far a clock may be set forward in all: no timer of the service is longer. Unit: milliseconds, a year. */
export const CLOCK_AHEAD_MS_MAX = 365 * 24 * 3_600_000;

/** Answers a clock that is `aheadMs` ahead of `base` until it is moved. */
export function createMovableClock(base: Clock, aheadMs = 0): MovableClock {
  const waiting = new Set<Waiting>();

  function arm(one: Waiting): void {
    one.cancel = base.wakeAt(one.at - aheadMs, () => {
      waiting.delete(one);
      one.wake();
    });
  }

  return {
    now: () => base.now() + aheadMs,
    wakeAt(at, wake) {
      const one: Waiting = { at, wake, cancel: () => {} };
      waiting.add(one);
      arm(one);
      return () => {
        waiting.delete(one);
        one.cancel();
      };
    },
    aheadMs: () => aheadMs,
    advance(ms) {
      aheadMs += ms;
      for (const one of [...waiting]) {
        one.cancel();
        arm(one);
      }
    },
  };
}

interface Waiting {
  readonly at: number;
  readonly wake: () => void;
  cancel: () => void;
}
