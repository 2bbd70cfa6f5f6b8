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
