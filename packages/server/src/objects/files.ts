/**
 * The files of the artifact store.
 *
 * A file begins under a temporary name, is renamed, and then file and directory are synced together; only
 * then may a row name it. So a row never names a file that is not there, and a crash leaves at most a file
 * without a row, which the next start sweeps. A file that no row names any more is removed when its last
 * reader is done.
 */
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";

/** Random hex digits of a file's name; the first two name its directories. */
const NAME_BYTES = 16;
const HEX = "0123456789abcdef";
/** Ends the name of a file that is being written. */
export const UNFINISHED = ".tmp";
/** Up to here a write is done at once: the page cache takes it faster than a thread is woken. */
const AT_ONCE_BYTES_MAX = 128 * 1024;
/**
 * So often what is written is sent to the disk, while more comes in: what is left for the end is then little. Unit:
 * bytes. Measured: a size between 1 and 8 MiB makes no difference.
 */
const SYNC_BYTES = 4 * 1024 * 1024;

export interface Files {
  /** A name that is not taken. It counts as in use until `settled`. */
  newName(): string;
  /** Opens a new file of that name for writing, under its temporary name. */
  create(name: string): FileWriter;
  /** The row of this file is durable, or will never be. */
  settled(name: string): void;
  inUse(name: string): boolean;
  /** Opens for reading, and holds the file until `release`. Throws `ENOENT` when it is gone. */
  open(name: string): number;
  release(name: string, fd: number): void;
  hold(names: readonly string[]): void;
  letGo(names: readonly string[]): void;
  /** Removes files that no row names, each when nobody reads it any more. */
  remove(names: readonly string[]): void;
  /** The directories that are there, 256 at most, as paths below the store's own. */
  shelves(): Promise<readonly string[]>;
  list(shelf: string): Promise<readonly string[]>;
  removeListed(shelf: string, entry: string): Promise<void>;
  close(): Promise<void>;
}

export interface FileWriter {
  /** Resolves when the writer wants more. The buffers may not be changed afterwards. */
  write(buffers: Buffer[], sizeBytes: number): Promise<void> | undefined;
  /** Makes the file durable under its name. */
  finish(): Promise<void>;
  /** Removes what there is. */
  abandon(): Promise<void>;
}

/** With `syncs` false, nothing outlasts a crash of the machine: for data that is thrown away in any case. */
export function openFiles(dir: string, syncs = true): Files {
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
  const shelves = createShelves(dir, syncs);
  const unsettled = new Set<string>();
  const readers = new Map<string, number>();
  const doomed = new Set<string>();
  const removals = new Set<Promise<void>>();
  const pathOf = (name: string) => path.join(dir, shelfOf(name), name);

  const removeNow = (file: string): Promise<void> => {
    const removal = unlink(file).finally(() => removals.delete(removal));
    removals.add(removal);
    return removal;
  };
  const hold = (name: string) => readers.set(name, (readers.get(name) ?? 0) + 1);
  const letGo = (name: string) => {
    const left = (readers.get(name) ?? 1) - 1;
    if (left > 0) {
      readers.set(name, left);
      return;
    }
    readers.delete(name);
    if (doomed.delete(name)) void removeNow(pathOf(name));
  };

  return {
    newName() {
      const name = randomBytes(NAME_BYTES).toString("hex");
      unsettled.add(name);
      return name;
    },
    create: (name) => createWriter(pathOf(name), shelves.get(shelfOf(name)), removeNow, syncs),
    settled: (name) => void unsettled.delete(name),
    inUse: (name) => unsettled.has(name) || readers.has(name),
    open(name) {
      const fd = fs.openSync(pathOf(name), "r");
      hold(name);
      return fd;
    },
    release(name, fd) {
      fs.close(fd, ignoreClosing);
      letGo(name);
    },
    hold: (names) => names.forEach(hold),
    letGo: (names) => names.forEach(letGo),
    remove(names) {
      for (const name of names) {
        if (readers.has(name)) doomed.add(name);
        else void removeNow(pathOf(name));
      }
    },
    shelves: () => shelvesOf(dir),
    list: (shelf) => namesIn(path.join(dir, shelf)),
    removeListed: (shelf, entry) => removeNow(path.join(dir, shelf, entry)),
    async close() {
      await Promise.all(removals);
      shelves.close();
    },
  };
}

function createWriter(file: string, shelf: Shelf, remove: (file: string) => Promise<void>, syncs: boolean): FileWriter {
  const unfinished = file + UNFINISHED;
  const fd = fs.openSync(unfinished, "wx", 0o600);
  let name = unfinished;
  let open = true;
  let underway: Promise<void> | undefined;
  const early = createEarlySyncs(fd, syncs);
  const close = () => {
    if (open) fs.closeSync(fd);
    open = false;
  };
  return {
    write(buffers, sizeBytes) {
      if (!underway && sizeBytes <= AT_ONCE_BYTES_MAX) return writeAllSync(fd, buffers, sizeBytes);
      const before = underway ?? Promise.resolve();
      // One write is under way while the next buffers fill; waiting for the one before is the back-pressure.
      underway = before.then(() => writeAll(fd, buffers, sizeBytes)).then(() => early.wrote(sizeBytes));
      underway.catch(ignoreUntilAwaited);
      return before;
    },
    async finish() {
      await underway;
      await early.done();
      // Renaming before syncing is safe, as only the row makes the file real, and lets both syncs share a flush.
      fs.renameSync(unfinished, file);
      name = file;
      if (syncs) await Promise.all([sync(fs.fdatasync, fd), shelf.sync()]);
      close();
    },
    async abandon() {
      await underway?.catch(ignoreUntilAwaited);
      await early.done().catch(ignoreUntilAwaited);
      close();
      await remove(name);
    },
  };
}

interface EarlySyncs {
  wrote(sizeBytes: number): void;
  /** Resolves when none is under way. Rejects if one failed: the disk tells of a lost write once, to whoever syncs first. */
  done(): Promise<void>;
}

/** One at a time: the disk is not faster with two. One that fails stays, and is the last. */
function createEarlySyncs(fd: number, syncs: boolean): EarlySyncs {
  let unsyncedBytes = 0;
  let running: Promise<void> | undefined;
  return {
    wrote(sizeBytes) {
      unsyncedBytes += sizeBytes;
      if (!syncs || running || unsyncedBytes < SYNC_BYTES) return;
      unsyncedBytes = 0;
      running = sync(fs.fdatasync, fd);
      running.then(() => {
        running = undefined;
      }, ignoreUntilAwaited);
    },
    async done() {
      await running;
    },
  };
}

function writeAllSync(fd: number, buffers: Buffer[], sizeBytes: number): undefined {
  const written = fs.writevSync(fd, buffers);
  if (written < sizeBytes) writeRestSync(fd, Buffer.concat(buffers).subarray(written));
}

function writeRestSync(fd: number, rest: Buffer): void {
  for (let at = 0; at < rest.length; ) at += fs.writeSync(fd, rest, at);
}

async function writeAll(fd: number, buffers: Buffer[], sizeBytes: number): Promise<void> {
  const written = await new Promise<number>((resolve, reject) =>
    fs.writev(fd, buffers, (error, bytes) => (error ? reject(error) : resolve(bytes))),
  );
  // A short write is rare (a full disk, a signal), so its cost does not matter; a full disk throws here.
  if (written < sizeBytes) writeRestSync(fd, Buffer.concat(buffers).subarray(written));
}

interface Shelf {
  /** Makes the names in the directory durable. Calls that come while one runs share the next. */
  sync(): Promise<void>;
}

interface Shelves {
  get(shelf: string): Shelf;
  close(): void;
}

/** The directories, made on first use and kept open: there are 256 at most. */
function createShelves(dir: string, syncs: boolean): Shelves {
  const made = new Map<string, { readonly fd: number; readonly shelf: Shelf }>();
  return {
    get(name) {
      const known = made.get(name);
      if (known) return known.shelf;
      makeDirectories(dir, name, syncs);
      const fd = fs.openSync(path.join(dir, name), "r");
      const shelf = createShelf(fd);
      made.set(name, { fd, shelf });
      return shelf;
    },
    close() {
      for (const { fd } of made.values()) fs.closeSync(fd);
      made.clear();
    },
  };
}

function createShelf(fd: number): Shelf {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const start = () => {
    next = undefined;
    const run = sync(fs.fsync, fd).finally(() => {
      if (running === run) running = undefined;
    });
    running = run;
    return run;
  };
  return {
    sync() {
      if (!running) return start();
      next ??= running.then(start, start);
      return next;
    },
  };
}

function makeDirectories(dir: string, shelf: string, syncs: boolean): void {
  let parent = dir;
  for (const step of shelf.split("/")) {
    const child = path.join(parent, step);
    if (!fs.existsSync(child)) {
      fs.mkdirSync(child, { mode: 0o700 });
      if (syncs) syncDirectory(parent);
    }
    parent = child;
  }
}

function syncDirectory(dir: string): void {
  const fd = fs.openSync(dir, "r");
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function shelfOf(name: string): string {
  return `${name[0]}/${name[1]}`;
}

async function shelvesOf(dir: string): Promise<readonly string[]> {
  const isStep = (name: string) => name.length === 1 && HEX.includes(name);
  const shelves: string[] = [];
  for (const first of (await namesIn(dir)).filter(isStep)) {
    const seconds = (await namesIn(path.join(dir, first))).filter(isStep);
    shelves.push(...seconds.map((second) => `${first}/${second}`));
  }
  return shelves;
}

/** None where there is no directory. Not by Node's module of promises: loading it takes a start a millisecond. */
function namesIn(dir: string): Promise<string[]> {
  return new Promise((resolve, reject) =>
    fs.readdir(dir, (error, names) => {
      if (!error) resolve(names);
      else if (error.code === "ENOENT") resolve([]);
      else reject(error);
    }),
  );
}

function sync(call: (fd: number, done: (error: Error | null) => void) => void, fd: number): Promise<void> {
  return new Promise((resolve, reject) => call(fd, (error) => (error ? reject(error) : resolve())));
}

/** A file that is already gone is as good as removed; one that cannot be removed is the next sweep's. */
function unlink(file: string): Promise<void> {
  return new Promise((resolve) => fs.unlink(file, () => resolve()));
}

// Nothing was written through this descriptor, so closing it cannot lose anything.
function ignoreClosing(): void {}

// The promise is awaited later, where its failure counts; until then it must not look unhandled.
function ignoreUntilAwaited(): void {}
