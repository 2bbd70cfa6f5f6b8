import type { Generated } from "kysely";
import { db, statement } from "./statement.ts";

/** The story, as lists of `StoryEntry` in JSON, one row an execution and flush. Written without anybody waiting for it. */
export interface StoryTable {
  seq: Generated<number>;
  execution_id: string;
  entries: string;
}

export const storySchema = [
  "create table story (seq integer primary key, execution_id text not null, entries text not null) strict",
  "create index story_by_execution on story (execution_id, seq)",
];

export const insertStory = statement<Omit<StoryTable, "seq">>((p) =>
  db.insertInto("story").values({ execution_id: p.execution_id, entries: p.entries }),
);

export const listStoryOfExecution = statement<
  { execution_id: string; after: number; limit: number },
  { seq: number; entries: string }
>((p) =>
  db
    .selectFrom("story")
    .select(["seq", "entries"])
    .where("execution_id", "=", p.execution_id)
    .where("seq", ">", p.after)
    .orderBy("seq")
    .limit(p.limit),
);

/** The story of the execution that a job belongs to: the job's own entries are among it, by their `jobId`. */
export const listStoryAroundJob = statement<
  { job_id: string; after: number; limit: number },
  { seq: number; entries: string }
>((p) =>
  db
    .selectFrom("story")
    .select(["seq", "entries"])
    .where("execution_id", "=", (by) =>
      by
        .selectFrom("job")
        .innerJoin("action_execution", "action_execution.id", "job.action_execution_id")
        .select("action_execution.execution_id")
        .where("job.id", "=", p.job_id),
    )
    .where("seq", ">", p.after)
    .orderBy("seq")
    .limit(p.limit),
);
