import { db, statement } from "./statement.ts";

/** What was said of a bucket besides what its row holds: one row a kind, because most buckets have none. */
export interface BucketSettingTable {
  bucket: string;
  name: string;
  /** JSON; `null` as text where the setting was taken away and there is a default. */
  value: string;
}

export const bucketSettingSchema: readonly string[] = [
  `create table bucket_setting (bucket text not null, name text not null, value text not null,
    primary key (name, bucket)) strict, without rowid`,
];

export const settingOf = statement<{ bucket: string; name: string }, { value: string }>((p) =>
  db.selectFrom("bucket_setting").select("value").where("name", "=", p.name).where("bucket", "=", p.bucket),
);

/** The buckets that have a setting, behind one. */
export const settingsAfter = statement<
  { name: string; after: string; limit: number },
  { bucket: string; value: string }
>((p) =>
  db
    .selectFrom("bucket_setting")
    .select(["bucket", "value"])
    .where("name", "=", p.name)
    .where("bucket", ">", p.after)
    .orderBy("bucket")
    .limit(p.limit),
);

export const putSetting = statement<BucketSettingTable>((p) =>
  db
    .insertInto("bucket_setting")
    .values({ bucket: p.bucket, name: p.name, value: p.value })
    .onConflict((conflict) =>
      conflict.columns(["name", "bucket"]).doUpdateSet((row) => ({ value: row.ref("excluded.value") })),
    ),
);

export const deleteSetting = statement<{ bucket: string; name: string }>((p) =>
  db.deleteFrom("bucket_setting").where("name", "=", p.name).where("bucket", "=", p.bucket),
);

export const deleteSettingsOf = statement<{ bucket: string }>((p) =>
  db.deleteFrom("bucket_setting").where("bucket", "=", p.bucket),
);
