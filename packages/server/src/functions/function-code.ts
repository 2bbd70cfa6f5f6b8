/**
 * The code of functions on disk.
 *
 * A zip is unpacked to `<dir>/<checksum>/` before anybody names it in the store, synced, and never changed again;
 * several functions may share it. A folder of the user's is used where it is. While a zip is taken but not yet in
 * the store, it is held, so that a sweep does not take it for unused.
 */
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readlinkSync } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { extractZip } from "../archive/extract-zip.ts";
import { InvalidZip } from "../archive/invalid-zip.ts";
import type { ZipLimits } from "../archive/zip-entries.ts";
import { ServiceError } from "../wire/error.ts";
import { invalidParameter, requestTooLarge } from "./registry-errors.ts";
import { syncFolder } from "./sync-folder.ts";

/** Where code comes from. `folder` is ours: the command line runs code where it is. */
export type CodeSource =
  | { readonly type: "zip"; readonly bytes: Buffer }
  | { readonly type: "s3"; readonly bucket: string; readonly key: string; readonly versionId?: string }
  | { readonly type: "folder"; readonly path: string };

/** Code that can be run. */
export interface TakenCode {
  /** Base64 of the zip's SHA-256; for a folder, of its files' names, sizes and times. */
  readonly sha256: string;
  /** Of the zip; for a folder, of all its files. */
  readonly sizeBytes: number;
  /** Absolute, when it is used in place. */
  readonly inPlace: string | null;
}

/** The size of a zip that is sent with the request. Source: Lambda developer guide, "Lambda quotas": 50 MB, zipped. */
export const DIRECT_ZIP_BYTES_MAX = 50 * 1024 * 1024;
/** What Lambda names in its error: the zip above, in Base64, with the rest of the request. */
const REQUEST_BYTES_MAX = 70_167_211;
/** Source: the service's own error text. */
const UNZIPPED_BYTES_MAX = 262_144_000;

/** Deflate gains at most 1032 to 1, so the total is the limit that counts. */
const LIMITS: ZipLimits = { totalBytesMax: UNZIPPED_BYTES_MAX, entryCountMax: 500_000, ratioMax: 1100 };

/** What `Objects` answers, as far as code is concerned. */
export interface CodeObjects {
  /** Errors: S3's `ServiceError`s, such as `NoSuchKey`. */
  get(request: {
    readonly bucket: string;
    readonly key: string;
    readonly versionId?: string;
  }): Promise<{ readonly body: Readable }>;
}

export interface CodeStore {
  /** The folder of unpacked code. */
  folderOf(sha256: string): string;
  /**
   * Makes code runnable, lets `use` write it down, and holds it until then.
   *
   * Errors: Lambda's `InvalidParameterValueException` and `RequestEntityTooLargeException`.
   */
  take<T>(source: CodeSource, use: (code: TakenCode) => Promise<T>): Promise<T>;
  /** Removes unpacked code that is neither held nor among `used`; answers how many. */
  sweep(used: ReadonlySet<string>): Promise<number>;
}

export function createCodeStore(dir: string, objects: CodeObjects): CodeStore {
  const held = new Map<string, number>();
  const folderOf = (sha256: string) => join(dir, Buffer.from(sha256, "base64").toString("hex"));
  return {
    folderOf,
    async take(source, use) {
      if (source.type === "folder") return use(folderCode(source.path));
      const zip = source.type === "zip" ? takeBytes(source.bytes) : await fetchZip(dir, objects, source);
      hold(held, zip.sha256, 1);
      try {
        await unpack(zip, folderOf(zip.sha256));
        return await use({ sha256: zip.sha256, sizeBytes: zip.sizeBytes, inPlace: null });
      } finally {
        hold(held, zip.sha256, -1);
        if (typeof zip.content === "string") await rm(zip.content, { force: true });
      }
    },
    sweep: (used) => sweep(dir, new Set([...used, ...held.keys()].map(folderOf))),
  };
}

interface Zip {
  readonly sha256: string;
  readonly sizeBytes: number;
  /** The bytes, or the path of a file of ours. */
  readonly content: Buffer | string;
}

function takeBytes(bytes: Buffer): Zip {
  if (bytes.length === 0) throw invalidParameter("Uploaded file must be a non-empty zip");
  if (bytes.length > DIRECT_ZIP_BYTES_MAX) throw requestTooLarge(REQUEST_BYTES_MAX, "CreateFunction");
  return { sha256: createHash("sha256").update(bytes).digest("base64"), sizeBytes: bytes.length, content: bytes };
}

async function fetchZip(dir: string, objects: CodeObjects, source: CodeSource & { type: "s3" }): Promise<Zip> {
  const { bucket, key, versionId } = source;
  const found = await objects.get({ bucket, key, ...(versionId === undefined ? {} : { versionId }) }).catch(notFetched);
  return saveIncoming(dir, found.body);
}

function notFetched(error: unknown): never {
  if (!(error instanceof ServiceError)) throw error;
  throw invalidParameter(
    `Error occurred while GetObject. S3 Error Code: ${error.code}. S3 Error Message: ${error.message}`,
  );
}

const INCOMING = "incoming-";

async function saveIncoming(dir: string, body: Readable): Promise<Zip> {
  await mkdir(dir, { recursive: true });
  const content = join(dir, `${INCOMING}${crypto.randomUUID()}.zip`);
  const file = await open(content, "wx", 0o600);
  const hash = createHash("sha256");
  let sizeBytes = 0;
  try {
    // An object's body is a stream of bytes, never of strings.
    for await (const chunk of body as AsyncIterable<Buffer>) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes > UNZIPPED_BYTES_MAX) throw unzippedTooLarge();
      await file.write(chunk);
    }
  } catch (error) {
    await rm(content, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return { sha256: hash.digest("base64"), sizeBytes, content };
}

/** Several may unpack the same zip at once: whoever is first puts it in place, for all. */
async function unpack(zip: Zip, folder: string): Promise<void> {
  if (existsSync(folder)) return;
  const unsynced = `${folder}.new-${crypto.randomUUID()}`;
  try {
    const { fileCount } = await extractZip(zip.content, unsynced, LIMITS);
    if (fileCount === 0) throw invalidParameter("Uploaded file must be a non-empty zip");
    await syncFolder(unsynced);
    await rename(unsynced, folder);
  } catch (error) {
    await rm(unsynced, { recursive: true, force: true });
    if (existsSync(folder)) return;
    throw error instanceof InvalidZip ? zipRefused(error) : error;
  }
}

const unzippedTooLarge = () => invalidParameter(`Unzipped size must be smaller than ${UNZIPPED_BYTES_MAX} bytes`);

/** The service's words, and behind them ours, which say what is wrong. */
function zipRefused(error: InvalidZip): ServiceError {
  if (error.reason === "tooLarge") return unzippedTooLarge();
  const refused = invalidParameter("Could not unzip uploaded file. Please check your file, then try to upload again.");
  refused.cause = error;
  return refused;
}

function hold(held: Map<string, number>, sha256: string, change: 1 | -1): void {
  const count = (held.get(sha256) ?? 0) + change;
  if (count === 0) held.delete(sha256);
  else held.set(sha256, count);
}

const OURS = /^(?:[0-9a-f]{64}(?:\.new-.*)?|incoming-.*\.zip)$/;

async function sweep(dir: string, keep: ReadonlySet<string>): Promise<number> {
  const names = existsSync(dir) ? await readdir(dir) : [];
  const unused = names.filter((name) => OURS.test(name) && !keep.has(join(dir, name)));
  for (const name of unused) await rm(join(dir, name), { recursive: true, force: true });
  return unused.length;
}

/** Folders that say nothing about the user's own code, and may be huge. */
const NOT_FINGERPRINTED: ReadonlySet<string> = new Set(["node_modules", ".git", ".venv", "venv", "__pycache__"]);

/** Files that a fingerprint looks at; a larger folder is told apart by its first ones. */
const FINGERPRINT_FILES_MAX = 20_000;

/** Cheap: names, sizes and times, no contents. */
function folderCode(path: string): TakenCode {
  const root = resolve(path);
  if (!lstatSync(root, { throwIfNoEntry: false })) throw invalidParameter(`The code folder ${root} does not exist`);
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const folders = [root];
  for (let seen = 0; folders.length > 0 && seen < FINGERPRINT_FILES_MAX; ) {
    const folder = folders.pop() ?? root;
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const place = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!NOT_FINGERPRINTED.has(entry.name)) folders.push(place);
        continue;
      }
      const stats = lstatSync(place);
      hash.update(`${place.slice(root.length)}\0${stats.size}\0${stats.mtimeMs}\0`);
      if (entry.isSymbolicLink()) hash.update(readlinkSync(place));
      sizeBytes += stats.size;
      seen += 1;
    }
  }
  return { sha256: hash.digest("base64"), sizeBytes, inPlace: root };
}
