import type { ServerResponse } from "node:http";
import type { StoryTeller } from "../engine/story-teller.ts";
import type { Reader } from "../store/store.ts";
import type { StoryEntry } from "../story.ts";
import { readTimeline, TIMELINE_ENTRIES_MAX } from "./timeline.ts";

/** What following an execution needs. */
export interface StorySource {
  readonly read: Reader;
  readonly story: Pick<StoryTeller, "kept" | "watch">;
  /** Resolves when nothing of an execution runs any more. */
  settled(executionId: string): Promise<void>;
}

/**
 * Writes the story of an execution, from its beginning, one entry a line as JSON, each as soon as it is told. Ends when
 * nothing of the execution runs any more; a connection that breaks before was not the whole story.
 */
export async function streamStory(executionId: string, source: StorySource, response: ServerResponse): Promise<void> {
  const write = (entry: StoryEntry) => void response.write(`${JSON.stringify(entry)}\n`);
  let take: (entry: StoryEntry) => void;
  const early: StoryEntry[] = [];
  take = (entry) => void early.push(entry);
  const unwatch = source.story.watch((entry) => entry.executionId === executionId && take(entry));
  response.on("close", unwatch);
  const kept = await readKept(executionId, source);
  response.writeHead(200, { "content-type": "application/x-ndjson", "cache-control": "no-store" });
  response.flushHeaders();
  for (const entry of [...kept, ...without(early, kept)]) write(entry);
  take = write;
  await source.settled(executionId);
  unwatch();
  response.end();
}

async function readKept(executionId: string, { read, story }: StorySource): Promise<readonly StoryEntry[]> {
  await story.kept();
  const entries: StoryEntry[] = [];
  for (let after: string | null = "0-0"; after !== null; ) {
    const page = await readTimeline({ executionId }, { after, limit: TIMELINE_ENTRIES_MAX }, read);
    entries.push(...(page?.entries ?? []));
    after = page?.next ?? null;
  }
  return entries;
}

/** What was told while the kept ones were read may be among them already. Answers what is not, in order. */
export function without(early: readonly StoryEntry[], kept: readonly StoryEntry[]): readonly StoryEntry[] {
  const counts = new Map<string, number>();
  for (const entry of kept) counts.set(JSON.stringify(entry), (counts.get(JSON.stringify(entry)) ?? 0) + 1);
  return early.filter((entry) => {
    const key = JSON.stringify(entry);
    const count = counts.get(key) ?? 0;
    counts.set(key, count - 1);
    return count <= 0;
  });
}
