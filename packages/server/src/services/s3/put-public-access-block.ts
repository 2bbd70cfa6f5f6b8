import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";

/**
 * Is kept; `BlockPublicPolicy` counts at the next PutBucketPolicy. The rest is so in any case: nobody comes in unsigned.
 * Errors: `NoSuchBucket`. Source: S3 API reference, PutPublicAccessBlock.
 */
export const putPublicAccessBlock = operation<S3, Input<"PutPublicAccessBlock">, Output<"PutPublicAccessBlock">>({
  name: "PutPublicAccessBlock",
  access: onBucket("s3:PutBucketPublicAccessBlock"),
  async run({ Bucket, PublicAccessBlockConfiguration: asked }, { objects }) {
    await objects.setSetting(Bucket, "publicAccessBlock", {
      BlockPublicAcls: asked.BlockPublicAcls ?? false,
      IgnorePublicAcls: asked.IgnorePublicAcls ?? false,
      BlockPublicPolicy: asked.BlockPublicPolicy ?? false,
      RestrictPublicBuckets: asked.RestrictPublicBuckets ?? false,
    });
    return {};
  },
});
