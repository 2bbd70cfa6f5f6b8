import { operation } from "../../wire/operation.ts";
import { bucketArn } from "./access.ts";
import { findBucket, type Input, type Output, type S3 } from "./context.ts";

/**
 * Says a bucket's region, with nothing for us-east-1. Errors: `NoSuchBucket`.
 * Source: S3 API reference, GetBucketLocation.
 */
export const getBucketLocation = operation<S3, Input<"GetBucketLocation">, Output<"GetBucketLocation">>({
  name: "GetBucketLocation",
  async access(input, s3) {
    await findBucket(s3, input);
    return [{ action: "s3:GetBucketLocation", resource: bucketArn(input.Bucket) }];
  },
  async run(input, s3) {
    const { region } = await findBucket(s3, input);
    if (region === "us-east-1") return {};
    // The model's list of regions may be older than a region that someone configured.
    return { LocationConstraint: region as NonNullable<Output<"GetBucketLocation">["LocationConstraint"]> };
  },
});
