import type { MultipartUploadRow, ObjectRow, PartRow } from "../store/object.ts";
import type { Checksum, ChecksumAlgorithm, ChecksumType } from "./checksum.ts";
import type { Bucket, ContentHeaders, ObjectProperties, Part, StoredVersion, Upload } from "./object-store.ts";
import type { Encryption } from "./objects.ts";

/** The version id of what was put while versions were not kept, as rows and clients spell it. */
export const NULL_VERSION = "null";

/** Source: observed for objects put without a type. */
const CONTENT_TYPE_DEFAULT = "binary/octet-stream";

/** The columns that hold what a client says of an object. */
export function propertyColumns({ contentType, headers, metadata, tags }: ObjectProperties) {
  return {
    content_type: contentType || CONTENT_TYPE_DEFAULT,
    headers: toJson(headers),
    metadata: toJson(metadata),
    tags: toJson(tags),
  };
}

export function toVersion(row: ObjectRow, versioning: Bucket["versioning"]): StoredVersion {
  return {
    bucket: row.bucket,
    key: row.key,
    versionId: versioning === undefined && row.version_id === NULL_VERSION ? null : row.version_id,
    sizeBytes: row.size_bytes,
    etag: row.etag,
    lastModified: row.last_modified,
    contentType: row.content_type,
    metadata: fromJson<Record<string, string>>(row.metadata) ?? {},
    encryption: toEncryption(row),
    headers: fromJson<ContentHeaders>(row.headers) ?? {},
    checksum: fromJson<Checksum>(row.checksum),
    tags: fromJson<Record<string, string>>(row.tags) ?? {},
    isLatest: row.is_latest === 1,
    kmsKeyIsManaged: row.kms_key_is_managed === 1,
    row,
  };
}

export function toUpload(row: MultipartUploadRow): Upload {
  return {
    uploadId: row.upload_id,
    bucket: row.bucket,
    key: row.key,
    initiatedAt: row.initiated_at,
    encryption: toEncryption(row),
    kmsKeyIsManaged: row.kms_key_is_managed === 1,
    // Written by `createUpload`, which takes these types.
    checksumAlgorithm: (row.checksum_algorithm ?? undefined) as ChecksumAlgorithm | undefined,
    checksumType: (row.checksum_type ?? undefined) as ChecksumType | undefined,
  };
}

export function toPart(row: PartRow): Part {
  return {
    partNumber: row.part_number,
    sizeBytes: row.size_bytes,
    etag: row.etag,
    lastModified: row.last_modified,
    checksum: fromJson<Checksum>(row.checksum),
  };
}

/** Absent and empty are the same, so both are `null`. */
export function toJson(value: object | undefined): string | null {
  return value && Object.keys(value).length > 0 ? JSON.stringify(value) : null;
}

/** Reads what `toJson` wrote from a value of the same type. */
export function fromJson<T>(json: string | null): T | undefined {
  return json === null ? undefined : (JSON.parse(json) as T);
}

function toEncryption(row: Pick<ObjectRow, "encryption" | "kms_key_arn" | "kms_context">): Encryption {
  if (row.encryption === "AES256") return { type: "AES256" };
  const context = fromJson<Record<string, string>>(row.kms_context);
  return { type: "aws:kms", keyArn: row.kms_key_arn ?? "", ...(context && { context }) };
}
