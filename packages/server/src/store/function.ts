import type { Home } from "../wire/operation.ts";
import { db, statement } from "./statement.ts";

/** One version of a function: what `$LATEST` is now, or what a published number was then. */
export interface FunctionTable {
  account: string;
  region: string;
  name: string;
  /** 0 is `$LATEST`; published versions count from 1. */
  version: number;
  /** Changes with every change, also of the version's policy. */
  revision_id: string;
  /** Changes with code and settings: a process that was started under another one is not used any more. */
  environment_id: string;
  /** Base64, as Lambda shows it. */
  code_sha256: string;
  code_bytes: number;
  /** A folder that is used in place; null when the code was unpacked under its checksum in the data folder. */
  code_dir: string | null;
  /** Runtime, handler, role, limits and the rest, as JSON. */
  settings: string;
  /** Epoch milliseconds. */
  modified_at: number;
  /** JSON object. Belongs to the function: the same in all its versions. */
  tags: string;
  /** Most invocations at once, over all versions; null when nothing is reserved. The same in all versions. */
  reserved_concurrency: number | null;
}

export const functionSchema: readonly string[] = [
  `create table function (account text not null, region text not null, name text not null, version integer not null, revision_id text not null,
    environment_id text not null, code_sha256 text not null, code_bytes integer not null, code_dir text,
    settings text not null, modified_at integer not null, tags text not null, reserved_concurrency integer,
    primary key (account, region, name, version)) strict, without rowid`,
];

type FunctionKey = Pick<FunctionTable, "account" | "region" | "name">;
type VersionKey = Pick<FunctionTable, "account" | "region" | "name" | "version">;

export const insertFunction = statement<FunctionTable>((p) =>
  db.insertInto("function").values({
    account: p.account,
    region: p.region,
    name: p.name,
    version: p.version,
    revision_id: p.revision_id,
    environment_id: p.environment_id,
    code_sha256: p.code_sha256,
    code_bytes: p.code_bytes,
    code_dir: p.code_dir,
    settings: p.settings,
    modified_at: p.modified_at,
    tags: p.tags,
    reserved_concurrency: p.reserved_concurrency,
  }),
);

export const findFunction = statement<VersionKey, FunctionTable>((p) =>
  db
    .selectFrom("function")
    .selectAll()
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("name", "=", p.name)
    .where("version", "=", p.version),
);

/** Code and settings of a version. */
export const setFunction = statement<Omit<FunctionTable, "tags" | "reserved_concurrency">>((p) =>
  db
    .updateTable("function")
    .set({
      revision_id: p.revision_id,
      environment_id: p.environment_id,
      code_sha256: p.code_sha256,
      code_bytes: p.code_bytes,
      code_dir: p.code_dir,
      settings: p.settings,
      modified_at: p.modified_at,
    })
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("name", "=", p.name)
    .where("version", "=", p.version),
);

export const setFunctionRevision = statement<VersionKey & Pick<FunctionTable, "revision_id">>((p) =>
  db
    .updateTable("function")
    .set({ revision_id: p.revision_id })
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("name", "=", p.name)
    .where("version", "=", p.version),
);

/** The tags of a function, in all its versions. */
export const setFunctionTags = statement<FunctionKey & Pick<FunctionTable, "tags">>((p) =>
  db
    .updateTable("function")
    .set({ tags: p.tags })
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("name", "=", p.name),
);

/** What is reserved for a function, in all its versions. */
export const setReservedConcurrency = statement<FunctionKey & Pick<FunctionTable, "reserved_concurrency">>((p) =>
  db
    .updateTable("function")
    .set({ reserved_concurrency: p.reserved_concurrency })
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("name", "=", p.name),
);

/** Deletes a function with all its versions. */
export const deleteFunction = statement<FunctionKey>((p) =>
  db.deleteFrom("function").where("account", "=", p.account).where("region", "=", p.region).where("name", "=", p.name),
);

export const deleteFunctionVersion = statement<VersionKey>((p) =>
  db
    .deleteFrom("function")
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("name", "=", p.name)
    .where("version", "=", p.version),
);

/** `$LATEST` of the functions of an account and region after a name, in the order of names. */
export const listFunctions = statement<Home & { after: string; limit: number }, FunctionTable>((p) =>
  db
    .selectFrom("function")
    .selectAll()
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("name", ">", p.after)
    .where("version", "=", 0)
    .orderBy("name")
    .limit(p.limit),
);

/** Versions of a function after a number, `$LATEST` (0) first. */
export const listFunctionVersions = statement<VersionKey & { limit: number }, FunctionTable>((p) =>
  db
    .selectFrom("function")
    .selectAll()
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("name", "=", p.name)
    .where("version", ">", p.version)
    .orderBy("version")
    .limit(p.limit),
);

/** The version published last, or `$LATEST` when there is none. */
export const findNewestVersion = statement<FunctionKey, FunctionTable>((p) =>
  db
    .selectFrom("function")
    .selectAll()
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("name", "=", p.name)
    .orderBy("version", "desc")
    .limit(1),
);

/** The checksums of all unpacked code that some version of some function uses, with the settings, which name its layers. */
export const listUsedCode = statement<object, Pick<FunctionTable, "code_sha256" | "settings">>(() =>
  db.selectFrom("function").select(["code_sha256", "settings"]).distinct(),
);
