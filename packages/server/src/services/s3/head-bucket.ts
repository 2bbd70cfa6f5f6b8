import { operation } from "../../wire/operation.ts";
import { bucketArn } from "./access.ts";
import { findBucket, type Input, type Output, type S3 } from "./context.ts";

/** Says that a bucket is there and where. Errors: `NoSuchBucket`. Source: S3 API reference, HeadBucket. */
export const headBucket = operation<S3, Input<"HeadBucket">, Output<"HeadBucket">>({
  name: "HeadBucket",
  async access(input, s3) {
    await findBucket(s3, input);
    return [{ action: "s3:ListBucket", resource: bucketArn(input.Bucket) }];
  },
  async run(input, s3) {
    const { region, name } = await findBucket(s3, input);
    return { BucketRegion: region, BucketArn: bucketArn(name), AccessPointAlias: false };
  },
});
