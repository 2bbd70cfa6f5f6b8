import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { noSuchObjectLock } from "./errors.ts";

/** Says that there is none: Penstock locks no objects. Errors: `NoSuchBucket`, `ObjectLockConfigurationNotFoundError`. Source: S3 API reference, GetObjectLockConfiguration. */
export const getObjectLockConfiguration = operation<
  S3,
  Input<"GetObjectLockConfiguration">,
  Output<"GetObjectLockConfiguration">
>({
  name: "GetObjectLockConfiguration",
  access: onBucket("s3:GetBucketObjectLockConfiguration"),
  async run({ Bucket }) {
    throw noSuchObjectLock(Bucket);
  },
});
