import { CLOCK_AHEAD_MS_MAX, type MovableClock } from "../clock.ts";

/** What moving the clock needs of the engine. */
export interface ClockMover {
  readonly clock: MovableClock;
  /** Does or begins what is due; resolves then. */
  lookNow(): Promise<void>;
}

/** Sets the clock forward, and resolves when what has become due is done or begun. Throws `RangeError`. */
export async function advanceClock(ms: number, { clock, lookNow }: ClockMover): Promise<void> {
  const leftMs = CLOCK_AHEAD_MS_MAX - clock.aheadMs();
  if (!Number.isSafeInteger(ms) || ms < 1 || ms > leftMs) {
    throw new RangeError(
      `The clock can be set forward by whole milliseconds from 1 to ${leftMs}, not by ${ms}: it never goes back, and at most a year ahead.`,
    );
  }
  clock.advance(ms);
  await lookNow();
}
