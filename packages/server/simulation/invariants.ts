import { isDeepStrictEqual } from "node:util";
import type { ActionState, ExecutionState, JobReport, StageStructure } from "@penstock/pipeline";
import { uuidOfPath } from "../src/engine/ids.ts";
import type { ActionInput, ActionOutput } from "../src/store/action-execution.ts";
import type { JobTable } from "../src/store/job.ts";
import type { Rows } from "./observer.ts";

/*
 * What must hold of the rows after every commit, whatever crashed before it. P1 to P6 and P9 are the core's (settle.ts);
 *
 * S5  What has ended stays as it ended: an execution, an action, a job and its report.
 * S6  Whatever runs has something on record that will end it.
 * S7  Rows that lists show say what the state says.
 * S8  A job's report is what its action's next job or its result is made of.
 *
 * S1 to S4 and S9 are about what was answered: witness.ts. S10 to S12 are about the end of a run: end-of-run.ts.
 */

type Check = (rows: Rows, before: Rows | undefined) => Generator<string>;

const CHECKS: readonly Check[] = [p1, p2, p3, p4AndP5, p5, p6, p9, s5, s6, s7, s7Back, s8];

/** All that is wrong with the rows, by themselves and as what came after `before`. */
export function complaints(rows: Rows, before: Rows | undefined): string[] {
  return CHECKS.flatMap((check) => [...check(rows, before)]);
}

const ENDED = ["Succeeded", "Failed", "Stopped", "Superseded", "Cancelled", "Abandoned"];

export function hasEnded({ status }: { readonly status: string }): boolean {
  return ENDED.includes(status);
}

function stageOf({ structure, stage }: ExecutionState): StageStructure | undefined {
  return structure.stages[stage];
}

/** Executions of a state by the stage that they are in or before. */
function* byStage({ states }: Rows) {
  for (const { mode, executions } of states) {
    for (const [stage, list] of Map.groupBy(executions, (execution) => stageOf(execution)?.name ?? "")) {
      yield { mode, stage, list };
    }
  }
}

function* p1(rows: Rows): Generator<string> {
  for (const { mode, stage, list } of byStage(rows)) {
    if (mode === "PARALLEL" && list.length > 1) yield `P1 a state of one parallel execution holds ${list.length}`;
    const inside = list.filter(({ entered }) => entered).map(({ id }) => id);
    if (inside.length > 1) yield `P1 ${stage} holds ${inside.join(" and ")}`;
  }
}

function* p2(rows: Rows): Generator<string> {
  for (const { mode, stage, list } of byStage(rows)) {
    const waiting = list.filter(({ entered }) => !entered).map(({ id }) => id);
    if (mode === "SUPERSEDED" && waiting.length > 1) yield `P2 ${waiting.join(" and ")} wait before ${stage}`;
  }
}

function* p3({ states }: Rows): Generator<string> {
  for (const execution of states.flatMap(({ executions }) => executions)) {
    const actions = stageOf(execution)?.actions ?? [];
    for (const { name, runOrder } of actions) {
      if (!execution.actions[name]) continue;
      const lower = actions.filter((other) => other.runOrder < runOrder);
      const open = lower.find((other) => execution.actions[other.name]?.status !== "Succeeded");
      if (open) yield `P3 ${execution.id}: ${name} was started before ${open.name} had succeeded`;
    }
  }
}

function* p4AndP5({ states }: Rows): Generator<string> {
  for (const execution of states.flatMap(({ executions }) => executions)) {
    const statuses = Object.values(execution.actions).map(({ status }) => status);
    if (statuses.includes("InProgress")) continue;
    if (statuses.includes("Failed")) yield `P4 ${execution.id} goes on after a failure with nothing running`;
    if (execution.status === "Stopping") yield `P5 ${execution.id} is stopping with nothing running`;
  }
}

function* p5(rows: Rows, before: Rows | undefined): Generator<string> {
  for (const { id } of before?.executions.filter(({ status }) => status === "Stopping") ?? []) {
    if (before && startedBy(id, rows) > startedBy(id, before)) yield `P5 ${id} started an action while it was stopping`;
  }
}

/** How many actions an execution has started. */
const startedBy = (id: string, { actions }: Rows) => actions.filter(({ execution_id }) => execution_id === id).length;

function* p6({ executions, stages }: Rows): Generator<string> {
  if (executions[0]?.mode === "PARALLEL") return;
  const order = new Map(executions.map(({ id, seq }) => [id, seq]));
  for (const [stage, list] of Map.groupBy(stages, (row) => row.stage)) {
    const entered = list.map(({ execution_id }) => order.get(execution_id) ?? 0);
    if (entered.some((seq, index) => seq < (entered[index - 1] ?? 0))) yield `P6 ${stage} was entered out of order`;
  }
}

function* p9(rows: Rows, before: Rows | undefined): Generator<string> {
  for (const { id, actions: own } of rows.states.flatMap(({ executions }) =>
    executions.filter((one) => one.isOutdated),
  )) {
    if (!Object.values(own).some(({ status }) => status === "InProgress"))
      yield `P9 ${id} is outdated and nothing runs`;
    const wasOutdated = before?.states.some(({ executions }) =>
      executions.some((other) => other.id === id && other.isOutdated),
    );
    if (before && wasOutdated && startedBy(id, rows) > startedBy(id, before)) yield `P9 ${id} started an action`;
  }
}

function* s5(rows: Rows, before: Rows | undefined): Generator<string> {
  for (const table of ["executions", "actions", "jobs"] as const) {
    const now = new Map(rows[table].map((row) => [row.id, row]));
    for (const row of before?.[table] ?? []) {
      if (row.status === "Dispatched" || row.status === "Stopping" || row.status === "InProgress") continue;
      if (!isDeepStrictEqual(now.get(row.id), row)) yield `S5 ${table} ${row.id} ended and then changed`;
    }
  }
}

function* s6({ actions, jobs, work }: Rows): Generator<string> {
  const promised = new Set(work.map(({ id }) => id));
  const jobsByAction = Map.groupBy(jobs, (job) => job.action_execution_id);
  for (const { id, status, action } of actions) {
    if (status !== "InProgress") continue;
    const last = jobsByAction.get(id)?.at(-1);
    const comes = last ? last.status === "Dispatched" || promised.has(last.id) : promised.has(id);
    if (!comes) yield `S6 ${action} ${id} runs and nothing on record will end it`;
  }
}

function* s7({ states, executions, stages, actions }: Rows): Generator<string> {
  const shown = new Map(executions.map((row) => [row.id, row.status]));
  const passages = new Map(stages.map((row) => [`${row.execution_id}/${row.stage}`, row.status]));
  const actionStatus = new Map(actions.map((row) => [row.id, row.status]));
  for (const execution of states.flatMap((state) => state.executions)) {
    const { id, status, stage, entered, structure } = execution;
    if (shown.get(id) !== status) yield `S7 ${id} is ${status} but shown as ${shown.get(id)}`;
    for (const [index, { name }] of structure.stages.entries()) {
      const wanted = index < stage ? "Succeeded" : index === stage && entered ? "InProgress" : undefined;
      const found = passages.get(`${id}/${name}`);
      if (found !== wanted) yield `S7 ${id}/${name} is ${wanted} but shown as ${found}`;
    }
    for (const action of Object.values(execution.actions)) {
      const found = actionStatus.get(uuidOfPath(action.id));
      if (found !== action.status) yield `S7 ${action.id} is ${action.status} but shown as ${found}`;
    }
  }
}

/** The other way round: what is shown as running is in the state. */
function* s7Back({ states, executions, stages, actions }: Rows): Generator<string> {
  const inState = new Map(states.flatMap((state) => state.executions.map((execution) => [execution.id, execution])));
  for (const row of executions)
    if (!hasEnded(row) && !inState.has(row.id)) yield `S7 ${row.id} is shown as ${row.status}`;
  for (const row of stages) {
    if (hasEnded(row) || inState.get(row.execution_id)?.entered) continue;
    yield `S7 ${row.execution_id}/${row.stage} is shown as ${row.status}`;
  }
  for (const row of actions) {
    if (hasEnded(row)) continue;
    const action: ActionState | undefined = inState.get(row.execution_id)?.actions[row.action];
    if (action?.status !== "InProgress") yield `S7 ${row.execution_id}/${row.action} is shown as ${row.status}`;
  }
}

function* s8({ actions, jobs }: Rows): Generator<string> {
  const byAction = Map.groupBy(jobs, (job) => job.action_execution_id);
  for (const { id, action, status, input, output } of actions) {
    const chain = byAction.get(id) ?? [];
    for (const [index, job] of chain.entries()) {
      const token = tokenOf(chain[index - 1]);
      if (job.number !== index + 1) yield `S8 ${action} ${id} has no job ${index + 1}`;
      if (job.continuation_token !== token) yield `S8 job ${job.id} was given ${job.continuation_token}, not ${token}`;
    }
    if (status !== "Succeeded" && status !== "Failed") continue;
    const { actionTypeId } = JSON.parse(input) as ActionInput; // the engine wrote both
    const result = JSON.parse(output) as ActionOutput;
    if (actionTypeId.provider === "Lambda") yield* resultOfJob(`${action} ${id}`, status, result, chain.at(-1));
  }
}

function* resultOfJob(action: string, status: string, output: ActionOutput, job: JobTable | undefined) {
  const report = reportOf(job);
  if (status === "Failed") {
    if (!output.error) yield `S8 ${action} failed without an error`;
    if (report?.type === "success") yield `S8 ${action} failed, but its last job succeeded`;
    if (report?.type === "failure" && output.error?.message !== report.message) yield `S8 ${action} has another error`;
    return;
  }
  if (report?.type !== "success" || report.continuationToken !== undefined) {
    yield `S8 ${action} succeeded, but the report of its last job is ${job?.report}`;
  } else if (!isDeepStrictEqual(output.outputVariables, report.outputVariables ?? {})) {
    yield `S8 ${action} has other variables than its last job reported`;
  }
}

function tokenOf(job: JobTable | undefined): string | null {
  const report = reportOf(job);
  return (report?.type === "success" && report.continuationToken) || null;
}

export function reportOf(job: JobTable | undefined): JobReport | undefined {
  return job?.report == null ? undefined : (JSON.parse(job.report) as JobReport); // the engine wrote it
}
