import type { Home } from "../wire/operation.ts";
import { db, statement } from "./statement.ts";

/** One version of a layer. A deleted one stays as a row, so that its number is not given again. */
export interface LayerVersionTable {
  account: string;
  region: string;
  name: string;
  /** Counts from 1. */
  version: number;
  /** Base64, of the zip. It is unpacked under its checksum, as functions' code is. */
  code_sha256: string;
  code_bytes: number;
  description: string;
  /** JSON list of runtimes; empty when none was named. */
  runtimes: string;
  /** JSON list of architectures; empty when none was named. */
  architectures: string;
  license: string | null;
  /** Epoch milliseconds. */
  created_at: number;
  is_deleted: 0 | 1;
}

export const layerSchema: readonly string[] = [
  `create table layer_version (account text not null, region text not null, name text not null, version integer not null,
    code_sha256 text not null, code_bytes integer not null, description text not null, runtimes text not null,
    architectures text not null, license text, created_at integer not null, is_deleted integer not null,
    primary key (account, region, name, version)) strict, without rowid`,
];

type LayerKey = Pick<LayerVersionTable, "account" | "region" | "name">;
type VersionKey = Pick<LayerVersionTable, "account" | "region" | "name" | "version">;

export const insertLayerVersion = statement<LayerVersionTable>((p) =>
  db.insertInto("layer_version").values({
    account: p.account,
    region: p.region,
    name: p.name,
    version: p.version,
    code_sha256: p.code_sha256,
    code_bytes: p.code_bytes,
    description: p.description,
    runtimes: p.runtimes,
    architectures: p.architectures,
    license: p.license,
    created_at: p.created_at,
    is_deleted: p.is_deleted,
  }),
);

/** A version that is not deleted. */
export const findLayerVersion = statement<VersionKey, LayerVersionTable>((p) =>
  db
    .selectFrom("layer_version")
    .selectAll()
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("name", "=", p.name)
    .where("version", "=", p.version)
    .where("is_deleted", "=", 0),
);

/** The version published last, deleted or not. */
export const findNewestLayerVersion = statement<LayerKey, LayerVersionTable>((p) =>
  db
    .selectFrom("layer_version")
    .selectAll()
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("name", "=", p.name)
    .orderBy("version", "desc")
    .limit(1),
);

export const deleteLayerVersion = statement<VersionKey>((p) =>
  db
    .updateTable("layer_version")
    .set({ is_deleted: 1 })
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("name", "=", p.name)
    .where("version", "=", p.version)
    .where("is_deleted", "=", 0),
);

/** Versions of a layer before a number, newest first. */
export const listLayerVersions = statement<LayerKey & { before: number; limit: number }, LayerVersionTable>((p) =>
  db
    .selectFrom("layer_version")
    .selectAll()
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("name", "=", p.name)
    .where("version", "<", p.before)
    .where("is_deleted", "=", 0)
    .orderBy("version", "desc")
    .limit(p.limit),
);

/** The newest version of each layer of an account and region after a name, in the order of names. */
export const listLayers = statement<Home & { after: string; limit: number }, LayerVersionTable>((p) =>
  db
    .selectFrom("layer_version")
    .selectAll()
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("name", ">", p.after)
    .where("is_deleted", "=", 0)
    .where((each) =>
      each.not(
        each.exists(
          each
            .selectFrom("layer_version as newer")
            .select("newer.version")
            .whereRef("newer.account", "=", "layer_version.account")
            .whereRef("newer.region", "=", "layer_version.region")
            .whereRef("newer.name", "=", "layer_version.name")
            .whereRef("newer.version", ">", "layer_version.version")
            .where("newer.is_deleted", "=", 0),
        ),
      ),
    )
    .orderBy("name")
    .limit(p.limit),
);

/** The checksums of the code of all layers that are not deleted. */
export const listLayerCode = statement<object, Pick<LayerVersionTable, "code_sha256">>(() =>
  db.selectFrom("layer_version").select("code_sha256").distinct().where("is_deleted", "=", 0),
);
