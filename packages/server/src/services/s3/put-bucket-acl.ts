import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";

/** Is taken and has no effect: policies alone decide. Errors: `NoSuchBucket`. Source: S3 API reference, PutBucketAcl. */
export const putBucketAcl = operation<S3, Input<"PutBucketAcl">, Output<"PutBucketAcl">>({
  name: "PutBucketAcl",
  access: onBucket("s3:PutBucketAcl"),
  run: async () => ({}),
});
