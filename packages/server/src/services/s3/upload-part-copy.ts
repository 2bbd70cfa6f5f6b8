import { operation } from "../../wire/operation.ts";
import { readAccess } from "./access.ts";
import { partChecksum } from "./checksums.ts";
import { checkCopySource } from "./conditions.ts";
import { findBucket, type Input, type Output, type S3 } from "./context.ts";
import { copySource, sourceBucket } from "./copy-source.ts";
import { encryptionHeaders, refuseCustomerKey } from "./encryption.ts";
import { given } from "./given.ts";
import { parseCopyRange } from "./range.ts";
import { checkPartNumber, onUpload, uploadNameOf } from "./upload-name.ts";

const onTarget = onUpload("s3:PutObject", "kms:GenerateDataKey");

/** Errors: as GetObject and UploadPart. Source: S3 API reference, UploadPartCopy. */
export const uploadPartCopy = operation<S3, Input<"UploadPartCopy">, Output<"UploadPartCopy">>({
  name: "UploadPartCopy",
  async access(input, s3, call) {
    const target = await onTarget(input, s3, call);
    const source = copySource(input.CopySource);
    await findBucket(s3, sourceBucket(source.bucket, input.ExpectedSourceBucketOwner));
    return [...target, ...(await readAccess(s3, source, call))];
  },
  async run(input, { objects }) {
    refuseCustomerKey(input);
    checkPartNumber(input.PartNumber);
    const name = uploadNameOf(input);
    const source = copySource(input.CopySource);
    const found = await objects.find(source);
    checkCopySource(found, input);
    const { CopySourceRange: asked } = input;
    const range = asked === undefined ? undefined : parseCopyRange(asked, found.sizeBytes);
    const { encryption } = await objects.upload(name);
    const part = await objects.copyPart({ ...name, partNumber: input.PartNumber, source, range });
    return given({
      CopyPartResult: { ETag: part.etag, LastModified: part.lastModified, ...partChecksum(part.checksum) },
      CopySourceVersionId: found.versionId ?? undefined,
      ...encryptionHeaders(encryption),
    });
  },
});
