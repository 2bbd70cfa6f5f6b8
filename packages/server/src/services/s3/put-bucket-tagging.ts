import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { checkTags } from "./tags.ts";

/** Errors: `NoSuchBucket`, `InvalidTag`. Source: S3 API reference, PutBucketTagging. */
export const putBucketTagging = operation<S3, Input<"PutBucketTagging">, Output<"PutBucketTagging">>({
  name: "PutBucketTagging",
  access: onBucket("s3:PutBucketTagging"),
  async run({ Bucket, Tagging: { TagSet } }, { objects }) {
    await objects.setBucketTags(Bucket, checkTags(TagSet, "Bucket"));
    return {};
  },
});
