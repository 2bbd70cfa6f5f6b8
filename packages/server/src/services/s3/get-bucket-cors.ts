import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { noSuchCors } from "./errors.ts";

/** Says that there is none: Penstock serves no web pages' scripts. Errors: `NoSuchBucket`, `NoSuchCORSConfiguration`. Source: S3 API reference, GetBucketCors. */
export const getBucketCors = operation<S3, Input<"GetBucketCors">, Output<"GetBucketCors">>({
  name: "GetBucketCors",
  access: onBucket("s3:GetBucketCORS"),
  async run({ Bucket }) {
    throw noSuchCors(Bucket);
  },
});
