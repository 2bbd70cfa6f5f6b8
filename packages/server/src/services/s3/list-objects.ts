import { operation } from "../../wire/operation.ts";
import type { Input, Output, S3 } from "./context.ts";
import { given } from "./given.ts";
import { listAccess, listedObject } from "./list-entries.ts";
import { keyEncoder, pageLimit } from "./page.ts";

/** The first form of the listing. Errors: `NoSuchBucket`, `InvalidArgument`. Source: S3 API reference, ListObjects. */
export const listObjects = operation<S3, Input<"ListObjects">, Output<"ListObjects">>({
  name: "ListObjects",
  access: listAccess("s3:ListBucket"),
  async run(input, { objects }) {
    const { account } = await objects.bucket(input.Bucket);
    const { Bucket, Prefix = "", Marker = "", Delimiter } = input;
    const limit = pageLimit(input.MaxKeys, "max-keys");
    const page = await objects.listObjects({
      bucket: Bucket,
      prefix: Prefix,
      delimiter: Delimiter,
      after: Marker,
      limit,
    });
    const encode = keyEncoder(input.EncodingType);
    return given({
      Name: Bucket,
      Prefix: encode(Prefix),
      Marker: encode(Marker),
      MaxKeys: limit,
      Delimiter: Delimiter && encode(Delimiter),
      EncodingType: input.EncodingType,
      IsTruncated: page.next !== undefined,
      // Without a delimiter the last key is the marker, and the service leaves it out.
      NextMarker: Delimiter && page.next !== undefined ? encode(page.next) : undefined,
      Contents: page.objects.map((object) => listedObject(object, encode, account)),
      CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
    });
  },
});
