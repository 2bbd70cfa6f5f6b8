import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { migrate } from "../migrations.ts";
import type { Statement } from "../statement.ts";
import type { Reader, Store, Tx } from "../store.ts";

/*
 * One writing connection and, once somebody reads, a second one that sees committed state only (WAL).
 *
 * Transactions are queued and share commits: all that is queued when the event loop comes round is done
 * one after the other between one BEGIN and one COMMIT, all but the first under a savepoint, and only after the
 * COMMIT, which syncs the disk, is anybody answered. Work functions wait for nothing but the transaction,
 * so a whole group runs within one turn of the event loop.
 */

/** How long a deferred write waits at most for a commit to ride in. Unit: milliseconds. */
export const DEFERRED_MS_MAX = 50;

/** How many transactions share one commit at most, so that the first one in a flood is not kept waiting. */
const GROUP_COUNT_MAX = 256;

/**
 * A small transaction changes a row here and there, each on a page of its own, and a commit writes whole pages: with
 * half the default, a warm action costs a tenth less. Unit: bytes. Measured; smaller gains no more.
 */
const PAGE_BYTES = 2_048;

/**
 * How many pages the log of commits holds before they are brought into the database: 8 MiB, which a start after a crash
 * reads in milliseconds. The hot pages are in it many times and are then written once.
 */
const CHECKPOINT_PAGES = 4_000;

/** How long an opening store waits for another process to let go of the file. Unit: milliseconds. */
const BUSY_TIMEOUT_MS = 2_000;

export interface SqliteStoreOptions {
  /** The database file, or `:memory:`. */
  readonly path: string;
  /** False for data that is thrown away in any case: then a commit outlasts a crash of the process, not of the machine. */
  readonly syncs?: boolean;
  /** Told of every durable write before and after its commit; a simulation kills the process here. */
  readonly onCommit?: (moment: "before" | "after") => void;
}

/**
 * Opens the store and brings its tables up to date.
 *
 * Errors: `StoreVersionError` when a newer Penstock wrote the file; SQLite's own when it cannot be opened.
 */
export function openSqliteStore({ path, syncs = true, onCommit }: SqliteStoreOptions): Store {
  const writer = openConnection(path, syncs);
  migrate({ exec: (sql) => writer.exec(sql), version: () => readVersion(writer) });
  return new SqliteStore(path, writer, onCommit);
}

interface Queued {
  readonly work: (tx: Tx) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

class SqliteStore implements Store {
  commits = 0;
  readonly #path: string;
  readonly #writer: Connection;
  readonly #onCommit: SqliteStoreOptions["onCommit"];
  #reader: Connection | undefined;
  #queue: Queued[] = [];
  #deferred: ((tx: Tx) => Promise<void>)[] = [];
  #deferredTimer: NodeJS.Timeout | undefined;
  #deferredIsDue = false;
  #draining: Promise<void> | undefined;
  #closed = false;

  constructor(path: string, writer: DatabaseSync, onCommit: SqliteStoreOptions["onCommit"]) {
    this.#path = path;
    this.#writer = new Connection(writer);
    this.#onCommit = onCommit;
  }

  get read(): Reader {
    // A database in memory is seen by its own connection only.
    this.#reader ??= this.#path === ":memory:" ? this.#writer : new Connection(openConnection(this.#path, true));
    return this.#reader;
  }

  transact<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new Error("The store is closed."));
    return new Promise<T>((resolve, reject) => {
      // The queue holds transactions of many result types; each entry's resolve belongs to its own work.
      this.#queue.push({ work, resolve: resolve as (value: unknown) => void, reject });
      this.#wake();
    });
  }

  defer(work: (tx: Tx) => Promise<void>): void {
    if (this.#closed) return;
    this.#deferred.push(work);
    this.#deferredTimer ??= setTimeout(() => this.#flush(), DEFERRED_MS_MAX).unref();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await this.#draining;
    if (this.#deferred.length > 0 || this.#queue.length > 0) {
      this.#flush();
      await this.#draining;
    }
    this.#closed = true;
    if (this.#reader !== this.#writer) this.#reader?.close();
    this.#writer.close();
  }

  /** No commit came by that what was deferred could ride in. */
  #flush(): void {
    this.#deferredIsDue = true;
    this.#wake();
  }

  #wake(): void {
    this.#draining ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.#drain());
  }

  async #drain(): Promise<void> {
    try {
      while (this.#queue.length > 0 || this.#deferredIsDue) {
        const group = this.#queue.splice(0, GROUP_COUNT_MAX);
        await this.#commitGroup(group, this.#takeDeferred());
      }
    } finally {
      this.#draining = undefined;
    }
  }

  #takeDeferred(): readonly ((tx: Tx) => Promise<void>)[] {
    const deferred = this.#deferred;
    this.#deferred = [];
    this.#deferredIsDue = false;
    clearTimeout(this.#deferredTimer);
    this.#deferredTimer = undefined;
    return deferred;
  }

  async #commitGroup(group: readonly Queued[], deferred: readonly ((tx: Tx) => Promise<void>)[]): Promise<void> {
    const answers: (() => void)[] = [];
    try {
      this.#writer.exec("begin immediate");
      for (const [index, { work, resolve, reject }] of group.entries()) {
        const done = index === 0 ? await this.#asFirst(work) : await this.#underSavepoint(work);
        answers.push("error" in done ? () => reject(done.error) : () => resolve(done.value));
      }
      await this.#doDeferred(deferred);
      this.#onCommit?.("before");
      this.#writer.exec("commit");
      this.commits += 1;
      this.#onCommit?.("after");
    } catch (error) {
      this.#writer.rollbackIfOpen();
      this.#deferred.unshift(...deferred); // nobody would hear that it failed; it rides in a later commit
      for (const { reject } of group) reject(error);
      return;
    }
    for (const answer of answers) answer();
  }

  /** All under one savepoint, as they almost never fail; when one does, again and each under its own. */
  async #doDeferred(deferred: readonly ((tx: Tx) => Promise<void>)[]): Promise<void> {
    if (deferred.length === 0) return;
    const all = await this.#underSavepoint(async (tx) => {
      for (const work of deferred) await work(tx);
    });
    if ("error" in all) for (const work of deferred) await this.#underSavepoint(work);
  }

  /** Nothing was done before it, so its fault can undo everything. A savepoint would copy every page that it changes. */
  async #asFirst(work: (tx: Tx) => Promise<unknown>): Promise<{ value: unknown } | { error: unknown }> {
    try {
      return { value: await work(this.#writer) };
    } catch (error) {
      this.#writer.exec("rollback");
      this.#writer.exec("begin immediate");
      return { error };
    }
  }

  async #underSavepoint(work: (tx: Tx) => Promise<unknown>): Promise<{ value: unknown } | { error: unknown }> {
    this.#writer.exec("savepoint work");
    try {
      const value = await work(this.#writer);
      this.#writer.exec("release work");
      return { value };
    } catch (error) {
      this.#writer.exec("rollback to work");
      this.#writer.exec("release work");
      return { error };
    }
  }
}

/** One connection with its prepared statements, which live as long as it does. */
class Connection implements Tx {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<object, { statement: StatementSync; bind: (params: object) => SQLInputValue[] }>();
  readonly #plain = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async all<P, R>(statement: Statement<P, R>, params: P): Promise<readonly R[]> {
    const { statement: prepared, bind } = this.#prepare(statement);
    return prepared.all(...bind(params as object)) as R[]; // the statement's type says what its rows are
  }

  async first<P, R>(statement: Statement<P, R>, params: P): Promise<R | undefined> {
    const { statement: prepared, bind } = this.#prepare(statement);
    return prepared.get(...bind(params as object)) as R | undefined; // as above
  }

  async run<P, R>(statement: Statement<P, R>, params: P): Promise<number> {
    const { statement: prepared, bind } = this.#prepare(statement);
    return Number(prepared.run(...bind(params as object)).changes);
  }

  exec(sql: string): void {
    let prepared = this.#plain.get(sql);
    if (!prepared) {
      prepared = this.#database.prepare(sql);
      this.#plain.set(sql, prepared);
    }
    prepared.run();
  }

  rollbackIfOpen(): void {
    try {
      this.#database.exec("rollback");
    } catch {
      // BEGIN itself failed, or SQLite already rolled back: nothing is open.
    }
  }

  close(): void {
    this.#database.close();
  }

  #prepare<P, R>(statement: Statement<P, R>) {
    let entry = this.#prepared.get(statement);
    if (!entry) {
      const { sql, binds } = statement.compiled();
      const bind = (params: object) =>
        binds.map((part) => toSql("name" in part ? params[part.name as keyof typeof params] : part.value, sql));
      entry = { statement: this.#database.prepare(sql), bind };
      this.#prepared.set(statement, entry);
    }
    return entry;
  }
}

function toSql(value: unknown, sql: string): SQLInputValue {
  if (value === undefined) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "bigint")
    return value;
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`A column takes text, numbers or bytes, but a statement was given a ${typeof value}: ${sql}`);
}

function openConnection(path: string, syncs: boolean): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  const synchronous = syncs ? "full" : "off";
  // A file that is there keeps the page size that it was made with.
  database.exec(`pragma page_size = ${PAGE_BYTES}; pragma journal_mode = wal; pragma synchronous = ${synchronous};
    pragma wal_autocheckpoint = ${CHECKPOINT_PAGES}; pragma foreign_keys = on`);
  return database;
}

function readVersion(database: DatabaseSync): number {
  return Number(database.prepare("pragma user_version").get()?.["user_version"] ?? 0);
}
