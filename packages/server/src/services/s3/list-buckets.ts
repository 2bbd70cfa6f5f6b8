import { operation } from "../../wire/operation.ts";
import { bucketArn } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { given } from "./given.ts";
import { ownerOf } from "./owner.ts";
import { fromToken, toToken } from "./page.ts";

/** Source: S3 API reference, ListBuckets. */
const BUCKETS_COUNT_MAX = 10_000;

/** Lists the account's buckets of all regions. Source: S3 API reference, ListBuckets. */
export const listBuckets = operation<S3, Input<"ListBuckets">, Output<"ListBuckets">>({
  name: "ListBuckets",
  access: () => [{ action: "s3:ListAllMyBuckets", resource: "*" }],
  async run({ MaxBuckets = BUCKETS_COUNT_MAX, ContinuationToken, Prefix = "", BucketRegion }, { objects }, call) {
    const { account } = call.principal;
    const after = ContinuationToken === undefined ? "" : fromToken(ContinuationToken);
    const limit = Math.min(MaxBuckets, BUCKETS_COUNT_MAX);
    const found = await objects.buckets({ account, after, limit: BUCKETS_COUNT_MAX + 1 });
    const wanted = found.filter(
      ({ name, region }) => name.startsWith(Prefix) && (BucketRegion === undefined || region === BucketRegion),
    );
    const page = wanted.slice(0, limit);
    const last = page.at(-1);
    return given({
      Buckets: page.map(({ name, region, createdAt }) => ({
        Name: name,
        CreationDate: createdAt,
        BucketRegion: region,
        BucketArn: bucketArn(name),
      })),
      Owner: ownerOf(account),
      Prefix: Prefix || undefined,
      ContinuationToken: wanted.length > limit && last ? toToken(last.name) : undefined,
    });
  },
});
