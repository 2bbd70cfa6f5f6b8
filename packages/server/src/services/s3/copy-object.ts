import { entityTooLarge, invalidRequest } from "../../objects/errors.ts";
import { PUT_SIZE_BYTES_MAX } from "../../objects/intake.ts";
import type { ObjectName } from "../../objects/object-store.ts";
import { ServiceError } from "../../wire/error.ts";
import { operation } from "../../wire/operation.ts";
import { nameOf, objectAccess, readAccess } from "./access.ts";
import { checksumHeaders, supported } from "./checksums.ts";
import { checkCopySource, writeConditions } from "./conditions.ts";
import { findBucket, type Input, type Output, requireBucket, type S3 } from "./context.ts";
import { copySource, sourceBucket } from "./copy-source.ts";
import { askedEncryption, contextHeader, encryptionHeaders, refuseCustomerKey, writeAccess } from "./encryption.ts";
import { given } from "./given.ts";
import { refuseUnsupported, writeProperties } from "./object-headers.ts";
import { tagsOfHeader } from "./tags.ts";

/**
 * Copies an object inside the store. Errors: as GetObject and PutObject; `InvalidRequest` for a copy onto
 * itself that changes nothing. Source: S3 API reference, CopyObject.
 */
export const copyObject = operation<S3, Input<"CopyObject">, Output<"CopyObject">>({
  name: "CopyObject",
  async access(input, s3, call) {
    const bucket = await requireBucket(s3, input, call);
    const source = copySource(input.CopySource);
    await findBucket(s3, sourceBucket(source.bucket, input.ExpectedSourceBucketOwner));
    return [
      ...(await readAccess(s3, source, call)),
      ...(await tagAccess(s3, source, input)),
      ...(await writeAccess(s3, bucket, input.Key, input, call)),
    ];
  },
  async run(input, { objects }, call) {
    refuseUnsupported(input);
    refuseCustomerKey(input);
    const source = copySource(input.CopySource);
    if (changesNothing(input, source)) throw copyOntoItself();
    const found = await objects.find(source);
    checkCopySource(found, input);
    if (found.sizeBytes > PUT_SIZE_BYTES_MAX) throw entityTooLarge(found.sizeBytes, PUT_SIZE_BYTES_MAX);
    const version = await objects.copy({
      ...nameOf({ Bucket: input.Bucket, Key: input.Key }),
      source,
      ...writeProperties(input),
      tags: tagsOfHeader(input.Tagging),
      encryption: askedEncryption(input),
      writer: call.principal.account,
      keepProperties: input.MetadataDirective !== "REPLACE",
      keepTags: input.TaggingDirective !== "REPLACE",
      checksumAlgorithm: supported(input.ChecksumAlgorithm),
      ...writeConditions(input),
    });
    return given({
      CopyObjectResult: {
        ETag: version.etag,
        LastModified: version.lastModified,
        ...checksumHeaders(version.checksum),
      },
      CopySourceVersionId: found.versionId ?? undefined,
      VersionId: version.versionId ?? undefined,
      ...encryptionHeaders(version.encryption),
      ...contextHeader(version.encryption),
    });
  },
});

/** A copy onto itself must change something, or it would only be a write. */
function changesNothing(input: Input<"CopyObject">, source: ObjectName): boolean {
  if (source.bucket !== input.Bucket || source.key !== input.Key || source.versionId !== undefined) return false;
  return input.MetadataDirective !== "REPLACE" && input.ServerSideEncryption === undefined;
}

const copyOntoItself = () =>
  invalidRequest(
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  );

/** Tags that come along must be allowed to be read; most objects have none. */
async function tagAccess({ objects }: S3, source: ObjectName, { TaggingDirective }: Input<"CopyObject">) {
  if (TaggingDirective === "REPLACE") return [];
  try {
    const { tags } = await objects.find(source);
    if (Object.keys(tags).length === 0) return [];
  } catch (error) {
    // A source that is not there is refused by the operation itself.
    if (error instanceof ServiceError) return [];
    throw error;
  }
  return [objectAccess(source, "s3:GetObjectTagging", "s3:GetObjectVersionTagging")];
}
