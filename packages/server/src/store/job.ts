import type { JobStatus } from "@penstock/pipeline";
import { db, statement } from "./statement.ts";

/** One unit of work of an action execution. A job outlives its pipeline, so that a late repeat still gets its answer. */
export interface JobTable {
  /** The lower-case uuid that workers and functions know. */
  id: string;
  account: string;
  region: string;
  action_execution_id: string;
  /** 1 for the action's first job, one more with every continuation. */
  number: number;
  status: JobStatus;
  /** The token of the continuation that made this job. */
  continuation_token: string | null;
  /** `JobReport` as JSON, once there is one. */
  report: string | null;
  dispatched_at: number;
  /** The secret that a partner's workers show with every word on the job; null for all other jobs. */
  client_token: string | null;
  /** When the action fails unless the job reports before. Epoch milliseconds. */
  reply_due_at: number;
}

export const jobSchema = [
  `create table job (id text primary key, account text not null, region text not null, action_execution_id text not null,
    number integer not null, status text not null, continuation_token text, report text, client_token text,
    dispatched_at integer not null, reply_due_at integer not null) strict, without rowid`,
  "create index job_by_action on job (action_execution_id, number)",
  "create index job_waiting on job (reply_due_at) where status = 'Dispatched'",
];

export const insertJob = statement<JobTable>((p) =>
  db.insertInto("job").values({
    id: p.id,
    account: p.account,
    region: p.region,
    action_execution_id: p.action_execution_id,
    number: p.number,
    status: p.status,
    continuation_token: p.continuation_token,
    report: p.report,
    client_token: p.client_token,
    dispatched_at: p.dispatched_at,
    reply_due_at: p.reply_due_at,
  }),
);

export const findJob = statement<{ id: string }, JobTable>((p) =>
  db.selectFrom("job").selectAll().where("id", "=", p.id),
);

export const endJob = statement<{ id: string; status: JobStatus; report: string | null }>((p) =>
  db.updateTable("job").set({ status: p.status, report: p.report }).where("id", "=", p.id),
);

export const listJobsOfAction = statement<{ action_execution_id: string }, JobTable>((p) =>
  db.selectFrom("job").selectAll().where("action_execution_id", "=", p.action_execution_id).orderBy("number"),
);

/** Jobs whose answer is still awaited, the first due first. */
export const listWaitingJobs = statement<{ limit: number }, { id: string; reply_due_at: number }>((p) =>
  db
    .selectFrom("job")
    .select(["id", "reply_due_at"])
    .where("status", "=", "Dispatched")
    .orderBy("reply_due_at")
    .limit(p.limit),
);
