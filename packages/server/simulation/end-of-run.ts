import type { ActionExecutionRow, ActionInput, ActionOutput } from "../src/store/action-execution.ts";
import type { Rows } from "./observer.ts";

/*
 * What must hold once nothing runs any more.
 *
 * S10 Nothing is left: no work, no state, no job that waits.
 * S11 Every job was called, unless its action was abandoned, or its function does not exist.
 * S12 A variable reached the action that asked for it; an action whose variable nobody set failed without a job.
 * S15 Where nobody but its function can report, a job does not wait for its last moment.
 */

/** All that is wrong with what a run left. */
export function endComplaints(rows: Rows, calledJobs: ReadonlySet<string>, failsUnreported: boolean): string[] {
  return [...s10(rows), ...s11(rows, calledJobs), ...s12(rows), ...(failsUnreported ? s15(rows) : [])];
}

function* s10({ work, states, jobs }: Rows): Generator<string> {
  for (const { kind, id } of work) yield `S10 ${kind} ${id} is still to do`;
  for (const { executions } of states) {
    if (executions.length > 0) yield `S10 a state is left with ${executions.length} executions`;
  }
  for (const { id, status } of jobs) if (status === "Dispatched") yield `S10 job ${id} still waits`;
}

function* s11({ jobs, actions }: Rows, calledJobs: ReadonlySet<string>): Generator<string> {
  const byId = new Map(actions.map((row) => [row.id, row]));
  for (const { id, action_execution_id } of jobs) {
    const action = byId.get(action_execution_id);
    if (calledJobs.has(id) || !action || action.status === "Abandoned") continue;
    if (outputOf(action).error?.message.endsWith("does not exist.")) continue;
    yield `S11 job ${id} of ${action.action} was never called`;
  }
}

function* s12({ actions, jobs }: Rows): Generator<string> {
  for (const row of actions) {
    const { configuration, resolvedConfiguration } = inputOf(row);
    const asked = /^#\{(\w+)\.Job\}$/.exec(configuration["UserParameters"] ?? "")?.[1];
    if (asked === undefined) continue;
    const from = actions.find((other) => other.execution_id === row.execution_id && inputOf(other).namespace === asked);
    const value = from && outputOf(from).outputVariables?.["Job"];
    if (value === undefined) {
      const hasJob = jobs.some((job) => job.action_execution_id === row.id);
      if (row.status !== "Failed" || hasJob) yield `S12 ${row.action} ran without the variable of ${asked}`;
    } else if (resolvedConfiguration["UserParameters"] !== value) {
      yield `S12 ${row.action} was given ${resolvedConfiguration["UserParameters"]} and not ${value}`;
    }
  }
}

function* s15({ actions, jobs }: Rows): Generator<string> {
  const byId = new Map(actions.map((row) => [row.id, row]));
  for (const { id, status, action_execution_id, reply_due_at } of jobs) {
    const action = byId.get(action_execution_id);
    if (status !== "TimedOut" || action?.status !== "Failed") continue;
    if (action.updated_at >= reply_due_at) yield `S15 job ${id} waited for a report that nobody could make`;
  }
}

function inputOf({ input }: ActionExecutionRow): ActionInput {
  return JSON.parse(input) as ActionInput; // the engine wrote it
}

function outputOf({ output }: ActionExecutionRow): ActionOutput {
  return JSON.parse(output) as ActionOutput; // the engine wrote it
}
