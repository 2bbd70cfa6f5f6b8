import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { noSuchTagSet } from "./errors.ts";
import { toTagSet } from "./tags.ts";

/** Errors: `NoSuchBucket`, `NoSuchTagSet`. Source: S3 API reference, GetBucketTagging. */
export const getBucketTagging = operation<S3, Input<"GetBucketTagging">, Output<"GetBucketTagging">>({
  name: "GetBucketTagging",
  access: onBucket("s3:GetBucketTagging"),
  async run({ Bucket }, { objects }) {
    const TagSet = toTagSet((await objects.bucket(Bucket)).tags);
    if (TagSet.length === 0) throw noSuchTagSet(Bucket);
    return { TagSet };
  },
});
