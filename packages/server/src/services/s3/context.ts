import type { PolicyDocument } from "../../identity/identity.ts";
import { storedPolicy } from "../../identity/policy.ts";
import type { KeyStore } from "../../keys/keys.ts";
import type { Bucket, ObjectStore } from "../../objects/object-store.ts";
import { ServiceError } from "../../wire/error.ts";
import type { Call } from "../../wire/operation.ts";
import { accessDenied, wrongRegion } from "./errors.ts";
import type { Operations } from "./shapes.generated.ts";

/** Where a bucket goes that names no place, and where making it twice is no error. */
export const CLASSIC_REGION = "us-east-1";

/** What S3's operations work with. */
export interface S3 {
  readonly objects: ObjectStore;
  /** To name the key that a caller must be allowed to use. */
  readonly keys: Pick<KeyStore, "find">;
}

export type Input<Name extends keyof Operations> = Operations[Name]["input"];
export type Output<Name extends keyof Operations> = Operations[Name]["output"];

/** The members of an input that say which bucket is meant, and whose the caller thinks it is. */
export interface BucketInput {
  readonly Bucket: string;
  readonly ExpectedBucketOwner?: string;
}

/**
 * The bucket of a request, which must be in the region that the request was signed for.
 *
 * Errors: `NoSuchBucket`, `PermanentRedirect` for another region, `AccessDenied` for another owner.
 */
export async function requireBucket({ objects }: S3, input: BucketInput, call: Call): Promise<Bucket> {
  const bucket = await findBucket({ objects }, input);
  if (bucket.region !== call.region) throw wrongRegion(bucket.name, bucket.region);
  return bucket;
}

/** Where a request goes that names no region: to its bucket's own. */
export async function homeRegion({ objects }: Pick<S3, "objects">, bucket: string | undefined): Promise<string> {
  if (bucket === undefined) return CLASSIC_REGION;
  try {
    return (await objects.bucket(bucket)).region;
  } catch (error) {
    // A bucket that is not there may be one that is about to be made.
    if (error instanceof ServiceError) return CLASSIC_REGION;
    throw error;
  }
}

/** The same, from any region: a client that asks where a bucket is cannot know. */
export async function findBucket({ objects }: Pick<S3, "objects">, input: BucketInput): Promise<Bucket> {
  const bucket = await objects.bucket(input.Bucket);
  if (input.ExpectedBucketOwner !== undefined && input.ExpectedBucketOwner !== bucket.account) throw accessDenied();
  return bucket;
}

/** What the check of a request must know of a bucket: S3's ARNs do not say whose it is. */
export interface BucketSay {
  readonly resourceAccount: string;
  readonly resourcePolicy?: PolicyDocument;
}

/**
 * The owner and the policy of the bucket that an ARN names, itself or an object in it.
 * Nothing when it is not there, or when the ARN is not one of S3.
 */
export async function bucketSayFor({ objects }: Pick<S3, "objects">, arn: string): Promise<BucketSay | undefined> {
  if (!arn.startsWith(S3_ARN)) return undefined;
  const [bucket = ""] = arn.slice(S3_ARN.length).split("/", 1);
  try {
    const { account, policy } = await objects.bucket(bucket);
    return {
      resourceAccount: account,
      ...(policy !== undefined && { resourcePolicy: storedPolicy(policy, "resource") }),
    };
  } catch (error) {
    // A bucket that is not there has no say; the operation tells what is wrong.
    if (error instanceof ServiceError && error.code === "NoSuchBucket") return undefined;
    throw error;
  }
}

const S3_ARN = "arn:aws:s3:::";
