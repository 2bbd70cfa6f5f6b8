import { type Generated, sql } from "kysely";
import type { BucketRow } from "./bucket.ts";
import { db, statement } from "./statement.ts";

/**
 * One version of an object, or a delete marker. `id` grows with every version, so within a key the newest
 * has the largest. The bytes are in the file `file`, in the part files of `upload_id`, here in `sealed_bytes` when they
 * are few, or there are none.
 */
export interface ObjectTable {
  id: Generated<number>;
  bucket: string;
  key: string;
  /** `null` as text for the null version. */
  version_id: string;
  is_latest: 0 | 1;
  is_delete_marker: 0 | 1;
  file: string | null;
  upload_id: string | null;
  size_bytes: number;
  etag: string;
  last_modified: number;
  content_type: string;
  /** `Cache-Control` and its like, as JSON by member name; `null` when there are none. */
  headers: string | null;
  metadata: string | null;
  encryption: "AES256" | "aws:kms";
  kms_key_arn: string | null;
  /** 1 when the key was not named, so that it is the account's own for S3. */
  kms_key_is_managed: 0 | 1;
  /** What the client added to the encryption context, as JSON. */
  kms_context: string | null;
  /** The data key sealed by the master key or by KMS. */
  sealed_key: Uint8Array | null;
  checksum: string | null;
  tags: string | null;
  /** Last, so that what lists objects reads past none of it. */
  sealed_bytes: Uint8Array | null;
}

/** A multipart upload that is neither completed nor aborted. Its ids sort by the time they were made. */
export interface MultipartUploadTable {
  upload_id: string;
  bucket: string;
  key: string;
  initiated_at: number;
  content_type: string;
  headers: string | null;
  metadata: string | null;
  encryption: "AES256" | "aws:kms";
  kms_key_arn: string | null;
  kms_key_is_managed: 0 | 1;
  /** What the client added to the encryption context, as JSON. */
  kms_context: string | null;
  sealed_key: Uint8Array;
  checksum_algorithm: string | null;
  checksum_type: string | null;
  tags: string | null;
}

/** One part. It stays when its upload is completed: the object's bytes are its parts in order. */
export interface PartTable {
  upload_id: string;
  part_number: number;
  file: string | null;
  size_bytes: number;
  etag: string;
  last_modified: number;
  checksum: string | null;
}

export type ObjectRow = Omit<ObjectTable, "id"> & { id: number };
export type NewObjectRow = Omit<ObjectRow, "id">;
export type ReadObjectRow = ObjectRow & Pick<BucketRow, "versioning">;
export type MultipartUploadRow = MultipartUploadTable;
export type PartRow = PartTable;

/** What a listing shows of a version. */
export type ListedObjectRow = Pick<
  ObjectRow,
  "id" | "key" | "version_id" | "is_latest" | "is_delete_marker" | "size_bytes" | "etag" | "last_modified" | "checksum"
>;

export const objectSchema: readonly string[] = [
  `create table object (
    id integer primary key, bucket text not null, key text not null, version_id text not null,
    is_latest integer not null, is_delete_marker integer not null, file text, upload_id text,
    size_bytes integer not null, etag text not null, last_modified integer not null, content_type text not null,
    headers text, metadata text, encryption text not null, kms_key_arn text,
    kms_key_is_managed integer not null, kms_context text, sealed_key blob, checksum text, tags text,
    sealed_bytes blob
  ) strict`,
  "create unique index object_version on object (bucket, key, version_id)",
  "create index object_order on object (bucket, key, id desc)",
  "create unique index object_current on object (bucket, key) where is_latest = 1 and is_delete_marker = 0",
  "create unique index object_file on object (file) where file is not null",
  "create index object_upload on object (upload_id) where upload_id is not null",
  `create table multipart_upload (
    upload_id text primary key, bucket text not null, key text not null, initiated_at integer not null,
    content_type text not null, headers text, metadata text, encryption text not null, kms_key_arn text,
    kms_key_is_managed integer not null, kms_context text, sealed_key blob not null, checksum_algorithm text,
    checksum_type text, tags text
  ) strict, without rowid`,
  "create index multipart_upload_key on multipart_upload (bucket, key, upload_id)",
  `create table part (
    upload_id text not null, part_number integer not null, file text, size_bytes integer not null,
    etag text not null, last_modified integer not null, checksum text,
    primary key (upload_id, part_number)
  ) strict, without rowid`,
  "create unique index part_file on part (file) where file is not null",
];

// Objects.

export const insertObject = statement<NewObjectRow>((p) =>
  db.insertInto("object").values({
    bucket: p.bucket,
    key: p.key,
    version_id: p.version_id,
    is_latest: p.is_latest,
    is_delete_marker: p.is_delete_marker,
    file: p.file,
    upload_id: p.upload_id,
    size_bytes: p.size_bytes,
    etag: p.etag,
    last_modified: p.last_modified,
    content_type: p.content_type,
    headers: p.headers,
    metadata: p.metadata,
    encryption: p.encryption,
    kms_key_arn: p.kms_key_arn,
    kms_key_is_managed: p.kms_key_is_managed,
    kms_context: p.kms_context,
    sealed_key: p.sealed_key,
    checksum: p.checksum,
    tags: p.tags,
    sealed_bytes: p.sealed_bytes,
  }),
);

export const latestVersion = statement<{ bucket: string; key: string }, ObjectRow>((p) =>
  db
    .selectFrom("object")
    .selectAll()
    .where("bucket", "=", p.bucket)
    .where("key", "=", p.key)
    .orderBy("id", "desc")
    .limit(sql.lit(1)),
);

export const versionById = statement<{ bucket: string; key: string; version_id: string }, ObjectRow>((p) =>
  db
    .selectFrom("object")
    .selectAll()
    .where("bucket", "=", p.bucket)
    .where("key", "=", p.key)
    .where("version_id", "=", p.version_id),
);

/** Versions with what their bucket says of versions: what every read begins with. */
const toRead = () =>
  db
    .selectFrom("object")
    .innerJoin("bucket", "bucket.name", "object.bucket")
    .selectAll("object")
    .select("bucket.versioning");

export const latestVersionToRead = statement<{ bucket: string; key: string }, ReadObjectRow>((p) =>
  toRead()
    .where("object.bucket", "=", p.bucket)
    .where("object.key", "=", p.key)
    .orderBy("object.id", "desc")
    .limit(sql.lit(1)),
);

export const versionToReadById = statement<{ bucket: string; key: string; version_id: string }, ReadObjectRow>((p) =>
  toRead()
    .where("object.bucket", "=", p.bucket)
    .where("object.key", "=", p.key)
    .where("object.version_id", "=", p.version_id),
);

export const objectOfUpload = statement<{ upload_id: string }, ObjectRow>((p) =>
  db.selectFrom("object").selectAll().where("upload_id", "=", p.upload_id),
);

export const setLatest = statement<{ id: number; is_latest: 0 | 1 }>((p) =>
  db.updateTable("object").set({ is_latest: p.is_latest }).where("id", "=", p.id),
);

export const setObjectTags = statement<{ id: number; tags: string | null }>((p) =>
  db.updateTable("object").set({ tags: p.tags }).where("id", "=", p.id),
);

export const deleteVersionRow = statement<{ id: number }>((p) => db.deleteFrom("object").where("id", "=", p.id));

export const anyVersionIn = statement<{ bucket: string }, { id: number }>((p) =>
  db.selectFrom("object").select("id").where("bucket", "=", p.bucket).limit(sql.lit(1)),
);

const listedColumns = [
  "id",
  "key",
  "version_id",
  "is_latest",
  "is_delete_marker",
  "size_bytes",
  "etag",
  "last_modified",
  "checksum",
] as const;

/** Current objects from a key on, itself included. The literals let SQLite take the partial index. */
export const currentObjectsFrom = statement<{ bucket: string; from: string; limit: number }, ListedObjectRow>((p) =>
  db
    .selectFrom("object")
    .select(listedColumns)
    .where("bucket", "=", p.bucket)
    .where("key", ">=", p.from)
    .where("is_latest", "=", sql.lit(1))
    .where("is_delete_marker", "=", sql.lit(0))
    .orderBy("key")
    .limit(p.limit),
);

/** All versions of all keys from a key on, itself included, newest first within a key. */
export const versionsFrom = statement<{ bucket: string; from: string; limit: number }, ListedObjectRow>((p) =>
  db
    .selectFrom("object")
    .select(listedColumns)
    .where("bucket", "=", p.bucket)
    .where("key", ">=", p.from)
    .orderBy("key")
    .orderBy("id", "desc")
    .limit(p.limit),
);

/** The versions of one key that are older than the one with this id. */
export const versionsOlderThan = statement<{ bucket: string; key: string; id: number; limit: number }, ListedObjectRow>(
  (p) =>
    db
      .selectFrom("object")
      .select(listedColumns)
      .where("bucket", "=", p.bucket)
      .where("key", "=", p.key)
      .where("id", "<", p.id)
      .orderBy("id", "desc")
      .limit(p.limit),
);

export const objectOfFile = statement<{ file: string }, { id: number }>((p) =>
  db.selectFrom("object").select("id").where("file", "=", p.file),
);

// Multipart uploads and their parts.

export const insertUpload = statement<MultipartUploadRow>((p) =>
  db.insertInto("multipart_upload").values({
    upload_id: p.upload_id,
    bucket: p.bucket,
    key: p.key,
    initiated_at: p.initiated_at,
    content_type: p.content_type,
    headers: p.headers,
    metadata: p.metadata,
    encryption: p.encryption,
    kms_key_arn: p.kms_key_arn,
    kms_key_is_managed: p.kms_key_is_managed,
    kms_context: p.kms_context,
    sealed_key: p.sealed_key,
    checksum_algorithm: p.checksum_algorithm,
    checksum_type: p.checksum_type,
    tags: p.tags,
  }),
);

export const uploadById = statement<{ upload_id: string }, MultipartUploadRow>((p) =>
  db.selectFrom("multipart_upload").selectAll().where("upload_id", "=", p.upload_id),
);

export const deleteUploadRow = statement<{ upload_id: string }>((p) =>
  db.deleteFrom("multipart_upload").where("upload_id", "=", p.upload_id),
);

/** Uploads from a key on, itself included, the oldest first within a key. */
export const uploadsFrom = statement<{ bucket: string; from: string; limit: number }, MultipartUploadRow>((p) =>
  db
    .selectFrom("multipart_upload")
    .selectAll()
    .where("bucket", "=", p.bucket)
    .where("key", ">=", p.from)
    .orderBy("key")
    .orderBy("upload_id")
    .limit(p.limit),
);

/** The uploads of one key that were made after this one. */
export const uploadsOfKeyAfter = statement<
  { bucket: string; key: string; upload_id: string; limit: number },
  MultipartUploadRow
>((p) =>
  db
    .selectFrom("multipart_upload")
    .selectAll()
    .where("bucket", "=", p.bucket)
    .where("key", "=", p.key)
    .where("upload_id", ">", p.upload_id)
    .orderBy("upload_id")
    .limit(p.limit),
);

/** Puts a part in the place of an earlier one of the same number, whose file the caller must have read before. */
export const upsertPart = statement<PartRow>((p) =>
  db
    .insertInto("part")
    .values({
      upload_id: p.upload_id,
      part_number: p.part_number,
      file: p.file,
      size_bytes: p.size_bytes,
      etag: p.etag,
      last_modified: p.last_modified,
      checksum: p.checksum,
    })
    .onConflict((conflict) =>
      conflict.columns(["upload_id", "part_number"]).doUpdateSet((row) => ({
        file: row.ref("excluded.file"),
        size_bytes: row.ref("excluded.size_bytes"),
        etag: row.ref("excluded.etag"),
        last_modified: row.ref("excluded.last_modified"),
        checksum: row.ref("excluded.checksum"),
      })),
    ),
);

export const partByNumber = statement<{ upload_id: string; part_number: number }, PartRow>((p) =>
  db.selectFrom("part").selectAll().where("upload_id", "=", p.upload_id).where("part_number", "=", p.part_number),
);

export const partsAfter = statement<{ upload_id: string; after: number; limit: number }, PartRow>((p) =>
  db
    .selectFrom("part")
    .selectAll()
    .where("upload_id", "=", p.upload_id)
    .where("part_number", ">", p.after)
    .orderBy("part_number")
    .limit(p.limit),
);

export const deletePart = statement<{ upload_id: string; part_number: number }>((p) =>
  db.deleteFrom("part").where("upload_id", "=", p.upload_id).where("part_number", "=", p.part_number),
);

export const deleteParts = statement<{ upload_id: string }>((p) =>
  db.deleteFrom("part").where("upload_id", "=", p.upload_id),
);

export const partOfFile = statement<{ file: string }, { upload_id: string }>((p) =>
  db.selectFrom("part").select("upload_id").where("file", "=", p.file),
);
