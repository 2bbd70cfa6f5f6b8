import { expect, test } from "vitest";
import { type Clock, createMovableClock } from "./clock.ts";

/** A clock that stands, and says for which times it was asked to wake. */
function standing(): { clock: Clock; asked: number[]; wake: (at: number) => void } {
  const waiting = new Map<number, () => void>();
  const asked: number[] = [];
  const clock: Clock = {
    now: () => 1_000,
    wakeAt(at, wake) {
      asked.push(at);
      waiting.set(at, wake);
      return () => waiting.delete(at);
    },
  };
  return { clock, asked, wake: (at) => waiting.get(at)?.() };
}

test("a clock that is set forward wakes for the times of its own", () => {
  const { clock: base, asked, wake } = standing();
  const clock = createMovableClock(base, 500);
  const woken: string[] = [];
  clock.wakeAt(2_500, () => woken.push("first"));
  const cancel = clock.wakeAt(3_500, () => woken.push("cancelled"));
  expect([clock.now(), ...asked]).toEqual([1_500, 2_000, 3_000]);
  clock.advance(1_000);
  expect(clock.now()).toBe(2_500);
  expect(asked.slice(2)).toEqual([1_000, 2_000]); // both are asked for anew
  wake(1_000);
  cancel();
  wake(2_000);
  clock.advance(10_000);
  expect(woken).toEqual(["first"]);
  expect(asked).toHaveLength(4); // who was woken or has cancelled is not asked for again
});
