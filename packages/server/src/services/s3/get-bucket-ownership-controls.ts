import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { noSuchOwnershipControls } from "./errors.ts";

/** A new bucket enforces its owner. Errors: `NoSuchBucket`, `OwnershipControlsNotFoundError`. Source: S3 API reference, GetBucketOwnershipControls. */
export const getBucketOwnershipControls = operation<
  S3,
  Input<"GetBucketOwnershipControls">,
  Output<"GetBucketOwnershipControls">
>({
  name: "GetBucketOwnershipControls",
  access: onBucket("s3:GetBucketOwnershipControls"),
  async run({ Bucket }, { objects }) {
    const ownership = await objects.setting(Bucket, "ownership");
    if (!ownership) throw noSuchOwnershipControls(Bucket);
    return { OwnershipControls: { Rules: [{ ObjectOwnership: ownership }] } };
  },
});
