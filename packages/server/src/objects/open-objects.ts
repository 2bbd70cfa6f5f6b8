import fs from "node:fs";
import path from "node:path";
import type { Keys } from "../keys/keys.ts";
import type { Store } from "../store/store.ts";
import { ServiceError } from "../wire/error.ts";
import * as buckets from "./buckets.ts";
import type { ObjectsContext } from "./context.ts";
import { openFiles, UNFINISHED } from "./files.ts";
import { listObjects, listUploads, listVersions } from "./listing.ts";
import { openMd5s } from "./md5.ts";
import * as multipart from "./multipart.ts";
import type { Deleted, DeleteVersion, ObjectStore } from "./object-store.ts";
import type { GetObject, PutObject } from "./objects.ts";
import { findVersion, openVersion, partsOf, setTags } from "./read.ts";
import { newSealedDataKey, openSealedDataKey } from "./seal.ts";
import { findSetting, setSetting } from "./settings.ts";
import { startTidying } from "./tidying.ts";
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
  /** Calls `wake` at a time and keeps no process alive; a timer of the machine unless given. */
  wakeAt?(at: number, wake: () => void): () => void;
  /** Is told of a sweep that failed, which harms nothing but space. */
  onFault?(error: unknown): void;
}

/** Kept in the folder to tell at once whether a master key is the right one. */
const KEY_CHECK = "key-check";

/**
 * Opens the artifact store over a folder and the database, and begins to tidy it.
 *
 * Errors: `ArtifactKeyError` when the folder was written under another master key.
 */
export function openObjects({
  dir,
  syncs,
  wakeAt = (at, wake) => wakeAfter(at - given.now(), wake),
  onFault = () => {},
  ...given
}: OpenObjects): ObjectStore {
  const context: ObjectsContext = { ...given, files: openFiles(dir, syncs), md5s: openMd5s() };
  checkMasterKey(dir, context.masterKey);
  const tidying = startTidying(context, { wakeAt, onFault });
  return {
    ...bucketMethods(context),
    ...objectMethods(context),
    ...uploadMethods(context),
    swept: tidying.first,
    async close() {
      await tidying.stop();
      await context.files.close();
      await context.md5s.close();
    },
  };
}

function bucketMethods(context: ObjectsContext) {
  const { read } = context.store;
  return {
    createBucket: (name: string, region: string, account = context.account) =>
      buckets.createBucket(context, name, { account, region }),
    bucket: (name: string) => buckets.requireBucket(read, name),
    buckets: (page: Parameters<ObjectStore["buckets"]>[0]) => buckets.listBuckets(context, page),
    deleteBucket: (name: string) => buckets.deleteBucket(context, name),
    async versioning(name: string) {
      return (await buckets.requireBucket(read, name)).versioning;
    },
    setVersioning: (name: string, status: "Enabled" | "Suspended") => buckets.setVersioning(context, name, status),
    setPolicy: (name: string, policy: string | undefined) => buckets.setPolicy(context, name, policy),
    setEncryption: (...[name, encryption]: Parameters<ObjectStore["setEncryption"]>) =>
      buckets.setEncryption(context, name, encryption),
    setting: (name, setting) => findSetting(read, name, setting),
    setSetting: (name, setting, value) => setSetting(context, name, setting, value),
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
      await deleteOne(context, { bucket, key });
    },
    write: (object) => writeObject(context, object),
    copy: (request) => copyObject(context, request),
    find: (name, method) => findVersion(read, name, method),
    open,
    deleteVersion: (name, condition) => deleteOne(context, { ...name, ifMatch: condition?.ifMatch }),
    deleteVersions: (bucket, wanted) => deleteVersions(context, bucket, wanted),
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

async function deleteOne(context: ObjectsContext, wanted: DeleteVersion): Promise<Deleted> {
  const [deleted] = await deleteVersions(context, wanted.bucket, [wanted]);
  if (deleted instanceof ServiceError) throw deleted;
  return deleted ?? { versionId: undefined, deleteMarker: false };
}

/** All in one transaction, so that a thousand deletions are one commit. */
async function deleteVersions(
  context: ObjectsContext,
  bucket: string,
  wanted: readonly DeleteVersion[],
): Promise<readonly (Deleted | ServiceError)[]> {
  const { results, files } = await context.store.transact(async (tx) => {
    const { versioning } = await buckets.requireBucket(tx, bucket);
    const results: (Deleted | ServiceError)[] = [];
    const files: string[] = [];
    for (const one of wanted) {
      try {
        const { deleted, unusedFiles } = await removeVersion(tx, versioning, one, context.now(), one);
        results.push(deleted);
        files.push(...unusedFiles);
      } catch (error) {
        // A condition that does not hold is found before anything is written.
        if (!(error instanceof ServiceError)) throw error;
        results.push(error);
      }
    }
    return { results, files };
  });
  context.files.remove(files);
  return results;
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

function wakeAfter(ms: number, wake: () => void): () => void {
  const timer = setTimeout(wake, ms).unref();
  return () => clearTimeout(timer);
}
