/**
 * The master key: 32 bytes from which every key that protects the data is derived.
 *
 * It never lies inside the data folder, so that a copy of the data alone opens nothing. It comes from
 * `PENSTOCK_MASTER_KEY` (64 hexadecimal digits, or base64), else from a file that only its owner may read.
 * The file is `<data folder>.key` beside the folder unless another is named, and is made on first use.
 *
 * The data folder remembers a check value of its key. With another key, or with none, it is refused
 * before anything is read or written: a new key made in silence would orphan all that is sealed.
 */
import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";

/** What a derived key is for. A new purpose needs a name here and nothing else. */
export type KeyPurpose = "sessions" | "session-secrets" | "objects" | "kms" | "certificates" | "check";

export interface MasterKey {
  /** 32 bytes for one purpose: the same for the same master key, and telling nothing of other purposes. */
  derive(purpose: KeyPurpose): Buffer;
}

/** The master key is missing, unsafe or another one. The message says what to do; it never holds the key. */
export class MasterKeyError extends Error {
  override readonly name = "MasterKeyError";
}

export interface MasterKeyPlace {
  readonly dataDir: string;
  /** The process's environment; only `PENSTOCK_MASTER_KEY` is read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A file in place of `<dataDir>.key`. */
  readonly file?: string;
}

const KEY_BYTES = 32;
const CHECK_FILE = "master-key.check";

/**
 * Finds the master key of a data folder, or makes both on first use.
 *
 * Errors: `MasterKeyError` when the key is malformed, readable by others, missing for data that has one,
 * or not the one that the data was sealed under.
 */
export function openMasterKey({ dataDir, env, file }: MasterKeyPlace): MasterKey {
  const folder = resolve(dataDir);
  const given = env["PENSTOCK_MASTER_KEY"];
  const path = resolve(file ?? `${folder}.key`);
  const bytes = given ? parseKey(given, "PENSTOCK_MASTER_KEY") : readOrMakeKey(path, folder);
  const key = createMasterKey(bytes);
  checkKey(key, folder, given ? "PENSTOCK_MASTER_KEY" : path);
  return key;
}

/** A master key of given bytes, for who keeps it elsewhere. `bytes` must be 32 of high entropy. */
export function createMasterKey(bytes: Buffer): MasterKey {
  if (bytes.length !== KEY_BYTES) throw new MasterKeyError(`A master key has ${KEY_BYTES} bytes, not ${bytes.length}.`);
  return {
    derive: (purpose) => Buffer.from(hkdfSync("sha256", bytes, "penstock", `penstock ${purpose}`, KEY_BYTES)),
  };
}

function parseKey(text: string, source: string): Buffer {
  const trimmed = text.trim();
  const bytes = Buffer.from(trimmed, /^[0-9a-f]{64}$/i.test(trimmed) ? "hex" : "base64");
  if (bytes.length === KEY_BYTES) return bytes;
  throw new MasterKeyError(
    `${source} does not hold a master key: it must be ${KEY_BYTES} bytes as base64 or hexadecimal. Make one with: openssl rand -base64 ${KEY_BYTES}`,
  );
}

function readOrMakeKey(path: string, folder: string): Buffer {
  if (!existsSync(path)) {
    if (existsSync(join(folder, CHECK_FILE))) {
      throw new MasterKeyError(
        `The data in ${folder} is sealed under a master key, but ${path} is not there. Put the file back, name it, or set PENSTOCK_MASTER_KEY.`,
      );
    }
    refuseInside(path, folder);
    makeKeyFile(path);
  }
  const { mode, uid } = plainFile(path);
  if ((mode & 0o077) !== 0) {
    throw new MasterKeyError(
      `Others may use the master key in ${path}. Take their rights away with: chmod 600 ${path}`,
    );
  }
  if (process.getuid && uid !== process.getuid()) {
    throw new MasterKeyError(
      `The master key in ${path} belongs to another user. Take it over, or name a file of your own.`,
    );
  }
  return parseKey(readFileSync(path, "utf8"), path);
}

function plainFile(path: string) {
  const found = lstatSync(path);
  if (!found.isFile()) throw new MasterKeyError(`${path} should hold the master key, but it is not a plain file.`);
  return found;
}

function refuseInside(path: string, folder: string): void {
  if (!path.startsWith(`${folder}/`)) return;
  throw new MasterKeyError(
    `The master key must not lie in the data folder itself: ${path}. Name a file outside of it.`,
  );
}

/** The link makes it appear whole or not at all, and leaves a file that another process made first alone. */
function makeKeyFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = writeDraft(path, `${randomBytes(KEY_BYTES).toString("base64")}\n`);
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!isAlreadyThere(error)) throw error;
  } finally {
    unlinkSync(draft);
  }
  syncFolder(dirname(path));
}

function checkKey(key: MasterKey, folder: string, source: string): void {
  const value = createHmac("sha256", key.derive("check")).update("penstock master key").digest();
  const path = join(folder, CHECK_FILE);
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    renameSync(writeDraft(path, `${value.toString("hex")}\n`), path);
    syncFolder(folder);
    return;
  }
  const known = Buffer.from(readFileSync(path, "utf8").trim(), "hex");
  if (known.length === value.length && timingSafeEqual(known, value)) return;
  throw new MasterKeyError(
    `The data in ${folder} is sealed under another master key than the one in ${source}. Give it the key that it was made with, or take another data folder.`,
  );
}

function writeDraft(path: string, text: string): string {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  const descriptor = openSync(draft, "wx", 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return draft;
}

function syncFolder(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function isAlreadyThere(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}
