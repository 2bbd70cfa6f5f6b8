import type { ListedObject } from "../../objects/object-store.ts";
import type { Access, Call } from "../../wire/operation.ts";
import { bucketArn } from "./access.ts";
import { listedChecksum } from "./checksums.ts";
import { type BucketInput, requireBucket, type S3 } from "./context.ts";
import { given } from "./given.ts";
import { ownerOf } from "./owner.ts";

interface ListInput extends BucketInput {
  readonly Prefix?: string;
  readonly Delimiter?: string;
  readonly MaxKeys?: number;
}

/** A listing, with the condition keys that a policy can look at. */
export function listAccess(action: string) {
  return async (input: ListInput, s3: S3, call: Call): Promise<readonly Access[]> => {
    await requireBucket(s3, input, call);
    const { Prefix, Delimiter, MaxKeys } = input;
    const context = {
      ...(Prefix !== undefined && { "s3:prefix": Prefix }),
      ...(Delimiter !== undefined && { "s3:delimiter": Delimiter }),
      ...(MaxKeys !== undefined && { "s3:max-keys": String(MaxKeys) }),
    };
    return [{ action, resource: bucketArn(input.Bucket), context }];
  };
}

/** An object as listings show it; with its owner when the owner's account is given. */
export function listedObject(object: ListedObject, encode: (key: string) => string, account: string | undefined) {
  return given({
    Key: encode(object.key),
    LastModified: object.lastModified,
    ETag: object.etag,
    Size: object.sizeBytes,
    StorageClass: "STANDARD" as const,
    ...listedChecksum(object.checksum),
    Owner: account === undefined ? undefined : ownerOf(account),
  });
}
