import type { Store } from "../store/store.ts";
import { insertStory } from "../store/story.ts";
import type { StoryEntry } from "../story.ts";

/** Tells the story to whoever listens now, and keeps it for whoever asks later. */
export interface StoryTeller {
  tell(...entries: readonly StoryEntry[]): void;
  /** Resolves when what was told until now can be read in the store. */
  kept(): Promise<void>;
  /** Answers how to stop listening. */
  watch(listener: (entry: StoryEntry) => void): () => void;
}

/** Listeners hear an entry at once; the store has it with its next commit, or soon, and a crash may lose it. */
export function createStoryTeller(store: Store): StoryTeller {
  const listeners = new Set<(entry: StoryEntry) => void>();
  let pending: StoryEntry[] = [];

  function take(): StoryEntry[] {
    const taken = pending;
    pending = [];
    return taken;
  }

  function keepLater(entries: readonly StoryEntry[]): void {
    if (pending.length === 0) {
      let told: StoryEntry[] | undefined;
      store.defer(async (tx) => {
        told ??= take(); // only once: the store may have to run this again
        for (const [executionId, list] of Map.groupBy(told, ({ executionId }) => executionId)) {
          await tx.run(insertStory, { execution_id: executionId, entries: JSON.stringify(list) });
        }
      });
    }
    pending.push(...entries);
  }

  return {
    tell(...entries) {
      if (entries.length === 0) return;
      keepLater(entries);
      for (const listener of listeners) for (const entry of entries) listener(entry);
    },
    kept: () => store.transact(async () => {}), // what is deferred rides in its commit
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
