import { operation } from "../../wire/operation.ts";
import { partChecksum } from "./checksums.ts";
import type { Input, Output, S3 } from "./context.ts";
import { given } from "./given.ts";
import { ownerOf } from "./owner.ts";
import { pageLimit } from "./page.ts";
import { onUpload, uploadNameOf } from "./upload-name.ts";

/** Errors: `NoSuchUpload`. Source: S3 API reference, ListParts. */
export const listParts = operation<S3, Input<"ListParts">, Output<"ListParts">>({
  name: "ListParts",
  access: onUpload("s3:ListMultipartUploadParts"),
  async run(input, { objects }) {
    const { account } = await objects.bucket(input.Bucket);
    const limit = pageLimit(input.MaxParts, "max-parts");
    const after = input.PartNumberMarker ?? 0;
    const { upload, parts, next } = await objects.listParts(uploadNameOf(input), after, limit);
    return given({
      Bucket: upload.bucket,
      Key: upload.key,
      UploadId: upload.uploadId,
      PartNumberMarker: after,
      NextPartNumberMarker: next ?? parts.at(-1)?.partNumber ?? 0,
      MaxParts: limit,
      IsTruncated: next !== undefined,
      Initiator: ownerOf(account),
      Owner: ownerOf(account),
      StorageClass: "STANDARD" as const,
      ChecksumAlgorithm: upload.checksumAlgorithm,
      ChecksumType: upload.checksumType,
      Parts: parts.map((part) => ({
        PartNumber: part.partNumber,
        LastModified: part.lastModified,
        ETag: part.etag,
        Size: part.sizeBytes,
        ...partChecksum(part.checksum),
      })),
    });
  },
});
