import type { Store, Tx } from "../store/store.ts";
import type { Home } from "../wire/operation.ts";
import { appendEvents, ensureStream } from "./append-events.ts";
import type { TimedMessage } from "./batches.ts";
import { GROUP_BYTES_MAX, sweepExpired } from "./retention.ts";

/**
 * Takes the lines that functions write, and stores them without anybody waiting for it.
 *
 * A line is pushed to an array of its stream. A little later all that has come is stored in one go, in the next commit
 * that happens anyway; whoever reads asks for it to be stored first, and so misses nothing. A crash loses what was not
 * stored yet.
 */
export interface LineWriter {
  /** Opens a stream for the lines of one process. The group and the stream are made with the first line. */
  open(place: LogPlace): TakeLine;
  /** Stores what has come; resolves when it is durable. */
  flush(): Promise<void>;
}

/** Takes one line, without its newline; `at` is epoch milliseconds. */
export type TakeLine = (line: string, at: number) => void;

export interface LogPlace extends Home {
  readonly group: string;
  readonly stream: string;
}

export interface LineWriterOptions {
  readonly store: Store;
  /** Epoch milliseconds, by the clock of the lines. */
  readonly now: () => number;
  readonly log: { warn(text: string): void };
}

/**
 * How long lines are collected. It is less than the store waits with the story's entries about the same lines, so that
 * both are stored in the same commit.
 *
 * Unit: milliseconds. Source: our choice.
 */
const COLLECT_MS = 40;

/** How much is collected before it is stored at once. Unit: characters. */
const COLLECT_CHARS_MAX = 1024 * 1024;

/** How much may wait for a store that is slow; what comes after is left out, with a note. Unit: characters. */
const WAITING_CHARS_MAX = 64 * 1024 * 1024;

/** How often expired events are dropped. Unit: milliseconds. */
const SWEEP_MS = 3_600_000;

interface OpenStream {
  readonly place: LogPlace;
  events: TimedMessage[];
  /** The time of its last line: the machine's clock may go back, a stream does not. */
  lastAt: number;
  leftOut: number;
}

export function createLineWriter({ store, now, log }: LineWriterOptions): LineWriter {
  let waiting: OpenStream[] = [];
  let waitingChars = 0;
  let timer: NodeJS.Timeout | undefined;
  let isHandedOver = false;
  let sweptAt = Number.NEGATIVE_INFINITY;
  const full = new Set<string>();

  function handOver(): void {
    clearTimeout(timer);
    timer = undefined;
    if (isHandedOver || waiting.length === 0) return;
    isHandedOver = true;
    store.defer(async (tx) => {
      isHandedOver = false;
      try {
        await saveAll(tx);
      } catch (error) {
        log.warn(`lines of functions could not be stored: ${String(error)}`);
        throw error; // so that the store takes back what was half done
      }
    });
  }

  async function saveAll(tx: Tx): Promise<void> {
    const streams = waiting;
    waiting = [];
    waitingChars = 0;
    for (const stream of streams) await save(tx, stream);
    if (now() - sweptAt < SWEEP_MS) return;
    sweptAt = now();
    await sweepExpired(tx, sweptAt);
  }

  async function save(tx: Tx, open: OpenStream): Promise<void> {
    const { events, leftOut, place } = open;
    open.events = [];
    open.leftOut = 0;
    const last = events.at(-1);
    if (leftOut > 0 && last)
      events.push([last[0], `[${leftOut} lines were left out: the store is too slow for them]\n`]);
    const { group, stream } = await ensureStream(tx, place, now());
    const dropped = await appendEvents(tx, group, stream, events, now());
    if (dropped > 0) tellFull(place.group);
  }

  function tellFull(group: string): void {
    if (full.has(group)) return;
    full.add(group);
    log.warn(`the oldest events of the log group ${group} are dropped: a group keeps ${GROUP_BYTES_MAX >> 20} MB`);
  }

  function take(stream: OpenStream, line: string, at: number): void {
    if (waitingChars > WAITING_CHARS_MAX) {
      stream.leftOut++;
      return;
    }
    if (stream.events.length === 0) waiting.push(stream);
    stream.lastAt = Math.max(stream.lastAt, at);
    stream.events.push([stream.lastAt, `${line}\n`]); // Lambda's messages end so. Source: Lambda developer guide, "Viewing logs".
    waitingChars += line.length;
    if (waitingChars > COLLECT_CHARS_MAX) handOver();
    else timer ??= setTimeout(handOver, COLLECT_MS).unref();
  }

  return {
    open(place) {
      const stream: OpenStream = { place, events: [], lastAt: 0, leftOut: 0 };
      return (line, at) => take(stream, line, at);
    },
    async flush() {
      if (waiting.length > 0) await store.transact(saveAll);
    },
  };
}
