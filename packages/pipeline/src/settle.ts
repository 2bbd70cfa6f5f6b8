import {
  type ActionPlace,
  type FinishedStatus,
  InvariantError,
  type Outcome,
  type StageEndStatus,
} from "./decision.ts";
import { retryStage } from "./retry.ts";
import {
  type ActionState,
  type ExecutionState,
  hasFailed,
  type PipelineState,
  type StageStructure,
  stageOf,
} from "./state.ts";

/*
 * Moves whatever can move, until nothing can. The rules meet here:
 *
 * P1  A stage holds one execution at a time, except in PARALLEL mode.
 * P2  In SUPERSEDED mode at most one execution waits before a stage: the one that started last.
 * P3  Within a stage, actions of a run order start when all of the lower ones have succeeded.
 * P4  A failed action ends its stage and execution, once nothing else of the stage runs.
 * P5  A stopping execution starts nothing more, and ends once nothing of it runs.
 * P6  Who started first enters first.
 * P7  Nobody enters a stage whose transition is disabled; a retry does not enter, it is in the stage already.
 * P8  A failed stage that retries by itself does so once.
 * P9  An execution whose pipeline was updated starts nothing more, and is cancelled once nothing of it runs.
 */

/** More rounds than any pipeline can need: every round ends, enters, starts or removes something. */
const ROUNDS_MAX = 100_000;

/** Moves whatever can move in a state to which something has just happened. */
export function settle(state: PipelineState, out: Outcome): void {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    if (!state.executions.some((execution) => advance(state, execution, out))) return;
  }
  throw new InvariantError(`Pipeline ${state.pipeline} did not settle in ${ROUNDS_MAX} rounds.`);
}

/** Moves one execution a step; answers whether it moved. */
function advance(state: PipelineState, execution: ExecutionState, out: Outcome): boolean {
  const stage = stageOf(execution);
  if (!stage) return finish(state, execution, "Succeeded", out);
  if (!execution.entered) return enterOrWait(state, execution, stage, out);
  const actions = Object.values(execution.actions);
  const isRunning = actions.some(({ status }) => status === "InProgress");
  const ending = endingOf(execution);
  if (ending) return !isRunning && leave(state, execution, stage, ending, out);
  if (actions.some(hasFailed)) return !isRunning && retryOrFail(state, execution, stage, out);
  const next = nextRunOrder(execution, stage);
  if (next === undefined) return !isRunning && leave(state, execution, stage, "Succeeded", out);
  if (isRunning && !runs(execution, stage, next)) return false;
  startRunOrder(execution, stage, next, out);
  return true;
}

/** As what an execution ends that starts nothing more; nothing for one that goes on. */
function endingOf({ status, isOutdated }: ExecutionState): "Stopped" | "Cancelled" | undefined {
  if (status === "Stopping") return "Stopped";
  return isOutdated ? "Cancelled" : undefined;
}

function retryOrFail(state: PipelineState, execution: ExecutionState, stage: StageStructure, out: Outcome): boolean {
  const { retryOnFailure } = stage;
  if (!retryOnFailure || execution.wasRetried) return leave(state, execution, stage, "Failed", out);
  retryStage(execution, retryOnFailure, "AutomatedStageRetry", out);
  return true;
}

function enterOrWait(state: PipelineState, execution: ExecutionState, stage: StageStructure, out: Outcome): boolean {
  const ending = endingOf(execution);
  if (ending) return finish(state, execution, ending, out);
  if (state.mode === "SUPERSEDED" && newerWaitsBefore(state, execution, stage.name)) {
    return finish(state, execution, "Superseded", out);
  }
  if (state.closed?.includes(stage.name)) return false;
  if (state.mode !== "PARALLEL" && mustWait(state, execution, stage.name)) return false;
  execution.entered = true;
  execution.actions = {};
  execution.attempt = 1;
  delete execution.wasRetried;
  forgetRetryable(state, stage.name);
  out.facts.push({ type: "stageStarted", executionId: execution.id, stage: stage.name });
  return true;
}

/** Who was here before cannot be retried any more. */
function forgetRetryable(state: PipelineState, stage: string): void {
  const left = state.retryable?.filter((other) => stageOf(other)?.name !== stage) ?? [];
  if (left.length > 0) state.retryable = left;
  else delete state.retryable;
}

function mustWait(state: PipelineState, execution: ExecutionState, stage: string): boolean {
  return state.executions.some((other, index) => {
    if (other === execution || stageOf(other)?.name !== stage) return false;
    return other.entered || index < state.executions.indexOf(execution);
  });
}

/** The stage is occupied or closed, and a later start already waits for it: the earlier one gives way. */
function newerWaitsBefore(state: PipelineState, execution: ExecutionState, stage: string): boolean {
  const place = state.executions.indexOf(execution);
  const atStage = state.executions.filter((other) => stageOf(other)?.name === stage);
  const newerWaits = atStage.some((other) => !other.entered && state.executions.indexOf(other) > place);
  return newerWaits && (atStage.some((other) => other.entered) || state.closed?.includes(stage) === true);
}

function nextRunOrder(execution: ExecutionState, stage: StageStructure): number | undefined {
  const waiting = stage.actions.filter(({ name }) => !execution.actions[name]).map(({ runOrder }) => runOrder);
  return waiting.length === 0 ? undefined : Math.min(...waiting);
}

/** Whether something of a run order is under way: only beside it may what failed of it be started again. */
function runs({ actions }: ExecutionState, stage: StageStructure, runOrder: number): boolean {
  return stage.actions.some((action) => action.runOrder === runOrder && actions[action.name]?.status === "InProgress");
}

/** Starts those of a run order that have not been started; after a retry some may have succeeded before. */
function startRunOrder(execution: ExecutionState, stage: StageStructure, runOrder: number, out: Outcome): void {
  const { id, attempt } = execution;
  for (const { name } of stage.actions.filter((action) => action.runOrder === runOrder)) {
    if (execution.actions[name]) continue;
    const action: ActionState = { id: `${id}/${stage.name}/${name}/${attempt}`, status: "InProgress" };
    execution.actions[name] = action;
    const place = actionPlace(execution, name, action);
    out.facts.push({ type: "actionStarted", ...place });
    out.effects.push({ type: "startAction", ...place });
  }
}

function leave(
  state: PipelineState,
  execution: ExecutionState,
  stage: StageStructure,
  status: StageEndStatus,
  out: Outcome,
): boolean {
  out.facts.push({ type: "stageFinished", executionId: execution.id, stage: stage.name, status });
  if (status !== "Succeeded") {
    // What was cancelled is of another version, which cannot be retried.
    if (status !== "Cancelled") state.retryable = [...(state.retryable ?? []), execution];
    return finish(state, execution, status, out);
  }
  execution.stage += 1;
  execution.entered = false;
  execution.actions = {};
  return true;
}

function finish(state: PipelineState, execution: ExecutionState, status: FinishedStatus, out: Outcome): boolean {
  state.executions = state.executions.filter((other) => other !== execution);
  out.facts.push({ type: "executionFinished", executionId: execution.id, status });
  return true;
}

/** Names an action of the stage that an execution is in. */
export function actionPlace(execution: ExecutionState, action: string, { id }: ActionState): ActionPlace {
  const stage = stageOf(execution)?.name;
  if (stage === undefined) throw new InvariantError(`Execution ${execution.id} is past its last stage.`);
  return { executionId: execution.id, version: execution.version, stage, action, actionExecutionId: id };
}
