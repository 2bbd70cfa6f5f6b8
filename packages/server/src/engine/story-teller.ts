import type { Store } from "../store/store.ts";
import { insertStory } from "../store/story.ts";
import type { StoryEntry } from "../story.ts";

/** Tells the story to whoever listens now, and keeps it for whoever asks later. */
export interface StoryTeller {
  tell(...entries: readonly StoryEntry[]): void;
  /** Gives the store what was told until now, without waiting: before it is closed. */
  handOver(): void;
  /** Resolves when what was told until now can be read in the store. */
  kept(): Promise<void>;
  /** Answers how to stop listening. */
  watch(listener: (entry: StoryEntry) => void): () => void;
}

/**
 * How long entries are collected before they ride in a commit: the pages of the story are then written once for many
 * entries, and not by the commits that somebody waits for. Unit: milliseconds.
 */
const COLLECT_MS = 20;

/** How many entries are collected before they ride at once. */
const COLLECT_COUNT_MAX = 1_000;

/** Listeners hear an entry at once; the store has it a little later, and a crash may lose it. */
export function createStoryTeller(store: Store): StoryTeller {
  const listeners = new Set<(entry: StoryEntry) => void>();
  let pending: StoryEntry[] = [];
  let timer: NodeJS.Timeout | undefined;

  function handOver(): void {
    clearTimeout(timer);
    timer = undefined;
    if (pending.length === 0) return;
    const told = pending;
    pending = [];
    store.defer(async (tx) => {
      for (const [executionId, list] of Map.groupBy(told, ({ executionId }) => executionId)) {
        await tx.run(insertStory, { execution_id: executionId, entries: JSON.stringify(list) });
      }
    });
  }

  return {
    tell(...entries) {
      if (entries.length === 0) return;
      pending.push(...entries);
      if (pending.length >= COLLECT_COUNT_MAX) handOver();
      else timer ??= setTimeout(handOver, COLLECT_MS).unref();
      for (const listener of listeners) for (const entry of entries) listener(entry);
    },
    handOver,
    kept() {
      handOver();
      return store.transact(async () => {}); // what is deferred rides in its commit
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
