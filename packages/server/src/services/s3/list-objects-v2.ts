import { operation } from "../../wire/operation.ts";
import type { Input, Output, S3 } from "./context.ts";
import { given } from "./given.ts";
import { listAccess, listedObject } from "./list-entries.ts";
import { fromToken, keyEncoder, pageLimit, toToken } from "./page.ts";

/** Errors: `NoSuchBucket`, `InvalidArgument`. Source: S3 API reference, ListObjectsV2. */
export const listObjectsV2 = operation<S3, Input<"ListObjectsV2">, Output<"ListObjectsV2">>({
  name: "ListObjectsV2",
  access: listAccess("s3:ListBucket"),
  async run(input, { objects }) {
    const { Bucket, Prefix = "", StartAfter, Delimiter, ContinuationToken } = input;
    const limit = pageLimit(input.MaxKeys, "max-keys");
    const after = ContinuationToken === undefined ? (StartAfter ?? "") : fromToken(ContinuationToken);
    const page = await objects.listObjects({ bucket: Bucket, prefix: Prefix, delimiter: Delimiter, after, limit });
    const encode = keyEncoder(input.EncodingType);
    const owner = input.FetchOwner ? (await objects.bucket(Bucket)).account : undefined;
    return given({
      Name: Bucket,
      Prefix: encode(Prefix),
      StartAfter: StartAfter === undefined ? undefined : encode(StartAfter),
      MaxKeys: limit,
      Delimiter: Delimiter && encode(Delimiter),
      EncodingType: input.EncodingType,
      ContinuationToken,
      IsTruncated: page.next !== undefined,
      NextContinuationToken: page.next === undefined ? undefined : toToken(page.next),
      KeyCount: page.objects.length + page.commonPrefixes.length,
      Contents: page.objects.map((object) => listedObject(object, encode, owner)),
      CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
    });
  },
});
