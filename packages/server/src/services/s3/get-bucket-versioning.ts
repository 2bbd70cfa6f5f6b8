import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { given } from "./given.ts";

/** Errors: `NoSuchBucket`. Source: S3 API reference, GetBucketVersioning. */
export const getBucketVersioning = operation<S3, Input<"GetBucketVersioning">, Output<"GetBucketVersioning">>({
  name: "GetBucketVersioning",
  access: onBucket("s3:GetBucketVersioning"),
  run: async ({ Bucket }, { objects }) => given({ Status: await objects.versioning(Bucket) }),
});
