import { db, statement } from "./statement.ts";

/** One version of a function: what `$LATEST` is now, or what a published number was then. */
export interface FunctionTable {
  region: string;
  name: string;
  /** 0 is `$LATEST`; published versions count from 1. */
  version: number;
  /** Changes with every change. */
  revision_id: string;
  /** Base64, as Lambda shows it. */
  code_sha256: string;
  code_bytes: number;
  /** A folder that is used in place; null when the code was unpacked under its checksum in the data folder. */
  code_dir: string | null;
  /** Runtime, handler, role, limits and the rest, as JSON. */
  settings: string;
  /** Epoch milliseconds. */
  modified_at: number;
}

export const functionSchema: readonly string[] = [
  `create table function (region text not null, name text not null, version integer not null, revision_id text not null,
    code_sha256 text not null, code_bytes integer not null, code_dir text, settings text not null,
    modified_at integer not null, primary key (region, name, version)) strict, without rowid`,
];

type FunctionKey = Pick<FunctionTable, "region" | "name">;
type VersionKey = Pick<FunctionTable, "region" | "name" | "version">;

export const insertFunction = statement<FunctionTable>((p) =>
  db.insertInto("function").values({
    region: p.region,
    name: p.name,
    version: p.version,
    revision_id: p.revision_id,
    code_sha256: p.code_sha256,
    code_bytes: p.code_bytes,
    code_dir: p.code_dir,
    settings: p.settings,
    modified_at: p.modified_at,
  }),
);

export const findFunction = statement<VersionKey, FunctionTable>((p) =>
  db
    .selectFrom("function")
    .selectAll()
    .where("region", "=", p.region)
    .where("name", "=", p.name)
    .where("version", "=", p.version),
);

export const setFunction = statement<FunctionTable>((p) =>
  db
    .updateTable("function")
    .set({
      revision_id: p.revision_id,
      code_sha256: p.code_sha256,
      code_bytes: p.code_bytes,
      code_dir: p.code_dir,
      settings: p.settings,
      modified_at: p.modified_at,
    })
    .where("region", "=", p.region)
    .where("name", "=", p.name)
    .where("version", "=", p.version),
);

/** Deletes a function with all its versions. */
export const deleteFunction = statement<FunctionKey>((p) =>
  db.deleteFrom("function").where("region", "=", p.region).where("name", "=", p.name),
);

export const deleteFunctionVersion = statement<VersionKey>((p) =>
  db.deleteFrom("function").where("region", "=", p.region).where("name", "=", p.name).where("version", "=", p.version),
);

/** `$LATEST` of the functions of a region after a name, in the order of names. */
export const listFunctions = statement<{ region: string; after: string; limit: number }, FunctionTable>((p) =>
  db
    .selectFrom("function")
    .selectAll()
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
    .where("region", "=", p.region)
    .where("name", "=", p.name)
    .orderBy("version", "desc")
    .limit(1),
);

/** The checksums of all unpacked code that some version of some function uses. */
export const listUsedCode = statement<object, Pick<FunctionTable, "code_sha256">>(() =>
  db.selectFrom("function").select("code_sha256").distinct().where("code_dir", "is", null),
);
