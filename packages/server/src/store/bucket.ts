import { db, statement } from "./statement.ts";

/** One bucket. Names are unique over all regions, as in the service. */
export interface BucketTable {
  name: string;
  region: string;
  account: string;
  created_at: number;
  versioning: "Enabled" | "Suspended" | null;
  /** The policy document as it was put. */
  policy: string | null;
  /** Default encryption as JSON; `null` is SSE-S3. */
  encryption: string | null;
  tags: string | null;
}

export type BucketRow = BucketTable;

export const bucketSchema: readonly string[] = [
  `create table bucket (
    name text primary key, region text not null, account text not null, created_at integer not null,
    versioning text, policy text, encryption text, tags text
  ) strict, without rowid`,
  "create index bucket_by_account on bucket (account, name)",
];

export const insertBucket = statement<BucketRow>((p) =>
  db.insertInto("bucket").values({
    name: p.name,
    region: p.region,
    account: p.account,
    created_at: p.created_at,
    versioning: p.versioning,
    policy: p.policy,
    encryption: p.encryption,
    tags: p.tags,
  }),
);

export const bucketByName = statement<{ name: string }, BucketRow>((p) =>
  db.selectFrom("bucket").selectAll().where("name", "=", p.name),
);

/** The buckets of an account after a name, in the order of names. */
export const bucketsAfter = statement<{ account: string; after: string; limit: number }, BucketRow>((p) =>
  db
    .selectFrom("bucket")
    .selectAll()
    .where("account", "=", p.account)
    .where("name", ">", p.after)
    .orderBy("name")
    .limit(p.limit),
);

export const setBucketVersioning = statement<{ name: string; versioning: "Enabled" | "Suspended" }>((p) =>
  db.updateTable("bucket").set({ versioning: p.versioning }).where("name", "=", p.name),
);

export const setBucketPolicy = statement<{ name: string; policy: string | null }>((p) =>
  db.updateTable("bucket").set({ policy: p.policy }).where("name", "=", p.name),
);

export const setBucketEncryption = statement<{ name: string; encryption: string | null }>((p) =>
  db.updateTable("bucket").set({ encryption: p.encryption }).where("name", "=", p.name),
);

export const setBucketTags = statement<{ name: string; tags: string | null }>((p) =>
  db.updateTable("bucket").set({ tags: p.tags }).where("name", "=", p.name),
);

export const deleteBucketRow = statement<{ name: string }>((p) => db.deleteFrom("bucket").where("name", "=", p.name));
