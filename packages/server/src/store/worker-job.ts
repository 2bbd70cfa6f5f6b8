import { db, statement } from "./statement.ts";

/** What is known of a job beside its row because workers poll for it. It stays when the job has ended. */
export interface WorkerJobTable {
  /** The job's. */
  id: string;
  account: string;
  region: string;
  /** `<owner>/<category>/<provider>/<version>`. */
  action_type: string;
  /** The value of the type's queryable property; null where the type has none. */
  query_value: string | null;
  /** How often it was handed out: the nonce of the last time. */
  nonce: number;
  /** Not handed out again before. Epoch milliseconds. */
  offered_until: number;
  /** 1 as long as it may be handed out. */
  is_waiting: 0 | 1;
  created_at: number;
  /** When it was last handed out, and when it was acknowledged, and by whom; null before. */
  handed_out_at: number | null;
  acknowledged_at: number | null;
  worker: string | null;
}

export const workerJobSchema = [
  `create table worker_job (id text primary key, account text not null, region text not null, action_type text not null,
    query_value text, nonce integer not null, offered_until integer not null, is_waiting integer not null,
    created_at integer not null, handed_out_at integer, acknowledged_at integer, worker text) strict, without rowid`,
  "create index worker_job_waiting on worker_job (account, region, action_type, created_at) where is_waiting = 1",
];

export const insertWorkerJob = statement<WorkerJobTable>((p) =>
  db.insertInto("worker_job").values({
    id: p.id,
    account: p.account,
    region: p.region,
    action_type: p.action_type,
    query_value: p.query_value,
    nonce: p.nonce,
    offered_until: p.offered_until,
    is_waiting: p.is_waiting,
    created_at: p.created_at,
    handed_out_at: p.handed_out_at,
    acknowledged_at: p.acknowledged_at,
    worker: p.worker,
  }),
);

export const findWorkerJob = statement<{ id: string }, WorkerJobTable>((p) =>
  db.selectFrom("worker_job").selectAll().where("id", "=", p.id),
);

interface Waiting {
  account: string;
  region: string;
  action_type: string;
  now: number;
  limit: number;
}

/** Jobs of a type that nobody works on, the oldest first. */
export const listWaitingWorkerJobs = statement<Waiting, WorkerJobTable>((p) => waiting(p).limit(p.limit));

/** The same, of one value of the type's queryable property. */
export const listWaitingWorkerJobsOf = statement<Waiting & { query_value: string }, WorkerJobTable>((p) =>
  waiting(p).where("query_value", "=", p.query_value).limit(p.limit),
);

function waiting(p: Waiting) {
  return db
    .selectFrom("worker_job")
    .selectAll()
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("action_type", "=", p.action_type)
    .where("is_waiting", "=", 1)
    .where("offered_until", "<=", p.now)
    .orderBy("created_at")
    .orderBy("id");
}

export const saveHandOut = statement<{
  id: string;
  nonce: number;
  offered_until: number;
  handed_out_at: number;
  worker: string;
}>((p) =>
  db
    .updateTable("worker_job")
    .set({ nonce: p.nonce, offered_until: p.offered_until, handed_out_at: p.handed_out_at, worker: p.worker })
    .where("id", "=", p.id),
);

export const saveAcknowledgement = statement<{ id: string; acknowledged_at: number; worker: string }>((p) =>
  db
    .updateTable("worker_job")
    .set({ is_waiting: 0, acknowledged_at: p.acknowledged_at, worker: p.worker })
    .where("id", "=", p.id),
);

/** After its job was over before a worker took it. */
export const withdrawWorkerJob = statement<{ id: string }>((p) =>
  db.updateTable("worker_job").set({ is_waiting: 0 }).where("id", "=", p.id),
);
