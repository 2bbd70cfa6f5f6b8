import type { ActionWork } from "@penstock/pipeline";
import type { Generated } from "kysely";
import { db, statement } from "./statement.ts";

/** One run of an action, with what went in and what came out. */
export interface ActionExecutionTable {
  /** Grows with every start: the order of lists and the key of their pages. */
  seq: Generated<number>;
  /** The uuid that clients see. */
  id: string;
  /** The pipeline's ARN. */
  pipeline: string;
  pipeline_version: number;
  execution_id: string;
  stage: string;
  action: string;
  /** The last part of the core's id of it: 1 unless its stage was retried. */
  attempt: number;
  status: string;
  started_at: number;
  updated_at: number;
  /** `ActionInput` as JSON. */
  input: string;
  /** `ActionOutput` as JSON; `{}` until something is known. */
  output: string;
}

export type ActionExecutionRow = Omit<ActionExecutionTable, "seq"> & { seq: number };

/** An artifact's place in S3. */
export interface ArtifactLocation {
  readonly name: string;
  readonly bucket: string;
  readonly key: string;
  /** The revision that the source gave it; null for an output that is only reserved. */
  readonly revision: string | null;
}

/** What an action runs with. */
export interface ActionInput {
  readonly actionTypeId: {
    readonly category: string;
    readonly owner: string;
    readonly provider: string;
    readonly version: string;
  };
  readonly configuration: Readonly<Record<string, string>>;
  /** After `#{…}` was resolved. */
  readonly resolvedConfiguration: Readonly<Record<string, string>>;
  readonly region: string;
  readonly namespace?: string;
  readonly roleArn?: string;
  /** The version that a source action is to take, in place of the newest. */
  readonly sourceVersion?: string;
  /** How long an approval waits, where it says so itself. */
  readonly timeoutInMinutes?: number;
  /** Of an action of a registered type: what the type said when the action started. */
  readonly work?: ActionWork;
  readonly inputArtifacts: readonly ArtifactLocation[];
  /** Places that were reserved for what the action is to write. */
  readonly outputArtifacts: readonly ArtifactLocation[];
}

/** What an action left, and before its end what its worker has told. Absent members were never known. */
export interface ActionOutput {
  readonly outputArtifacts?: readonly ArtifactLocation[];
  readonly outputVariables?: Readonly<Record<string, string>>;
  readonly summary?: string;
  readonly externalExecutionId?: string;
  readonly externalExecutionUrl?: string;
  readonly percentComplete?: number;
  /** What a worker says that it works on, or has worked on. */
  readonly currentRevision?: {
    readonly revision: string;
    readonly changeIdentifier: string;
    /** Epoch milliseconds. */
    readonly created?: number;
    readonly revisionSummary?: string;
  };
  readonly error?: { readonly code: string; readonly message: string };
  /** Who ended it, if a person did. */
  readonly updatedBy?: string;
  /** Of a source action: what its artifact is of. */
  readonly revisionId?: string;
}

export const actionExecutionSchema = [
  `create table action_execution (seq integer primary key, id text not null unique, pipeline text not null,
    pipeline_version integer not null, execution_id text not null, stage text not null, action text not null, attempt integer not null,
    status text not null, started_at integer not null, updated_at integer not null, input text not null,
    output text not null) strict`,
  "create index action_execution_by_pipeline on action_execution (pipeline, seq)",
  "create index action_execution_by_execution on action_execution (execution_id, seq)",
  "create index action_execution_by_action on action_execution (pipeline, stage, action, seq)",
];

export const insertActionExecution = statement<Omit<ActionExecutionTable, "seq">>((p) =>
  db.insertInto("action_execution").values({
    id: p.id,
    pipeline: p.pipeline,
    pipeline_version: p.pipeline_version,
    execution_id: p.execution_id,
    stage: p.stage,
    action: p.action,
    attempt: p.attempt,
    status: p.status,
    started_at: p.started_at,
    updated_at: p.updated_at,
    input: p.input,
    output: p.output,
  }),
);

export const findActionExecution = statement<{ id: string }, ActionExecutionRow>((p) =>
  db.selectFrom("action_execution").selectAll().where("id", "=", p.id),
);

export const endActionExecution = statement<{ id: string; status: string; output: string; updated_at: number }>((p) =>
  db
    .updateTable("action_execution")
    .set({ status: p.status, output: p.output, updated_at: p.updated_at })
    .where("id", "=", p.id),
);

/** What is known of an action while it runs. */
export const noteActionOutput = statement<{ id: string; output: string }>((p) =>
  db.updateTable("action_execution").set({ output: p.output }).where("id", "=", p.id),
);

/** Of one execution, oldest first. An execution has 500 actions at most, with few attempts each. */
export const listActionsOfExecution = statement<{ execution_id: string }, ActionExecutionRow>((p) =>
  db.selectFrom("action_execution").selectAll().where("execution_id", "=", p.execution_id).orderBy("seq"),
);

/** A page of a pipeline's actions, newest first. */
export const pageActionsOfPipeline = statement<{ pipeline: string; before: number; limit: number }, ActionExecutionRow>(
  (p) =>
    db
      .selectFrom("action_execution")
      .selectAll()
      .where("pipeline", "=", p.pipeline)
      .where("seq", "<", p.before)
      .orderBy("seq", "desc")
      .limit(p.limit),
);

/** A page of one execution's actions, newest first. */
export const pageActionsOfExecution = statement<
  { execution_id: string; before: number; limit: number },
  ActionExecutionRow
>((p) =>
  db
    .selectFrom("action_execution")
    .selectAll()
    .where("execution_id", "=", p.execution_id)
    .where("seq", "<", p.before)
    .orderBy("seq", "desc")
    .limit(p.limit),
);

export const findLatestActionExecution = statement<
  { pipeline: string; stage: string; action: string },
  ActionExecutionRow
>((p) =>
  db
    .selectFrom("action_execution")
    .selectAll()
    .where("pipeline", "=", p.pipeline)
    .where("stage", "=", p.stage)
    .where("action", "=", p.action)
    .orderBy("seq", "desc")
    .limit(1),
);

export const deleteActionExecutions = statement<{ pipeline: string }>((p) =>
  db.deleteFrom("action_execution").where("pipeline", "=", p.pipeline),
);
