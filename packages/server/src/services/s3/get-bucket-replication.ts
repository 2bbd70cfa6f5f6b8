import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { noSuchReplication } from "./errors.ts";

/** Says that there is none: Penstock replicates nothing. Errors: `NoSuchBucket`, `ReplicationConfigurationNotFoundError`. Source: S3 API reference, GetBucketReplication. */
export const getBucketReplication = operation<S3, Input<"GetBucketReplication">, Output<"GetBucketReplication">>({
  name: "GetBucketReplication",
  access: onBucket("s3:GetReplicationConfiguration"),
  async run({ Bucket }) {
    throw noSuchReplication(Bucket);
  },
});
