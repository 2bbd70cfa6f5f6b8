/** Counts calls in hand by execution, for those who wait until there are none. */
export class Outstanding {
  readonly #counts = new Map<string, number>();
  readonly #waiting = new Map<string, (() => void)[]>();

  add(executionId: string): void {
    this.#counts.set(executionId, (this.#counts.get(executionId) ?? 0) + 1);
  }

  remove(executionId: string): void {
    const count = (this.#counts.get(executionId) ?? 1) - 1;
    if (count > 0) {
      this.#counts.set(executionId, count);
      return;
    }
    this.#counts.delete(executionId);
    for (const resolve of this.#waiting.get(executionId) ?? []) resolve();
    this.#waiting.delete(executionId);
  }

  none(executionId: string): Promise<void> {
    if (!this.#counts.has(executionId)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.set(executionId, [...(this.#waiting.get(executionId) ?? []), resolve]);
    });
  }
}
