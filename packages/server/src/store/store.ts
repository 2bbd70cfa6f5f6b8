import type { Statement } from "./statement.ts";

/** Reads. Outside a transaction they see the last committed state. */
export interface Reader {
  all<P, R>(statement: Statement<P, R>, params: P): Promise<readonly R[]>;
  first<P, R>(statement: Statement<P, R>, params: P): Promise<R | undefined>;
}

/** Reads and writes of one transaction. It may only be used until its work function has resolved. */
export interface Tx extends Reader {
  /** Answers how many rows the statement changed. */
  run<P, R>(statement: Statement<P, R>, params: P): Promise<number>;
}

/**
 * Durability. It speaks of rows and transactions, never of rules.
 *
 * Work functions must wait for nothing but the transaction itself: no I/O, no timers. That is what
 * lets many of them share one commit.
 */
export interface Store {
  /** Does all of `work` or none of it, and resolves only when it is durable. Never overlaps another transaction. */
  transact<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Committed state only. */
  readonly read: Reader;
  /**
   * Writes that no answer waits for (log lines, story entries, tidying): they ride in the next commit,
   * or in one of their own within `DEFERRED_MS_MAX`. A crash may lose them. `work` may be run again from the start.
   */
  defer(work: (tx: Tx) => Promise<void>): void;
  /** How many commits there were, for the counted budget of a warm action. */
  readonly commits: number;
  /** Waits for what is queued, writes what was deferred, closes. */
  close(): Promise<void>;
}
