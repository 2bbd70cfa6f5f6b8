import { entityTooLarge } from "../../objects/errors.ts";
import { PUT_SIZE_BYTES_MAX } from "../../objects/intake.ts";
import { operation } from "../../wire/operation.ts";
import { checksumHeaders, expectationOf } from "./checksums.ts";
import { writeConditions } from "./conditions.ts";
import { type Input, type Output, requireBucket, type S3 } from "./context.ts";
import { askedEncryption, contextHeader, encryptionHeaders, writeAccess } from "./encryption.ts";
import { given } from "./given.ts";
import { refuseUnsupported, writeProperties } from "./object-headers.ts";
import { tagsOfHeader } from "./tags.ts";

/**
 * Puts an object. It is durable, or not there at all, when the answer goes out.
 *
 * Errors: `NoSuchBucket`, `BadDigest`, `InvalidDigest`, `EntityTooLarge`, `KeyTooLongError`, `MetadataTooLarge`,
 * `PreconditionFailed`, `KMS.*`. Source: S3 API reference, PutObject.
 */
export const putObject = operation<S3, Input<"PutObject">, Output<"PutObject">>({
  name: "PutObject",
  async access(input, s3, call) {
    return writeAccess(s3, await requireBucket(s3, input, call), input.Key, input, call);
  },
  async run(input, { objects }, call) {
    refuseUnsupported(input);
    if ((input.ContentLength ?? 0) > PUT_SIZE_BYTES_MAX)
      throw entityTooLarge(input.ContentLength ?? 0, PUT_SIZE_BYTES_MAX);
    const version = await objects.write({
      bucket: input.Bucket,
      key: input.Key,
      body: input.Body,
      ...writeProperties(input),
      ...expectationOf(input, call),
      tags: tagsOfHeader(input.Tagging),
      encryption: askedEncryption(input),
      writer: call.principal.account,
      ...writeConditions(input),
    });
    return given({
      ETag: version.etag,
      VersionId: version.versionId ?? undefined,
      ...encryptionHeaders(version.encryption),
      ...contextHeader(version.encryption),
      ...checksumHeaders(version.checksum),
    });
  },
});
