import { operation } from "../../wire/operation.ts";
import { supported } from "./checksums.ts";
import { type Input, type Output, requireBucket, type S3 } from "./context.ts";
import { askedEncryption, contextHeader, encryptionHeaders, writeAccess } from "./encryption.ts";
import { given } from "./given.ts";
import { refuseUnsupported, writeProperties } from "./object-headers.ts";
import { tagsOfHeader } from "./tags.ts";

/** Errors: `NoSuchBucket`, `KMS.*`. Source: S3 API reference, CreateMultipartUpload. */
export const createMultipartUpload = operation<S3, Input<"CreateMultipartUpload">, Output<"CreateMultipartUpload">>({
  name: "CreateMultipartUpload",
  async access(input, s3, call) {
    return writeAccess(s3, await requireBucket(s3, input, call), input.Key, input, call);
  },
  async run(input, { objects }, call) {
    refuseUnsupported(input);
    const upload = await objects.createUpload({
      bucket: input.Bucket,
      key: input.Key,
      ...writeProperties(input),
      tags: tagsOfHeader(input.Tagging),
      encryption: askedEncryption(input),
      writer: call.principal.account,
      checksumAlgorithm: supported(input.ChecksumAlgorithm),
      checksumType: input.ChecksumType,
    });
    return given({
      Bucket: upload.bucket,
      Key: upload.key,
      UploadId: upload.uploadId,
      ChecksumAlgorithm: upload.checksumAlgorithm,
      ChecksumType: upload.checksumType,
      ...encryptionHeaders(upload.encryption),
      ...contextHeader(upload.encryption),
    });
  },
});
