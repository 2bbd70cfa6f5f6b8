import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The data folder cannot be used; the message says why and what to do. */
export class DataFolderError extends Error {
  override readonly name = "DataFolderError";
}

/** The places in a data folder. All paths are absolute. */
export interface DataFolder {
  readonly dir: string;
  readonly database: string;
  readonly objects: string;
  readonly functions: string;
  /** What may be lost: homes of function processes, uploads under way. */
  readonly scratch: string;
  /** Lets another server use the folder. */
  release(): void;
}

/**
 * Takes a data folder for one server: made if absent, mode 0700, locked against a second server.
 *
 * Errors: `DataFolderError` when it is not writable or another server holds it.
 */
export function takeDataFolder(path: string): DataFolder {
  const dir = resolve(path);
  const scratch = join(dir, "scratch");
  try {
    makeFolder(dir);
    for (const name of ["objects", "functions", "scratch"]) makeFolder(join(dir, name));
  } catch (error) {
    throw unwritable(dir, error);
  }
  const lock = takeLock(dir);
  emptyFolder(scratch); // what a crash left in it is of no use to anybody
  return {
    dir,
    database: join(dir, "penstock.db"),
    objects: join(dir, "objects"),
    functions: join(dir, "functions"),
    scratch,
    release: () => lock.close(),
  };
}

/**
 * Makes a folder and what is missing above it. Node's own recursive way never comes back where a file system
 * answers that the folder's parent, which is there, does not exist, as `/proc` does.
 */
function makeFolder(dir: string): void {
  if (existsSync(dir)) {
    accessSync(dir, constants.W_OK);
    return;
  }
  const above = dirname(dir);
  if (!existsSync(above)) makeFolder(above);
  mkdirSync(dir, { mode: 0o700 });
}

function emptyFolder(dir: string): void {
  for (const name of readdirSync(dir)) rmSync(join(dir, name), { recursive: true, force: true });
}

/** How long another holder is waited for, who may just be leaving. Unit: milliseconds. */
const LOCK_WAIT_MS = 500;

/** SQLite's own file lock: it goes with its process, however that ends, and never names a stranger. */
function takeLock(dir: string): DatabaseSync {
  const holderFile = join(dir, "server.pid");
  try {
    const lock = new DatabaseSync(join(dir, "lock.db"), { timeout: LOCK_WAIT_MS });
    lock.exec("begin exclusive");
    writeFileSync(holderFile, String(process.pid));
    return lock;
  } catch (error) {
    if (!(error instanceof Error && error.message.includes("locked"))) throw unwritable(dir, error);
    throw new DataFolderError(
      `The data folder ${dir} is in use by another Penstock server (process ${readHolder(holderFile)}). Stop that server, or name another folder with --data.`,
      { cause: error },
    );
  }
}

function readHolder(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "unknown"; // the holder has not written it yet
  }
}

function unwritable(dir: string, cause: unknown): DataFolderError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new DataFolderError(
    `The data folder ${dir} cannot be written (${why}). Give this user the right to write it, or name another folder with --data.`,
    { cause },
  );
}
