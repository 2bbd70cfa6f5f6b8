import { db, statement } from "./statement.ts";

/**
 * An action type that somebody has registered, of a customer or a partner. One that was deleted stays, because its version
 * may only come back as it was.
 */
export interface ActionTypeTable {
  account: string;
  region: string;
  /** `Custom` or `ThirdParty`. */
  owner: string;
  category: string;
  provider: string;
  version: string;
  /** As its operation took it: `CustomActionTypeDeclaration` or `PartnerActionTypeDeclaration` as JSON. */
  declaration: string;
  is_deleted: 0 | 1;
  /** The secret that a partner's workers show for every job; null for a custom type. */
  client_token: string | null;
}

export const actionTypeSchema = [
  `create table action_type (account text not null, region text not null, owner text not null, category text not null,
    provider text not null, version text not null, declaration text not null, is_deleted integer not null,
    client_token text, primary key (account, region, owner, category, provider, version)) strict, without rowid`,
];

export type ActionTypeKey = Pick<ActionTypeTable, "account" | "region" | "owner" | "category" | "provider" | "version">;

export const saveActionType = statement<ActionTypeTable>((p) =>
  db
    .insertInto("action_type")
    .values({
      account: p.account,
      region: p.region,
      owner: p.owner,
      category: p.category,
      provider: p.provider,
      version: p.version,
      declaration: p.declaration,
      is_deleted: p.is_deleted,
      client_token: p.client_token,
    })
    .onConflict((conflict) =>
      conflict.columns(["account", "region", "owner", "category", "provider", "version"]).doUpdateSet((row) => ({
        declaration: row.ref("excluded.declaration"),
        is_deleted: row.ref("excluded.is_deleted"),
      })),
    ),
);

export const findActionType = statement<ActionTypeKey, ActionTypeTable>((p) =>
  db
    .selectFrom("action_type")
    .selectAll()
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("owner", "=", p.owner)
    .where("category", "=", p.category)
    .where("provider", "=", p.provider)
    .where("version", "=", p.version),
);

export const markActionTypeDeleted = statement<ActionTypeKey>((p) =>
  db
    .updateTable("action_type")
    .set({ is_deleted: 1 })
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("owner", "=", p.owner)
    .where("category", "=", p.category)
    .where("provider", "=", p.provider)
    .where("version", "=", p.version),
);

/** Those of an account and region that were not deleted, by owner, category, provider and version. */
export const listActionTypeRows = statement<{ account: string; region: string }, ActionTypeTable>((p) =>
  db
    .selectFrom("action_type")
    .selectAll()
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("is_deleted", "=", 0)
    .orderBy("owner")
    .orderBy("category")
    .orderBy("provider")
    .orderBy("version"),
);

/** Partners' types of all accounts and regions. */
export const listPartnerTypeRows = statement<object, ActionTypeTable>(() =>
  db
    .selectFrom("action_type")
    .selectAll()
    .where("owner", "=", "ThirdParty")
    .orderBy("account")
    .orderBy("region")
    .orderBy("category")
    .orderBy("provider")
    .orderBy("version"),
);

/** Partners' types of one name in a region, whoever's they are. */
export const listPartnerTypesNamed = statement<Omit<ActionTypeKey, "account" | "owner">, ActionTypeTable>((p) =>
  db
    .selectFrom("action_type")
    .selectAll()
    .where("owner", "=", "ThirdParty")
    .where("region", "=", p.region)
    .where("category", "=", p.category)
    .where("provider", "=", p.provider)
    .where("version", "=", p.version)
    .orderBy("account"),
);
