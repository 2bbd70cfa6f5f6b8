import type { Generated } from "kysely";
import { db, statement } from "./statement.ts";

/** A pipeline execution as lists show it. */
export interface ExecutionTable {
  /** Grows with every start: the order of lists and the key of their pages. */
  seq: Generated<number>;
  id: string;
  /** The pipeline's ARN. */
  pipeline: string;
  pipeline_version: number;
  status: string;
  status_summary: string | null;
  mode: string;
  /** `{triggerType, triggerDetail}` as JSON. */
  trigger: string;
  /** Values of the pipeline's variables as a JSON object. */
  variables: string;
  /** `SourceOverride`s as a JSON list: which revisions the start asked for. */
  overrides: string;
  /** `SourceRevisionRecord`s as a JSON list: what its source actions found. */
  revisions: string;
  stop_reason: string | null;
  /** The caller's idempotency token. */
  client_token: string | null;
  started_at: number;
  updated_at: number;
}

/** The revision that one source action is to take, in place of the newest. */
export interface SourceOverride {
  readonly actionName: string;
  readonly revisionType: "S3_OBJECT_VERSION_ID" | "S3_OBJECT_KEY";
  readonly revisionValue: string;
}

/** What one source action found. */
export interface SourceRevisionRecord {
  readonly actionName: string;
  readonly artifactName: string;
  readonly revisionId: string;
  readonly revisionSummary?: string;
}

export type ExecutionRow = Omit<ExecutionTable, "seq"> & { seq: number };

/** An execution's passage through a stage. The newest row of a stage is what GetPipelineState shows. */
export interface StageExecutionTable {
  seq: Generated<number>;
  pipeline: string;
  stage: string;
  execution_id: string;
  status: string;
  /** How often the stage was retried by people, and by itself. */
  manual_retries: Generated<number>;
  automatic_retries: Generated<number>;
  /** The service's name for who retried last. */
  last_retry: string | null;
}

export const executionSchema = [
  `create table execution (seq integer primary key, id text not null unique, pipeline text not null,
    pipeline_version integer not null, status text not null, status_summary text, mode text not null,
    "trigger" text not null, variables text not null, overrides text not null, revisions text not null, stop_reason text, client_token text,
    started_at integer not null, updated_at integer not null) strict`,
  "create index execution_by_pipeline on execution (pipeline, seq)",
  "create unique index execution_by_token on execution (pipeline, client_token) where client_token is not null",
  `create table stage_execution (seq integer primary key, pipeline text not null, stage text not null,
    execution_id text not null, status text not null, manual_retries integer not null default 0,
    automatic_retries integer not null default 0, last_retry text) strict`,
  "create index stage_execution_by_stage on stage_execution (pipeline, stage, seq)",
  "create unique index stage_execution_by_execution on stage_execution (execution_id, stage)",
];

export const insertExecution = statement<Omit<ExecutionTable, "seq">>((p) =>
  db.insertInto("execution").values({
    id: p.id,
    pipeline: p.pipeline,
    pipeline_version: p.pipeline_version,
    status: p.status,
    status_summary: p.status_summary,
    mode: p.mode,
    trigger: p.trigger,
    variables: p.variables,
    overrides: p.overrides,
    revisions: p.revisions,
    stop_reason: p.stop_reason,
    client_token: p.client_token,
    started_at: p.started_at,
    updated_at: p.updated_at,
  }),
);

export const findExecution = statement<{ id: string }, ExecutionRow>((p) =>
  db.selectFrom("execution").selectAll().where("id", "=", p.id),
);

/** What the end of an action needs: a row in full takes several times as long to read. */
export const findExecutionCourse = statement<{ id: string }, Pick<ExecutionRow, "mode" | "revisions">>((p) =>
  db.selectFrom("execution").select(["mode", "revisions"]).where("id", "=", p.id),
);

export const findExecutionByToken = statement<{ pipeline: string; client_token: string }, ExecutionRow>((p) =>
  db.selectFrom("execution").selectAll().where("pipeline", "=", p.pipeline).where("client_token", "=", p.client_token),
);

export const updateExecutionStatus = statement<{ id: string; status: string; updated_at: number }>((p) =>
  db.updateTable("execution").set({ status: p.status, updated_at: p.updated_at }).where("id", "=", p.id),
);

export const updateExecutionRevisions = statement<{ id: string; revisions: string }>((p) =>
  db.updateTable("execution").set({ revisions: p.revisions }).where("id", "=", p.id),
);

export const updateExecutionStopReason = statement<{ id: string; stop_reason: string | null }>((p) =>
  db.updateTable("execution").set({ stop_reason: p.stop_reason }).where("id", "=", p.id),
);

/** Newest first, from before `before`. */
export const listExecutions = statement<{ pipeline: string; before: number; limit: number }, ExecutionRow>((p) =>
  db
    .selectFrom("execution")
    .selectAll()
    .where("pipeline", "=", p.pipeline)
    .where("seq", "<", p.before)
    .orderBy("seq", "desc")
    .limit(p.limit),
);

/** The same, of those alone that succeeded in a stage. */
export const listExecutionsSucceededIn = statement<
  { pipeline: string; stage: string; before: number; limit: number },
  ExecutionRow
>((p) =>
  db
    .selectFrom("execution")
    .innerJoin("stage_execution", "stage_execution.execution_id", "execution.id")
    .selectAll("execution")
    .where("execution.pipeline", "=", p.pipeline)
    .where("stage_execution.stage", "=", p.stage)
    .where("stage_execution.status", "=", "Succeeded")
    .where("execution.seq", "<", p.before)
    .orderBy("execution.seq", "desc")
    .limit(p.limit),
);

export const insertStageExecution = statement<
  Pick<StageExecutionTable, "pipeline" | "stage" | "execution_id" | "status">
>((p) =>
  db
    .insertInto("stage_execution")
    .values({ pipeline: p.pipeline, stage: p.stage, execution_id: p.execution_id, status: p.status }),
);

export const updateStageExecution = statement<{ execution_id: string; stage: string; status: string }>((p) =>
  db
    .updateTable("stage_execution")
    .set({ status: p.status })
    .where("execution_id", "=", p.execution_id)
    .where("stage", "=", p.stage),
);

/** The passage goes on: each of the counts grows by what is given. */
export const retryStageExecution = statement<{
  execution_id: string;
  stage: string;
  manual: number;
  automatic: number;
  last_retry: string;
}>((p) =>
  db
    .updateTable("stage_execution")
    .set((row) => ({
      status: "InProgress",
      manual_retries: row("manual_retries", "+", p.manual),
      automatic_retries: row("automatic_retries", "+", p.automatic),
      last_retry: p.last_retry,
    }))
    .where("execution_id", "=", p.execution_id)
    .where("stage", "=", p.stage),
);

export const findStageExecution = statement<{ execution_id: string; stage: string }, { execution_id: string }>((p) =>
  db
    .selectFrom("stage_execution")
    .select("execution_id")
    .where("execution_id", "=", p.execution_id)
    .where("stage", "=", p.stage),
);

export const findLatestStageExecution = statement<
  { pipeline: string; stage: string },
  {
    execution_id: string;
    status: string;
    manual_retries: number;
    automatic_retries: number;
    last_retry: string | null;
  }
>((p) =>
  db
    .selectFrom("stage_execution")
    .select(["execution_id", "status", "manual_retries", "automatic_retries", "last_retry"])
    .where("pipeline", "=", p.pipeline)
    .where("stage", "=", p.stage)
    .orderBy("seq", "desc")
    .limit(1),
);

export const deleteExecutions = statement<{ pipeline: string }>((p) =>
  db.deleteFrom("execution").where("pipeline", "=", p.pipeline),
);

export const deleteStageExecutions = statement<{ pipeline: string }>((p) =>
  db.deleteFrom("stage_execution").where("pipeline", "=", p.pipeline),
);
