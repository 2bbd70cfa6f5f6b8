import type { Home } from "../wire/operation.ts";
import { db, statement } from "./statement.ts";

/** A key of KMS. Its material is sealed under the master key and never leaves the row otherwise. */
export interface KeyTable {
  /** The uuid, in lower case. Unique over all accounts and regions, so that a ciphertext needs to name nothing else. */
  id: string;
  account: string;
  region: string;
  arn: string;
  state: "Enabled" | "Disabled" | "PendingDeletion";
  /** `AWS` for keys such as `aws/s3`, which their users cannot change. */
  manager: "CUSTOMER" | "AWS";
  description: string;
  /** The key policy as it was given. */
  policy: string;
  sealed_material: Uint8Array;
  /** Epoch milliseconds. */
  created_at: number;
  /** Epoch milliseconds; from then on the key is gone. */
  deletion_at: number | null;
}

/** Another name of a key, such as `alias/artifacts`. */
export interface KeyAliasTable {
  account: string;
  region: string;
  name: string;
  key_id: string;
  /** Epoch milliseconds. */
  created_at: number;
}

export const keySchema: readonly string[] = [
  `create table kms_key (id text primary key, account text not null, region text not null, arn text not null,
    state text not null, manager text not null, description text not null, policy text not null, sealed_material blob not null,
    created_at integer not null, deletion_at integer) strict, without rowid`,
  "create index kms_key_by_region on kms_key (account, region, id)",
  `create table kms_alias (account text not null, region text not null, name text not null,
    key_id text not null references kms_key (id) on delete cascade, created_at integer not null,
    primary key (account, region, name)) strict, without rowid`,
  "create index kms_alias_by_key on kms_alias (key_id, name)",
];

export const insertKey = statement<KeyTable>((p) =>
  db.insertInto("kms_key").values({
    id: p.id,
    account: p.account,
    region: p.region,
    arn: p.arn,
    state: p.state,
    manager: p.manager,
    description: p.description,
    policy: p.policy,
    sealed_material: p.sealed_material,
    created_at: p.created_at,
    deletion_at: p.deletion_at,
  }),
);

export const findKey = statement<{ id: string }, KeyTable>((p) =>
  db.selectFrom("kms_key").selectAll().where("id", "=", p.id),
);

/** Keys of an account and region after an id, in the order of ids. */
export const listKeys = statement<Home & { after: string; limit: number }, KeyTable>((p) =>
  db
    .selectFrom("kms_key")
    .selectAll()
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("id", ">", p.after)
    .orderBy("id")
    .limit(p.limit),
);

/** Changes nothing when the key is no longer in the state that it was found in. */
export const setKeyState = statement<Pick<KeyTable, "id" | "state" | "deletion_at"> & { found: KeyTable["state"] }>(
  (p) =>
    db
      .updateTable("kms_key")
      .set({ state: p.state, deletion_at: p.deletion_at })
      .where("id", "=", p.id)
      .where("state", "=", p.found),
);

export const setKeyPolicy = statement<Pick<KeyTable, "id" | "policy">>((p) =>
  db.updateTable("kms_key").set({ policy: p.policy }).where("id", "=", p.id),
);

/** Deletes a key whose time has come, and its aliases. */
export const deleteDueKey = statement<{ id: string; now: number }>((p) =>
  db.deleteFrom("kms_key").where("id", "=", p.id).where("deletion_at", "<=", p.now),
);

export const insertAlias = statement<KeyAliasTable>((p) =>
  db.insertInto("kms_alias").values({
    account: p.account,
    region: p.region,
    name: p.name,
    key_id: p.key_id,
    created_at: p.created_at,
  }),
);

export const findAlias = statement<Home & { name: string }, KeyAliasTable>((p) =>
  db
    .selectFrom("kms_alias")
    .selectAll()
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("name", "=", p.name),
);

/** Aliases of an account and region after a name, in the order of names. */
export const listAliases = statement<Home & { after: string; limit: number }, KeyAliasTable>((p) =>
  db
    .selectFrom("kms_alias")
    .selectAll()
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("name", ">", p.after)
    .orderBy("name")
    .limit(p.limit),
);

/** As `listAliases`, for one key. */
export const listAliasesOfKey = statement<{ key_id: string; after: string; limit: number }, KeyAliasTable>((p) =>
  db
    .selectFrom("kms_alias")
    .selectAll()
    .where("key_id", "=", p.key_id)
    .where("name", ">", p.after)
    .orderBy("name")
    .limit(p.limit),
);

export const deleteAlias = statement<Home & { name: string }>((p) =>
  db.deleteFrom("kms_alias").where("account", "=", p.account).where("region", "=", p.region).where("name", "=", p.name),
);
