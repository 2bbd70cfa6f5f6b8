import type { ContentHeaders, StoredVersion } from "../../objects/object-store.ts";
import { checksumHeaders } from "./checksums.ts";
import { encryptionHeaders } from "./encryption.ts";
import { notImplemented } from "./errors.ts";
import { given } from "./given.ts";
import type { AskedRange } from "./range.ts";

interface ReadInput {
  readonly ChecksumMode?: "ENABLED";
  readonly ResponseCacheControl?: string;
  readonly ResponseContentDisposition?: string;
  readonly ResponseContentEncoding?: string;
  readonly ResponseContentLanguage?: string;
  readonly ResponseContentType?: string;
  readonly ResponseExpires?: Date;
}

/** What the answers to GetObject and HeadObject have in common. */
export function readHeaders(version: StoredVersion, { range, partsCount }: AskedRange, input: ReadInput) {
  const tagCount = Object.keys(version.tags).length;
  const { CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, Expires } = version.headers;
  // A checksum is of the whole, so it says nothing of a part.
  const withChecksum = input.ChecksumMode === "ENABLED" && range === undefined;
  return given({
    ...(withChecksum && checksumHeaders(version.checksum)),
    ...encryptionHeaders(version.encryption),
    AcceptRanges: "bytes",
    LastModified: version.lastModified,
    ContentLength: range ? range.end - range.start + 1 : version.sizeBytes,
    ContentRange: range && `bytes ${range.start}-${range.end}/${version.sizeBytes}`,
    ETag: version.etag,
    VersionId: version.versionId ?? undefined,
    ContentType: input.ResponseContentType ?? version.contentType,
    CacheControl: input.ResponseCacheControl ?? CacheControl,
    ContentDisposition: input.ResponseContentDisposition ?? ContentDisposition,
    ContentEncoding: input.ResponseContentEncoding ?? ContentEncoding,
    ContentLanguage: input.ResponseContentLanguage ?? ContentLanguage,
    Expires: input.ResponseExpires?.toUTCString() ?? Expires,
    WebsiteRedirectLocation: version.headers.WebsiteRedirectLocation,
    Metadata: version.metadata,
    PartsCount: partsCount,
    TagCount: tagCount > 0 ? tagCount : undefined,
  });
}

interface WriteInput extends ContentHeaders {
  readonly ContentType?: string;
  readonly Metadata?: Readonly<Record<string, string>>;
}

/** What a write says of the object besides its bytes. */
export function writeProperties(input: WriteInput) {
  const { CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, Expires } = input;
  return {
    contentType: input.ContentType,
    metadata: input.Metadata,
    headers: given({
      CacheControl,
      ContentDisposition,
      ContentEncoding,
      ContentLanguage,
      Expires,
      WebsiteRedirectLocation: input.WebsiteRedirectLocation,
    }),
  };
}

interface UnsupportedInput {
  readonly ObjectLockMode?: unknown;
  readonly ObjectLockRetainUntilDate?: unknown;
  readonly ObjectLockLegalHoldStatus?: unknown;
  readonly StorageClass?: string;
  readonly WriteOffsetBytes?: number;
}

/** Refuses what would be promised and not kept. Errors: `NotImplemented`. */
export function refuseUnsupported(input: UnsupportedInput): void {
  if (input.ObjectLockMode !== undefined) throw notImplemented("x-amz-object-lock-mode");
  if (input.ObjectLockRetainUntilDate !== undefined) throw notImplemented("x-amz-object-lock-retain-until-date");
  if (input.ObjectLockLegalHoldStatus !== undefined) throw notImplemented("x-amz-object-lock-legal-hold");
  if (input.WriteOffsetBytes !== undefined) throw notImplemented("x-amz-write-offset-bytes");
  if ((input.StorageClass ?? "STANDARD") !== "STANDARD") throw notImplemented("x-amz-storage-class");
}
