import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";

/** May be called again. Errors: `NoSuchBucket`. Source: S3 API reference, DeleteBucketOwnershipControls. */
export const deleteBucketOwnershipControls = operation<
  S3,
  Input<"DeleteBucketOwnershipControls">,
  Output<"DeleteBucketOwnershipControls">
>({
  name: "DeleteBucketOwnershipControls",
  access: onBucket("s3:PutBucketOwnershipControls"),
  async run({ Bucket }, { objects }) {
    await objects.setSetting(Bucket, "ownership", undefined);
    return {};
  },
});
