import { db, statement } from "./statement.ts";

/** Who may do what with a function, a version or an alias, as the resource's own policy says. */
export interface FunctionPolicyTable {
  account: string;
  region: string;
  function_name: string;
  /** A version's number or an alias; `$LATEST` for the function under its name alone. */
  qualifier: string;
  /** The policy document, as JSON. */
  document: string;
}

export const functionPolicySchema: readonly string[] = [
  `create table function_policy (account text not null, region text not null, function_name text not null, qualifier text not null,
    document text not null, primary key (account, region, function_name, qualifier)) strict, without rowid`,
];

type PolicyKey = Pick<FunctionPolicyTable, "account" | "region" | "function_name" | "qualifier">;

export const putFunctionPolicy = statement<FunctionPolicyTable>((p) =>
  db
    .insertInto("function_policy")
    .values({
      account: p.account,
      region: p.region,
      function_name: p.function_name,
      qualifier: p.qualifier,
      document: p.document,
    })
    .onConflict((conflict) =>
      conflict.columns(["account", "region", "function_name", "qualifier"]).doUpdateSet({ document: p.document }),
    ),
);

export const findFunctionPolicy = statement<PolicyKey, FunctionPolicyTable>((p) =>
  db
    .selectFrom("function_policy")
    .selectAll()
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("function_name", "=", p.function_name)
    .where("qualifier", "=", p.qualifier),
);

export const deleteFunctionPolicy = statement<PolicyKey>((p) =>
  db
    .deleteFrom("function_policy")
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("function_name", "=", p.function_name)
    .where("qualifier", "=", p.qualifier),
);

/** Deletes the policies of a function, its versions and aliases. */
export const deleteFunctionPolicies = statement<Pick<FunctionPolicyTable, "account" | "region" | "function_name">>(
  (p) =>
    db
      .deleteFrom("function_policy")
      .where("account", "=", p.account)
      .where("region", "=", p.region)
      .where("function_name", "=", p.function_name),
);
