/**
 * The floor of a durable write: one change of state (an event, and the row it changes) in one commit of SQLite,
 * synced to the disk. Says how many a second, and how long each takes.
 */
import { randomUUID } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { answerQuestions } from "../program.ts";

export interface CommitsQuestion {
  readonly path: string;
  readonly count: number;
}

export interface CommitsAnswer {
  readonly ms: number;
}

/** How many rows are changed in turn. */
const ROWS_COUNT = 1024;

const BODY = JSON.stringify({ status: "InProgress", text: "y".repeat(400) });

let change: ((id: string) => void) | undefined;
const ids = Array.from({ length: ROWS_COUNT }, () => randomUUID());

answerQuestions(async ({ path, count }: CommitsQuestion): Promise<CommitsAnswer> => {
  change ??= openChange(path);
  const startedAt = performance.now();
  for (let index = 0; index < count; index += 1) change(ids[index % ROWS_COUNT] ?? "");
  return { ms: performance.now() - startedAt };
});

function openChange(path: string): (id: string) => void {
  const database = new DatabaseSync(path);
  database.exec("pragma journal_mode = wal; pragma synchronous = full");
  database.exec("create table event (seq integer primary key, execution text, kind text, body text)");
  database.exec("create table state (execution text primary key, status text, body text)");
  const event = database.prepare("insert into event (execution, kind, body) values (?, ?, ?)");
  const state = database.prepare(
    "insert into state values (?, ?, ?) on conflict (execution) do update set status = excluded.status, body = excluded.body",
  );
  const begin = database.prepare("begin immediate");
  const commit = database.prepare("commit");
  return (id) => {
    begin.run();
    event.run(id, "finished", BODY);
    state.run(id, "Succeeded", BODY);
    commit.run();
  };
}
