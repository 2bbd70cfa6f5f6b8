import { db, statement } from "./statement.ts";

/** A name for one version of a function, or for two between which calls are divided. */
export interface FunctionAliasTable {
  account: string;
  region: string;
  function_name: string;
  name: string;
  /** 0 is `$LATEST`. */
  version: number;
  /** The second version and its share of calls, 0 to 1; both null when all go to the first. */
  other_version: number | null;
  other_weight: number | null;
  description: string;
  /** Changes with every change, also of the alias's policy. */
  revision_id: string;
}

export const functionAliasSchema: readonly string[] = [
  `create table function_alias (account text not null, region text not null, function_name text not null, name text not null,
    version integer not null, other_version integer, other_weight real, description text not null,
    revision_id text not null, primary key (account, region, function_name, name)) strict, without rowid`,
];

type FunctionKey = Pick<FunctionAliasTable, "account" | "region" | "function_name">;
type AliasKey = Pick<FunctionAliasTable, "account" | "region" | "function_name" | "name">;

export const insertFunctionAlias = statement<FunctionAliasTable>((p) =>
  db.insertInto("function_alias").values({
    account: p.account,
    region: p.region,
    function_name: p.function_name,
    name: p.name,
    version: p.version,
    other_version: p.other_version,
    other_weight: p.other_weight,
    description: p.description,
    revision_id: p.revision_id,
  }),
);

export const findFunctionAlias = statement<AliasKey, FunctionAliasTable>((p) =>
  db
    .selectFrom("function_alias")
    .selectAll()
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("function_name", "=", p.function_name)
    .where("name", "=", p.name),
);

export const setFunctionAlias = statement<FunctionAliasTable>((p) =>
  db
    .updateTable("function_alias")
    .set({
      version: p.version,
      other_version: p.other_version,
      other_weight: p.other_weight,
      description: p.description,
      revision_id: p.revision_id,
    })
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("function_name", "=", p.function_name)
    .where("name", "=", p.name),
);

export const deleteFunctionAlias = statement<AliasKey>((p) =>
  db
    .deleteFrom("function_alias")
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("function_name", "=", p.function_name)
    .where("name", "=", p.name),
);

/** Deletes all aliases of a function. */
export const deleteFunctionAliases = statement<FunctionKey>((p) =>
  db
    .deleteFrom("function_alias")
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("function_name", "=", p.function_name),
);

/** Aliases of a function after a name, in the order of names. */
export const listFunctionAliases = statement<FunctionKey & { after: string; limit: number }, FunctionAliasTable>((p) =>
  db
    .selectFrom("function_alias")
    .selectAll()
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("function_name", "=", p.function_name)
    .where("name", ">", p.after)
    .orderBy("name")
    .limit(p.limit),
);

/** The same, of those alone that name a version. */
export const listAliasesOfVersion = statement<
  FunctionKey & { version: number; after: string; limit: number },
  FunctionAliasTable
>((p) =>
  db
    .selectFrom("function_alias")
    .selectAll()
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("function_name", "=", p.function_name)
    .where((or) => or.or([or("version", "=", p.version), or("other_version", "=", p.version)]))
    .where("name", ">", p.after)
    .orderBy("name")
    .limit(p.limit),
);
