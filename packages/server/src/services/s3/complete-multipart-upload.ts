import type { NamedPart } from "../../objects/object-store.ts";
import { type Call, operation } from "../../wire/operation.ts";
import { checksumHeaders, checksumMember, checksumsOf } from "./checksums.ts";
import { writeConditions } from "./conditions.ts";
import type { Input, Output, S3 } from "./context.ts";
import { encryptionHeaders } from "./encryption.ts";
import { malformedXml } from "./errors.ts";
import { given } from "./given.ts";
import { onUpload, uploadNameOf } from "./upload-name.ts";

/**
 * Makes an object of parts. May be called again when its answer was lost.
 *
 * Errors: `NoSuchUpload`, `InvalidPart`, `InvalidPartOrder`, `EntityTooSmall`, `BadDigest`, `MalformedXML`,
 * `PreconditionFailed`. Source: S3 API reference, CompleteMultipartUpload.
 */
export const completeMultipartUpload = operation<
  S3,
  Input<"CompleteMultipartUpload">,
  Output<"CompleteMultipartUpload">
>({
  name: "CompleteMultipartUpload",
  access: onUpload("s3:PutObject", "kms:Decrypt"),
  async run(input, { objects }, call) {
    const version = await objects.completeUpload({
      ...uploadNameOf(input),
      parts: partsIn(input),
      checksum: checksumMember(input),
      ...writeConditions(input),
    });
    return given({
      Location: locationOf(version, call),
      Bucket: version.bucket,
      Key: version.key,
      ETag: version.etag,
      VersionId: version.versionId ?? undefined,
      ...checksumHeaders(version.checksum),
      ...encryptionHeaders(version.encryption),
    });
  },
});

function partsIn({ MultipartUpload }: Input<"CompleteMultipartUpload">): readonly NamedPart[] {
  const parts = MultipartUpload?.Parts ?? [];
  if (parts.length === 0) throw malformedXml();
  return parts.map((part) => {
    if (part.PartNumber === undefined || part.ETag === undefined) throw malformedXml();
    return { partNumber: part.PartNumber, etag: part.ETag, checksums: checksumsOf(part) };
  });
}

function locationOf({ bucket, key }: { readonly bucket: string; readonly key: string }, { request }: Call): string {
  const path = encodeURIComponent(key).replaceAll("%2F", "/");
  return `http://${request?.headers.host ?? "localhost"}/${bucket}/${path}`;
}
