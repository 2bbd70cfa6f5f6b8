import type { Clock } from "../clock.ts";

/**
 * One timer for everything that is due at some time. The rows know what is due; this only knows when to
 * look, so ten thousand waiting jobs cost one timer.
 */
export class DueTimer {
  readonly #clock: Clock;
  readonly #onDue: () => Promise<number | undefined>;
  #dueAt = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | undefined;
  /** The looks so far: one begins when the one before it has ended. */
  #looks: Promise<void> = Promise.resolve();
  #stopped = false;

  /** `onDue` does what is due now, and answers when to look next. It must not throw. */
  constructor(clock: Clock, onDue: () => Promise<number | undefined>) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Asks to look at `dueAt` at the latest. Unit: epoch milliseconds. */
  at(dueAt: number): void {
    if (this.#stopped || dueAt >= this.#dueAt) return;
    this.#cancel?.();
    this.#dueAt = dueAt;
    this.#cancel = this.#clock.wakeAt(dueAt, () => void this.#fire());
  }

  /** Looks at once; resolves when what is due is done. */
  async now(): Promise<void> {
    if (this.#stopped) return;
    this.#cancel?.();
    await this.#fire();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  #fire(): Promise<void> {
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#cancel = undefined;
    this.#looks = this.#looks.then(async () => {
      if (this.#stopped) return;
      const next = await this.#onDue();
      if (next !== undefined) this.at(next);
    });
    return this.#looks;
  }
}
