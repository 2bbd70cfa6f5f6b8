import type { Generated } from "kysely";
import { db, statement } from "./statement.ts";

/** The story, as lists of `StoryEntry` in JSON, one row a job and flush. Written without anybody waiting for it. */
export interface StoryTable {
  seq: Generated<number>;
  execution_id: string;
  job_id: string | null;
  entries: string;
}

export const storySchema = [
  `create table story (seq integer primary key, execution_id text not null, job_id text, entries text not null) strict`,
  "create index story_by_execution on story (execution_id, seq)",
  "create index story_by_job on story (job_id, seq) where job_id is not null",
];

export const insertStory = statement<Omit<StoryTable, "seq">>((p) =>
  db.insertInto("story").values({ execution_id: p.execution_id, job_id: p.job_id, entries: p.entries }),
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

/** Of all jobs of an action, and of whatever in its execution is of no job. */
export const listStoryOfAction = statement<
  { action_execution_id: string; execution_id: string; after: number; limit: number },
  { seq: number; entries: string }
>((p) =>
  db
    .selectFrom("story")
    .select(["seq", "entries"])
    .where("execution_id", "=", p.execution_id)
    .where(({ eb, or, selectFrom }) =>
      or([
        eb("job_id", "is", null),
        eb("job_id", "in", selectFrom("job").select("id").where("action_execution_id", "=", p.action_execution_id)),
      ]),
    )
    .where("seq", ">", p.after)
    .orderBy("seq")
    .limit(p.limit),
);

export const listStoryOfJob = statement<
  { job_id: string; after: number; limit: number },
  { seq: number; entries: string }
>((p) =>
  db
    .selectFrom("story")
    .select(["seq", "entries"])
    .where("job_id", "=", p.job_id)
    .where("seq", ">", p.after)
    .orderBy("seq")
    .limit(p.limit),
);
