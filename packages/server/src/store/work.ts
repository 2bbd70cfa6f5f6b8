import { db, statement } from "./statement.ts";

/**
 * The outbox: work that a commit promised. A row stays until the work is done, and is run again after a
 * crash, so whatever runs it must be harmless when run twice.
 */
export interface WorkTable {
  /** The action execution, the invocation's request id, or the job that it is for. */
  id: string;
  kind: "runAction" | "invoke" | "callPartner" | "advance" | "expire";
  /** What the kind needs, as JSON. */
  body: string;
  /** How often it was tried. */
  attempt: number;
  /** Not before. Epoch milliseconds. */
  due_at: number;
}

export const workSchema = [
  `create table work (id text primary key, kind text not null, body text not null, attempt integer not null,
    due_at integer not null) strict, without rowid`,
];

export const insertWork = statement<WorkTable>((p) =>
  db
    .insertInto("work")
    .values({ id: p.id, kind: p.kind, body: p.body, attempt: p.attempt, due_at: p.due_at })
    .onConflict((conflict) => conflict.column("id").doNothing()),
);

export const findWork = statement<{ id: string }, WorkTable>((p) =>
  db.selectFrom("work").selectAll().where("id", "=", p.id),
);

export const retryWork = statement<{ id: string; attempt: number; due_at: number }>((p) =>
  db.updateTable("work").set({ attempt: p.attempt, due_at: p.due_at }).where("id", "=", p.id),
);

/** The same with a new body. */
export const postponeWork = statement<{ id: string; attempt: number; due_at: number; body: string }>((p) =>
  db.updateTable("work").set({ attempt: p.attempt, due_at: p.due_at, body: p.body }).where("id", "=", p.id),
);

export const deleteWork = statement<{ id: string }>((p) => db.deleteFrom("work").where("id", "=", p.id));

/** All that is still to do, after a start. */
export const listWork = statement<object, WorkTable>(() => db.selectFrom("work").selectAll().orderBy("due_at"));

/** What has waited for its time and is due: a look at a job, the end of a wait, or a later attempt. */
export const listDueWork = statement<{ now: number; limit: number }, WorkTable>((p) =>
  db
    .selectFrom("work")
    .selectAll()
    .where("due_at", "<=", p.now)
    .where((by) => by.or([by("kind", "in", ["advance", "expire"]), by("attempt", ">", 1)]))
    .orderBy("due_at")
    .limit(p.limit),
);

/** When the next work is due that is not due yet. */
export const findNextDueWork = statement<{ now: number }, { due_at: number }>((p) =>
  db.selectFrom("work").select("due_at").where("due_at", ">", p.now).orderBy("due_at").limit(1),
);
