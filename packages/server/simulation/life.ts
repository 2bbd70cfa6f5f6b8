import type { Moment } from "../src/engine/engine.ts";
import type { Store } from "../src/store/store.ts";
import type { SetClock } from "./bench.ts";

/*
 * How a bench dies as a killed process does: from one moment on nothing of it has an effect any more. What was
 * committed stays, what was not is rolled back, and whoever still waits in it gets `Crashed` or nothing.
 */

/** What the parts of a bench have in common: that they end together. */
export interface Life {
  readonly ended: boolean;
  end(): void;
  /** Throws `Crashed` once it has ended. */
  check(): void;
}

/** What a bench throws at everything that runs on in it after its crash. */
export class Crashed extends Error {
  override readonly name = "Crashed";
}

export function createLife(): Life {
  let ended = false;
  return {
    get ended() {
      return ended;
    },
    end: () => {
      ended = true;
    },
    check: () => {
      if (ended) throw new Crashed();
    },
  };
}

/** After the end nobody is woken. */
export function mortalClock(clock: SetClock, life: Life): SetClock {
  return { ...clock, wakeAt: (at, wake) => clock.wakeAt(at, () => void (life.ended || wake())) };
}

/** After the end nothing is taken any more. What was queued before is refused at its commit, by the opener's `onCommit`. */
export function mortalStore(store: Store, life: Life): Store {
  return {
    transact: (work) => (life.ended ? Promise.reject(new Crashed()) : store.transact(work)),
    defer: (work) => void (life.ended || store.defer(work)),
    get read() {
      return store.read;
    },
    get commits() {
      return store.commits;
    },
    close: () => store.close(),
  };
}

/** Nobody gets past a moment at which the process was killed, nor to a later one. */
export function mortalMoments(onMoment: (moment: Moment) => void, life: Life): (moment: Moment) => void {
  return (moment) => {
    life.check();
    onMoment(moment);
    life.check();
  };
}
