import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";

/** May be called again. Errors: `NoSuchBucket`. Source: S3 API reference, DeletePublicAccessBlock. */
export const deletePublicAccessBlock = operation<
  S3,
  Input<"DeletePublicAccessBlock">,
  Output<"DeletePublicAccessBlock">
>({
  name: "DeletePublicAccessBlock",
  access: onBucket("s3:PutBucketPublicAccessBlock"),
  async run({ Bucket }, { objects }) {
    await objects.setSetting(Bucket, "publicAccessBlock", undefined);
    return {};
  },
});
