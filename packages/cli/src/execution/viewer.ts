/** Turns the story of one execution into what a screen shows. */

import type { Screen } from "../screen/screen.ts";
import { noteOnRun, type RunView, reduceView, startView } from "../screen/view.ts";
import type { ArtifactPlace, StoryEntry } from "../server-port.ts";

export interface Viewer {
  /** Takes any entry of the server; those of other executions are passed over. */
  take(entry: StoryEntry): void;
  note(message: string): void;
  /** Says which execution is meant, and shows what it has done already. */
  follow(executionId: string): void;
  /** Resolves when the execution is over; its functions may still be tried again. */
  readonly finished: Promise<void>;
  view(): RunView;
  /** Shows nothing more: what a server says while it is stopped is of no use to people. */
  close(): void;
}

/** Entries that are kept until it is known which execution is meant. */
const EARLY_ENTRIES_MAX = 10_000;

export function createViewer(pipeline: Parameters<typeof startView>[0], screen: Screen): Viewer {
  const { promise, resolve } = Promise.withResolvers<void>();
  let view = startView(pipeline);
  let early: StoryEntry[] = [];
  let executionId: string | undefined;
  let isOpen = true;

  const take = (entry: StoryEntry) => {
    if (!isOpen) return;
    if (executionId === undefined) {
      if (early.length < EARLY_ENTRIES_MAX) early.push(entry);
      return;
    }
    if (entry.executionId !== executionId) return;
    view = reduceView(view, entry);
    screen.show(entry, view);
    if (entry.type === "executionFinished") resolve();
  };

  return {
    take,
    note(message) {
      if (!isOpen) return;
      view = noteOnRun(view, message);
      screen.note(message, view);
    },
    follow(id) {
      executionId = id;
      view = { ...view, executionId: id };
      const before = early;
      early = [];
      for (const entry of before) take(entry);
    },
    finished: promise,
    view: () => view,
    close: () => {
      isOpen = false;
    },
  };
}

/** The key of an artifact in a map of sizes. */
export function artifactKey({ bucket, key }: ArtifactPlace): string {
  return `${bucket}/${key}`;
}
