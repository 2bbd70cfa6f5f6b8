import { ServiceError } from "../../wire/error.ts";
import { operation } from "../../wire/operation.ts";
import { bucketArn } from "./access.ts";
import { CLASSIC_REGION, type Input, type Output, type S3 } from "./context.ts";
import { illegalLocation, notImplemented } from "./errors.ts";

/**
 * Makes a bucket. Errors: `BucketAlreadyOwnedByYou`, `BucketAlreadyExists` for one of another account, `InvalidBucketName`,
 * `IllegalLocationConstraintException`.
 * Source: S3 API reference, CreateBucket.
 */
export const createBucket = operation<S3, Input<"CreateBucket">, Output<"CreateBucket">>({
  name: "CreateBucket",
  access: ({ Bucket }) => [{ action: "s3:CreateBucket", resource: bucketArn(Bucket) }],
  async run(input, { objects }, call) {
    const { account } = call.principal;
    if (input.ObjectLockEnabledForBucket) throw notImplemented("x-amz-bucket-object-lock-enabled");
    const region = regionOf(input, call.region);
    try {
      await objects.createBucket(input.Bucket, region, account);
    } catch (error) {
      if (!(await isRepeated(error, input.Bucket, region, objects))) throw error;
    }
    const tags = input.CreateBucketConfiguration?.Tags ?? [];
    if (tags.length > 0) {
      await objects.setBucketTags(input.Bucket, Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])));
    }
    if (input.ObjectOwnership !== undefined) {
      await objects.setSetting(input.Bucket, "ownership", input.ObjectOwnership);
    }
    return { Location: `/${input.Bucket}`, BucketArn: bucketArn(input.Bucket) };
  },
});

/** The classic region takes buckets for any other; every other region only its own. */
function regionOf({ CreateBucketConfiguration }: Input<"CreateBucket">, region: string): string {
  const asked = CreateBucketConfiguration?.LocationConstraint;
  const location = asked === "EU" ? "eu-west-1" : asked;
  if (region === CLASSIC_REGION) return location ?? region;
  if (location !== region) throw illegalLocation(asked);
  return region;
}

async function isRepeated(error: unknown, name: string, region: string, objects: S3["objects"]): Promise<boolean> {
  if (!(error instanceof ServiceError) || error.code !== "BucketAlreadyOwnedByYou") return false;
  return region === CLASSIC_REGION && (await objects.bucket(name)).region === CLASSIC_REGION;
}
