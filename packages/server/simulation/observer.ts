import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { PipelineState } from "@penstock/pipeline";
import type { ActionExecutionRow } from "../src/store/action-execution.ts";
import type { ExecutionRow, StageExecutionTable } from "../src/store/execution.ts";
import type { JobTable } from "../src/store/job.ts";
import type { WorkTable } from "../src/store/work.ts";
import type { StoryEntry } from "../src/story.ts";

/** All that is committed of one run. */
export interface Rows {
  readonly states: readonly PipelineState[];
  readonly executions: readonly ExecutionRow[];
  readonly stages: readonly (Omit<StageExecutionTable, "seq"> & { readonly seq: number })[];
  readonly actions: readonly ActionExecutionRow[];
  readonly jobs: readonly JobTable[];
  readonly work: readonly WorkTable[];
}

/** Sees what is committed, at once, past everything that the server keeps in memory. */
export interface Observer {
  look(): Rows;
  job(id: string): JobTable | undefined;
  action(id: string): ActionExecutionRow | undefined;
  execution(id: string): ExecutionRow | undefined;
  /** What of the story was kept, in order. */
  story(): readonly StoryEntry[];
  close(): void;
}

/** Opens the database of a data folder a second time. The rows are as the store's tables declare them. */
export function createObserver(dir: string): Observer {
  const database = new DatabaseSync(join(dir, "penstock.db"), { readOnly: true });
  const tables = {
    executions: database.prepare("select * from execution order by seq"),
    stages: database.prepare("select * from stage_execution order by seq"),
    actions: database.prepare("select * from action_execution order by seq"),
    jobs: database.prepare("select * from job order by action_execution_id, number"),
    work: database.prepare("select * from work order by id"),
  };
  const states = database.prepare("select state from pipeline_state order by id");
  const job = database.prepare("select * from job where id = ?");
  const action = database.prepare("select * from action_execution where id = ?");
  const story = database.prepare("select entries from story order by seq");
  const execution = database.prepare("select * from execution where id = ?");
  return {
    look: () => ({
      states: states.all().map(({ state }) => JSON.parse(String(state)) as PipelineState), // the engine wrote it
      executions: tables.executions.all() as unknown as ExecutionRow[], // these five: as their tables declare them
      stages: tables.stages.all() as unknown as Rows["stages"],
      actions: tables.actions.all() as unknown as ActionExecutionRow[],
      jobs: tables.jobs.all() as unknown as JobTable[],
      work: tables.work.all() as unknown as WorkTable[],
    }),
    job: (id) => job.get(id) as JobTable | undefined, // as its table declares it
    action: (id) => action.get(id) as ActionExecutionRow | undefined, // as its table declares it
    execution: (id) => execution.get(id) as ExecutionRow | undefined, // as its table declares it
    story: () => story.all().flatMap(({ entries }) => JSON.parse(String(entries)) as StoryEntry[]), // the store wrote it
    close: () => database.close(),
  };
}
