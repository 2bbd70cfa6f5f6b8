import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { noSuchWebsite } from "./errors.ts";

/** Says that there is none: Penstock serves no web sites. Errors: `NoSuchBucket`, `NoSuchWebsiteConfiguration`. Source: S3 API reference, GetBucketWebsite. */
export const getBucketWebsite = operation<S3, Input<"GetBucketWebsite">, Output<"GetBucketWebsite">>({
  name: "GetBucketWebsite",
  access: onBucket("s3:GetBucketWebsite"),
  async run({ Bucket }) {
    throw noSuchWebsite(Bucket);
  },
});
