import { createHash, randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { createKeys } from "../../keys/create-keys.ts";
import type { KeyStore } from "../../keys/keys.ts";
import { openSqliteStore, type SqliteStoreOptions } from "../../store/sqlite/sqlite-store.ts";
import type { Store } from "../../store/store.ts";
import type { ObjectStore } from "../object-store.ts";
import { openObjects } from "../open-objects.ts";

const ACCOUNT = "000000000000";

/** An artifact store in a folder of its own, with the bucket `artifacts`, that can be shut and opened again. */
export interface Scratch {
  readonly dir: string;
  store: Store;
  keys: KeyStore;
  objects: ObjectStore;
  readonly masterKey: Buffer;
  /** Epoch milliseconds that everything takes for now. */
  now: number;
  open(change?: { readonly masterKey?: Buffer; readonly onCommit?: SqliteStoreOptions["onCommit"] }): void;
  shut(): Promise<void>;
  put(key: string, bytes: Buffer | string, bucket?: string): ReturnType<ObjectStore["put"]>;
  get(key: string, versionId?: string, range?: { start: number; end: number }): Promise<Buffer>;
  /** The artifact files there are, without the one that tells the master key. */
  filesOnDisk(): string[];
  /** Shuts everything and removes the folder. */
  end(): Promise<void>;
}

export async function openScratch(): Promise<Scratch> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "penstock-objects-"));
  const ownKey = randomBytes(32);
  const scratch: Scratch = {
    ...openAll(dir, ownKey, undefined, () => scratch.now),
    dir,
    masterKey: ownKey,
    now: Date.parse("2026-11-24T00:00:00Z"),
    open({ masterKey = ownKey, onCommit } = {}) {
      Object.assign(
        scratch,
        openAll(dir, masterKey, onCommit, () => scratch.now),
      );
    },
    async shut() {
      await scratch.objects.close();
      await scratch.store.close();
    },
    put: (key, bytes, bucket = "artifacts") => scratch.objects.put({ bucket, key, body: bodyOf(bytes) }),
    async get(key, versionId, range) {
      const { body } = await scratch.objects.get({
        ...{ bucket: "artifacts", key },
        ...(versionId !== undefined && { versionId }),
        ...(range && { range }),
      });
      return drain(body);
    },
    filesOnDisk: () => filesIn(path.join(dir, "objects")),
    async end() {
      await scratch.shut();
      fs.rmSync(dir, { recursive: true });
    },
  };
  await scratch.objects.createBucket("artifacts", "us-east-1");
  return scratch;
}

function openAll(dir: string, masterKey: Buffer, onCommit: SqliteStoreOptions["onCommit"], now: () => number) {
  const store = openSqliteStore({ path: path.join(dir, "penstock.db"), ...(onCommit && { onCommit }) });
  try {
    const given = { store, account: ACCOUNT, now };
    const keys = createKeys({ ...given, masterKey: { derive: () => masterKey } });
    return { store, keys, objects: openObjects({ ...given, dir: path.join(dir, "objects"), keys, masterKey }) };
  } catch (error) {
    void store.close();
    throw error;
  }
}

function filesIn(dir: string): string[] {
  const all = fs.readdirSync(dir, { recursive: true, withFileTypes: true });
  const files = all.filter((entry) => entry.isFile() && entry.name !== "key-check");
  return files.map((entry) => path.join(entry.parentPath, entry.name));
}

export function bodyOf(...chunks: (Buffer | string)[]): Readable {
  const buffers = chunks.map((one) => Buffer.from(one));
  return Readable.from(
    buffers.filter((one) => one.length > 0),
    { objectMode: false },
  );
}

/** A body whose chunks are made one after the other, with what happens between them. */
export function bodyFrom(chunks: () => AsyncGenerator<Buffer>): Readable {
  return Readable.from(chunks(), { objectMode: false });
}

export async function drain(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export const md5 = (bytes: Buffer | string) => createHash("md5").update(bytes).digest("hex");
