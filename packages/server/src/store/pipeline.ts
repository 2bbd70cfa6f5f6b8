import { db, statement } from "./statement.ts";

/** A pipeline as its owner sees it. */
export interface PipelineTable {
  /** `arn:aws:codepipeline:<region>:<account>:<name>`: a pipeline's key everywhere in the store. */
  arn: string;
  account: string;
  region: string;
  name: string;
  version: number;
  /** Epoch milliseconds. */
  created_at: number;
  updated_at: number;
  /** `StageTransition`s as a JSON list: of the stages whose inbound transition was ever changed. */
  transitions: string;
}

/** The way into a stage, as it was changed last. */
export interface StageTransition {
  readonly stage: string;
  readonly enabled: boolean;
  /** The ARN of who changed it. */
  readonly changedBy: string;
  /** Epoch milliseconds. */
  readonly changedAt: number;
  /** Why it is disabled. */
  readonly reason?: string;
}

/** Every version of a declaration, because executions and GetPipeline can name an old one. */
export interface PipelineVersionTable {
  arn: string;
  version: number;
  /** The declaration as JSON, with the service's defaults filled in. */
  declaration: string;
}

/** What the core decides on: one row a pipeline, or one an execution in PARALLEL mode. */
export interface PipelineStateTable {
  /** The pipeline's ARN, or ARN and execution id with a slash between. */
  id: string;
  /** `PipelineState` as JSON. */
  state: string;
}

export const pipelineSchema = [
  `create table pipeline (arn text primary key, account text not null, region text not null, name text not null,
    version integer not null, created_at integer not null, updated_at integer not null,
    transitions text not null) strict, without rowid`,
  `create table pipeline_version (arn text not null, version integer not null, declaration text not null,
    primary key (arn, version)) strict, without rowid`,
  "create table pipeline_state (id text primary key, state text not null) strict, without rowid",
];

export const findPipeline = statement<{ arn: string }, PipelineTable>((p) =>
  db.selectFrom("pipeline").selectAll().where("arn", "=", p.arn),
);

export const insertPipeline = statement<PipelineTable>((p) =>
  db.insertInto("pipeline").values({
    arn: p.arn,
    account: p.account,
    region: p.region,
    name: p.name,
    version: p.version,
    created_at: p.created_at,
    updated_at: p.updated_at,
    transitions: p.transitions,
  }),
);

export const updatePipelineTransitions = statement<{ arn: string; transitions: string }>((p) =>
  db.updateTable("pipeline").set({ transitions: p.transitions }).where("arn", "=", p.arn),
);

export const updatePipelineVersion = statement<{ arn: string; version: number; updated_at: number }>((p) =>
  db.updateTable("pipeline").set({ version: p.version, updated_at: p.updated_at }).where("arn", "=", p.arn),
);

export const deletePipelineRow = statement<{ arn: string }>((p) => db.deleteFrom("pipeline").where("arn", "=", p.arn));

/** A page by name, from after `after`. */
export const listPipelineRows = statement<
  { account: string; region: string; after: string; limit: number },
  PipelineTable & { declaration: string }
>((p) =>
  db
    .selectFrom("pipeline")
    .innerJoin("pipeline_version", (join) =>
      join
        .onRef("pipeline_version.arn", "=", "pipeline.arn")
        .onRef("pipeline_version.version", "=", "pipeline.version"),
    )
    .selectAll("pipeline")
    .select("pipeline_version.declaration")
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("name", ">", p.after)
    .orderBy("pipeline.arn")
    .limit(p.limit),
);

export const insertPipelineVersion = statement<PipelineVersionTable>((p) =>
  db.insertInto("pipeline_version").values({ arn: p.arn, version: p.version, declaration: p.declaration }),
);

export const findPipelineVersion = statement<{ arn: string; version: number }, PipelineVersionTable>((p) =>
  db.selectFrom("pipeline_version").selectAll().where("arn", "=", p.arn).where("version", "=", p.version),
);

export const deletePipelineVersions = statement<{ arn: string }>((p) =>
  db.deleteFrom("pipeline_version").where("arn", "=", p.arn),
);

export const findPipelineState = statement<{ id: string }, PipelineStateTable>((p) =>
  db.selectFrom("pipeline_state").selectAll().where("id", "=", p.id),
);

export const savePipelineState = statement<PipelineStateTable>((p) =>
  db
    .insertInto("pipeline_state")
    .values({ id: p.id, state: p.state })
    .onConflict((conflict) => conflict.column("id").doUpdateSet((row) => ({ state: row.ref("excluded.state") }))),
);

export const deletePipelineState = statement<{ id: string }>((p) =>
  db.deleteFrom("pipeline_state").where("id", "=", p.id),
);

/** The same states, to read. */
export const listPipelineStates = statement<{ from: string; to: string }, PipelineStateTable>((p) =>
  db.selectFrom("pipeline_state").selectAll().where("id", ">=", p.from).where("id", "<", p.to),
);

/** The states of a pipeline and of all its executions in PARALLEL mode: ids from `from` on, up to `to`. */
export const deletePipelineStates = statement<{ from: string; to: string }>((p) =>
  db.deleteFrom("pipeline_state").where("id", ">=", p.from).where("id", "<", p.to),
);
