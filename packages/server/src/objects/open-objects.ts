import fs from "node:fs";
import path from "node:path";
import type { Keys } from "../keys/keys.ts";
import type { Store } from "../store/store.ts";
import * as buckets from "./buckets.ts";
import type { ObjectsContext } from "./context.ts";
import { openFiles, UNFINISHED } from "./files.ts";
import { listObjects, listUploads, listVersions } from "./listing.ts";
import * as multipart from "./multipart.ts";
import type { Deleted, ObjectName, ObjectStore, WriteCondition } from "./object-store.ts";
import type { GetObject, PutObject } from "./objects.ts";
import { findVersion, openVersion, partsOf, setTags } from "./read.ts";
import { newSealedDataKey, openSealedDataKey } from "./seal.ts";
import { sweep } from "./sweep.ts";
import { removeVersion } from "./versions.ts";
import { asStream, copyObject, writeObject } from "./write.ts";

export interface OpenObjects {
  /** The folder of the files; made when missing. */
  readonly dir: string;
  readonly store: Store;
  readonly keys: Keys;
  /** 32 bytes. Seals the data keys of SSE-S3. */
  readonly masterKey: Buffer;
  readonly account: string;
  /** False for data that is thrown away in any case: then no file is synced. */
  readonly syncs?: boolean;
  /** Epoch milliseconds. */
  now(): number;
}

/** Kept in the folder to tell at once whether a master key is the right one. */
const KEY_CHECK = "key-check";

/**
 * Opens the artifact store over a folder and the database, and begins to sweep.
 *
 * Errors: `ArtifactKeyError` when the folder was written under another master key.
 */
export function openObjects({ dir, syncs, ...given }: OpenObjects): ObjectStore {
  const context: ObjectsContext = { ...given, files: openFiles(dir, syncs) };
  checkMasterKey(dir, context.masterKey);
  const stopping = new AbortController();
  const swept = startSweep(context, stopping.signal);
  // A failing sweep harms nothing but space; whoever wants to tell of it waits for `swept`.
  swept.catch(() => undefined);
  return {
    ...bucketMethods(context),
    ...objectMethods(context),
    ...uploadMethods(context),
    account: context.account,
    swept,
    async close() {
      stopping.abort();
      await Promise.allSettled([swept]);
      await context.files.close();
    },
  };
}

function bucketMethods(context: ObjectsContext) {
  const { read } = context.store;
  return {
    createBucket: (name: string, region: string) => buckets.createBucket(context, name, region),
    bucket: (name: string) => buckets.requireBucket(read, name),
    buckets: (after: string, limit: number) => buckets.listBuckets(context, after, limit),
    deleteBucket: (name: string) => buckets.deleteBucket(context, name),
    async versioning(name: string) {
      return (await buckets.requireBucket(read, name)).versioning;
    },
    setVersioning: (name: string, status: "Enabled" | "Suspended") => buckets.setVersioning(context, name, status),
    setPolicy: (name: string, policy: string | undefined) => buckets.setPolicy(context, name, policy),
    setEncryption: (...[name, encryption]: Parameters<ObjectStore["setEncryption"]>) =>
      buckets.setEncryption(context, name, encryption),
    setBucketTags: (...[name, tags]: Parameters<ObjectStore["setBucketTags"]>) =>
      buckets.setBucketTags(context, name, tags),
  } satisfies Partial<ObjectStore>;
}

function objectMethods(context: ObjectsContext) {
  const { read } = context.store;
  const open: ObjectStore["open"] = (name, plan) => openVersion(context, name, plan);
  return {
    put: ({ kms, ...object }: PutObject) =>
      writeObject(context, { ...object, encryption: kms && { type: "aws:kms", keyId: kms.keyId } }),
    async get({ range, ...name }: GetObject) {
      const { version, body } = await open(name, () => range);
      return { object: version, body: asStream(body) };
    },
    head: (name: GetObject) => findVersion(read, name, "HEAD"),
    async delete(bucket: string, key: string) {
      await deleteVersions(context, bucket, [{ bucket, key }]);
    },
    write: (object) => writeObject(context, object),
    copy: (request) => copyObject(context, request),
    find: (name, method) => findVersion(read, name, method),
    open,
    async deleteVersion(name, condition) {
      const [deleted] = await deleteVersions(context, name.bucket, [name], condition);
      return deleted ?? { versionId: undefined, deleteMarker: false };
    },
    deleteVersions: (bucket, names) => deleteVersions(context, bucket, names),
    setTags: (name, tags) => setTags(context, name, tags),
    partsOf: (version) => partsOf(context, version),
    listObjects: (request) => listObjects(read, request),
    listVersions: (request) => listVersions(read, request),
  } satisfies Partial<ObjectStore>;
}

function uploadMethods(context: ObjectsContext) {
  const { read } = context.store;
  return {
    createUpload: (request) => multipart.createUpload(context, request),
    upload: (name) => multipart.findUpload(read, name),
    writePart: (part) => multipart.writePart(context, part),
    copyPart: (part) => multipart.copyPart(context, part),
    completeUpload: (request) => multipart.completeUpload(context, request),
    abortUpload: (name) => multipart.abortUpload(context, name),
    listUploads: (request) => listUploads(read, request),
    listParts: (name, after, limit) => multipart.listParts(read, name, after, limit),
  } satisfies Partial<ObjectStore>;
}

/** All in one transaction, so that a thousand deletions are one commit. */
async function deleteVersions(
  context: ObjectsContext,
  bucket: string,
  names: readonly ObjectName[],
  condition: WriteCondition = {},
): Promise<readonly Deleted[]> {
  const done = await context.store.transact(async (tx) => {
    const { versioning } = await buckets.requireBucket(tx, bucket);
    const results: Awaited<ReturnType<typeof removeVersion>>[] = [];
    for (const name of names) results.push(await removeVersion(tx, versioning, name, context.now(), condition));
    return results;
  });
  context.files.remove(done.flatMap(({ unusedFiles }) => unusedFiles));
  return done.map(({ deleted }) => deleted);
}

function checkMasterKey(dir: string, masterKey: Buffer): void {
  const file = path.join(dir, KEY_CHECK);
  if (fs.existsSync(file)) {
    openSealedDataKey(masterKey, fs.readFileSync(file), KEY_CHECK);
    return;
  }
  const { sealed } = newSealedDataKey(masterKey, KEY_CHECK);
  // Renamed, so that a crash leaves all of it or none.
  fs.writeFileSync(file + UNFINISHED, sealed, { mode: 0o600 });
  fs.renameSync(file + UNFINISHED, file);
}

/** The sweep waits for the first idle turn, so that it takes nothing from the start. */
async function startSweep(context: ObjectsContext, stop: AbortSignal): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve));
  return sweep(context, stop);
}
