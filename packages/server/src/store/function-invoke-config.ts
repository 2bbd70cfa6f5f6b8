import { db, statement } from "./statement.ts";

/** How asynchronous calls of a function, a version or an alias are tried again, and who is told how they ended. */
export interface FunctionInvokeConfigTable {
  account: string;
  region: string;
  function_name: string;
  /** A version's number, an alias, or `$LATEST`, also for the function under its name alone. */
  qualifier: string;
  /** Null leaves Lambda's own limit, as in the next. */
  retries_max: number | null;
  event_age_seconds_max: number | null;
  /** ARNs, or null. */
  on_success: string | null;
  on_failure: string | null;
  /** Epoch milliseconds. */
  modified_at: number;
}

export const functionInvokeConfigSchema: readonly string[] = [
  `create table function_invoke_config (account text not null, region text not null, function_name text not null, qualifier text not null,
    retries_max integer, event_age_seconds_max integer, on_success text, on_failure text, modified_at integer not null,
    primary key (account, region, function_name, qualifier)) strict, without rowid`,
];

type ConfigKey = Pick<FunctionInvokeConfigTable, "account" | "region" | "function_name" | "qualifier">;
type FunctionKey = Pick<FunctionInvokeConfigTable, "account" | "region" | "function_name">;

export const putFunctionInvokeConfig = statement<FunctionInvokeConfigTable>((p) => {
  const settings = {
    retries_max: p.retries_max,
    event_age_seconds_max: p.event_age_seconds_max,
    on_success: p.on_success,
    on_failure: p.on_failure,
    modified_at: p.modified_at,
  };
  return db
    .insertInto("function_invoke_config")
    .values({
      account: p.account,
      region: p.region,
      function_name: p.function_name,
      qualifier: p.qualifier,
      ...settings,
    })
    .onConflict((conflict) =>
      conflict.columns(["account", "region", "function_name", "qualifier"]).doUpdateSet(settings),
    );
});

export const findFunctionInvokeConfig = statement<ConfigKey, FunctionInvokeConfigTable>((p) =>
  db
    .selectFrom("function_invoke_config")
    .selectAll()
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("function_name", "=", p.function_name)
    .where("qualifier", "=", p.qualifier),
);

export const deleteFunctionInvokeConfig = statement<ConfigKey>((p) =>
  db
    .deleteFrom("function_invoke_config")
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("function_name", "=", p.function_name)
    .where("qualifier", "=", p.qualifier),
);

/** Deletes those of a function, its versions and aliases. */
export const deleteFunctionInvokeConfigs = statement<FunctionKey>((p) =>
  db
    .deleteFrom("function_invoke_config")
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("function_name", "=", p.function_name),
);

/** Those of a function after a qualifier, in the order of qualifiers. */
export const listFunctionInvokeConfigs = statement<
  FunctionKey & { after: string; limit: number },
  FunctionInvokeConfigTable
>((p) =>
  db
    .selectFrom("function_invoke_config")
    .selectAll()
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("function_name", "=", p.function_name)
    .where("qualifier", ">", p.after)
    .orderBy("qualifier")
    .limit(p.limit),
);
