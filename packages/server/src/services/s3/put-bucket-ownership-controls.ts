import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { malformedXml } from "./errors.ts";

/** Is kept, and without effect: everything belongs to the account. Errors: `NoSuchBucket`, `MalformedXML`. Source: S3 API reference, PutBucketOwnershipControls. */
export const putBucketOwnershipControls = operation<
  S3,
  Input<"PutBucketOwnershipControls">,
  Output<"PutBucketOwnershipControls">
>({
  name: "PutBucketOwnershipControls",
  access: onBucket("s3:PutBucketOwnershipControls"),
  async run({ Bucket, OwnershipControls: { Rules } }, { objects }) {
    const [rule, ...others] = Rules;
    if (!rule || others.length > 0) throw malformedXml();
    await objects.setSetting(Bucket, "ownership", rule.ObjectOwnership);
    return {};
  },
});
