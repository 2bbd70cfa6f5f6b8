import { db, statement } from "./statement.ts";

/** A role of IAM. Names are unique in an account, whatever the path. */
export interface RoleTable {
  account: string;
  name: string;
  /** With a slash at both ends, or `/`. */
  path: string;
  /** `AROA…`; never used again. */
  id: string;
  arn: string;
  /** The document as it was given. */
  trust_policy: string;
  description: string | null;
  max_session_seconds: number;
  /** JSON list of `{Key, Value}`. */
  tags: string;
  /** Epoch milliseconds. */
  created_at: number;
}

/** A policy of a role: its own, with its document, or one of AWS's that is attached to it. */
export interface RolePolicyTable {
  role_arn: string;
  kind: "inline" | "managed";
  /** The policy's name; the ARN of a managed one. */
  name: string;
  document: string | null;
}

export const roleSchema: readonly string[] = [
  `create table role (account text not null, name text not null, path text not null, id text not null,
    arn text not null unique, trust_policy text not null, description text, max_session_seconds integer not null,
    tags text not null, created_at integer not null, primary key (account, name)) strict, without rowid`,
  `create table role_policy (role_arn text not null references role (arn), kind text not null, name text not null,
    document text, primary key (role_arn, kind, name)) strict, without rowid`,
];

export const insertRole = statement<RoleTable>((p) =>
  db.insertInto("role").values({
    account: p.account,
    name: p.name,
    path: p.path,
    id: p.id,
    arn: p.arn,
    trust_policy: p.trust_policy,
    description: p.description,
    max_session_seconds: p.max_session_seconds,
    tags: p.tags,
    created_at: p.created_at,
  }),
);

export const findRole = statement<{ account: string; name: string }, RoleTable>((p) =>
  db.selectFrom("role").selectAll().where("account", "=", p.account).where("name", "=", p.name),
);

export const findRoleByArn = statement<{ arn: string }, RoleTable>((p) =>
  db.selectFrom("role").selectAll().where("arn", "=", p.arn),
);

/** Roles of an account after a name, in the order of names. */
export const listRoles = statement<{ account: string; after: string; limit: number }, RoleTable>((p) =>
  db
    .selectFrom("role")
    .selectAll()
    .where("account", "=", p.account)
    .where("name", ">", p.after)
    .orderBy("name")
    .limit(p.limit),
);

export const setRole = statement<Pick<RoleTable, "arn" | "description" | "max_session_seconds" | "trust_policy">>((p) =>
  db
    .updateTable("role")
    .set({ description: p.description, max_session_seconds: p.max_session_seconds, trust_policy: p.trust_policy })
    .where("arn", "=", p.arn),
);

export const deleteRole = statement<{ arn: string }>((p) => db.deleteFrom("role").where("arn", "=", p.arn));

export const putRolePolicy = statement<RolePolicyTable>((p) =>
  db
    .insertInto("role_policy")
    .values({ role_arn: p.role_arn, kind: p.kind, name: p.name, document: p.document })
    .onConflict((conflict) => conflict.columns(["role_arn", "kind", "name"]).doUpdateSet({ document: p.document })),
);

export const findRolePolicy = statement<Pick<RolePolicyTable, "role_arn" | "kind" | "name">, RolePolicyTable>((p) =>
  db
    .selectFrom("role_policy")
    .selectAll()
    .where("role_arn", "=", p.role_arn)
    .where("kind", "=", p.kind)
    .where("name", "=", p.name),
);

/** All policies of a role; their number is bounded when they are put. */
export const listRolePolicies = statement<{ role_arn: string }, RolePolicyTable>((p) =>
  db.selectFrom("role_policy").selectAll().where("role_arn", "=", p.role_arn).orderBy("kind").orderBy("name"),
);

export const deleteRolePolicy = statement<Pick<RolePolicyTable, "role_arn" | "kind" | "name">>((p) =>
  db.deleteFrom("role_policy").where("role_arn", "=", p.role_arn).where("kind", "=", p.kind).where("name", "=", p.name),
);
