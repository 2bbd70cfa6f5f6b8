import { operation } from "../../wire/operation.ts";
import type { Input, Output, S3 } from "./context.ts";
import { given } from "./given.ts";
import { listAccess } from "./list-entries.ts";
import { ownerOf } from "./owner.ts";
import { keyEncoder, pageLimit } from "./page.ts";

/** Errors: `NoSuchBucket`. Source: S3 API reference, ListMultipartUploads. */
export const listMultipartUploads = operation<S3, Input<"ListMultipartUploads">, Output<"ListMultipartUploads">>({
  name: "ListMultipartUploads",
  access: listAccess("s3:ListBucketMultipartUploads"),
  async run(input, { objects }) {
    const { account } = await objects.bucket(input.Bucket);
    const { Bucket, Prefix = "", Delimiter, KeyMarker = "", UploadIdMarker = "" } = input;
    const limit = pageLimit(input.MaxUploads, "max-uploads");
    // An upload id without a key is ignored. Source: S3 API reference, ListMultipartUploads.
    const afterUploadId = KeyMarker === "" ? undefined : UploadIdMarker;
    const page = await objects.listUploads({
      ...{ bucket: Bucket, prefix: Prefix, delimiter: Delimiter, after: KeyMarker, afterUploadId, limit },
    });
    const encode = keyEncoder(input.EncodingType);
    const owner = ownerOf(account);
    return given({
      Bucket,
      Prefix: encode(Prefix),
      Delimiter: Delimiter && encode(Delimiter),
      KeyMarker: encode(KeyMarker),
      UploadIdMarker,
      MaxUploads: limit,
      EncodingType: input.EncodingType,
      IsTruncated: page.next !== undefined,
      NextKeyMarker: page.next && encode(page.next.key),
      NextUploadIdMarker: page.next?.uploadId,
      Uploads: page.uploads.map((upload) => ({
        UploadId: upload.uploadId,
        Key: encode(upload.key),
        Initiated: upload.initiatedAt,
        StorageClass: "STANDARD" as const,
        Owner: owner,
        Initiator: owner,
        ...given({ ChecksumAlgorithm: upload.checksumAlgorithm, ChecksumType: upload.checksumType }),
      })),
      CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
    });
  },
});
