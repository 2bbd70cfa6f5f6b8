import {
  type ActionPlace,
  decide,
  type ExecutionMode,
  type Fact,
  idlePipeline,
  isIdle,
  type PipelineEvent,
  type PipelineState,
  type Rejection,
} from "@penstock/pipeline";
import { type ActionOutput, endActionExecution } from "../store/action-execution.ts";
import {
  insertStageExecution,
  retryStageExecution,
  updateExecutionStatus,
  updateStageExecution,
} from "../store/execution.ts";
import { deletePipelineState, findPipelineState, savePipelineState } from "../store/pipeline.ts";
import type { Tx } from "../store/store.ts";
import { deleteWork } from "../store/work.ts";
import type { StoryEntry } from "../story.ts";
import { InvariantError } from "../wire/error.ts";
import type { Declarations } from "./declarations.ts";
import { uuidOfPath } from "./ids.ts";
import type { PipelinePlace } from "./place.ts";
import type { StartedAction } from "./providers/provider.ts";
import { shownConfiguration } from "./registered-types.ts";
import { startAction } from "./start-action.ts";

/*
 * One event, from the stored state to the stored decision, inside a transaction.
 *
 * An action that cannot even start (a variable that nobody set) is a further event on the same state, so
 * the loop runs until nothing new happens, and only then the state is saved.
 */

/** An execution has 500 actions at most, and each can fail at its start once. */
const EVENTS_COUNT_MAX = 10_000;

export interface Happened {
  /** What people are told once it is durable. */
  readonly story: StoryEntry[];
  /** How to begin the work that was promised. */
  readonly begin: (() => void)[];
}

export interface Happening {
  readonly pipeline: PipelinePlace;
  readonly mode: ExecutionMode;
  readonly executionId: string;
  readonly event: PipelineEvent;
  /** What the action of the event left, if the event ends one. */
  readonly output?: ActionOutput;
  /** Stages that nobody may enter, for a state that begins with the event. */
  readonly closed?: readonly string[];
  readonly now: number;
}

export interface HappenContext {
  readonly declarations: Declarations;
  /** Puts the promise of an action's work on record; answers how to begin it after the commit. */
  promise(tx: Tx, action: StartedAction, now: number, happened: Happened): Promise<void>;
}

/** Decides on an event and saves everything that follows from it; answers the refusal if there is one. */
export async function happen(
  tx: Tx,
  happening: Happening,
  context: HappenContext,
  happened: Happened,
): Promise<Rejection | undefined> {
  const { pipeline } = happening;
  const stateId = happening.mode === "PARALLEL" ? `${pipeline.arn}/${happening.executionId}` : pipeline.arn;
  const outputs = new Map<string, ActionOutput>();
  if (happening.event.type === "actionFinished" && happening.output) {
    outputs.set(happening.event.actionExecutionId, happening.output);
  }
  let state = await loadState(tx, stateId, happening);
  const events: PipelineEvent[] = [happening.event];
  for (let count = 0; events.length > 0; count += 1) {
    if (count > EVENTS_COUNT_MAX) throw new InvariantError(`Pipeline ${pipeline.name} had no end of events.`);
    const event = events.shift();
    if (!event) break;
    const decision = decide(state, event);
    if (!decision.ok) {
      if (count === 0) return decision.rejection;
      throw new InvariantError(`An event of ours was refused: ${decision.rejection.reason}`);
    }
    state = decision.state;
    const later: Later = { tx, happening, context, happened, outputs };
    // Facts and starts keep their order in history: an action's start is put on record where its fact stands.
    for (const fact of decision.facts) events.push(...(await record(fact, later)));
  }
  await saveState(tx, stateId, state);
  return undefined;
}

interface Later {
  readonly tx: Tx;
  readonly happening: Happening;
  readonly context: HappenContext;
  readonly happened: Happened;
  /** What actions left, by the core's ids. */
  readonly outputs: Map<string, ActionOutput>;
}

async function loadState(tx: Tx, id: string, { pipeline, mode, closed }: Happening): Promise<PipelineState> {
  const row = await tx.first(findPipelineState, { id });
  if (!row) return idlePipeline(pipeline.name, mode, closed);
  const state = JSON.parse(row.state) as PipelineState; // we wrote it
  return state.executions.length === 0 && state.mode !== mode ? { ...state, mode } : state;
}

async function saveState(tx: Tx, id: string, state: PipelineState): Promise<void> {
  if (isIdle(state)) await tx.run(deletePipelineState, { id });
  else await tx.run(savePipelineState, { id, state: JSON.stringify(state) });
}

async function record(fact: Fact, later: Later): Promise<PipelineEvent[]> {
  const { tx, happening, happened } = later;
  const { pipeline, now } = happening;
  const place = { at: now, pipeline: pipeline.name, executionId: fact.executionId };
  switch (fact.type) {
    case "executionStarted":
      happened.story.push({ ...place, type: "executionStarted" });
      return [];
    case "executionStopping":
      await tx.run(updateExecutionStatus, { id: fact.executionId, status: "Stopping", updated_at: now });
      return [];
    case "executionFinished":
      await tx.run(updateExecutionStatus, { id: fact.executionId, status: fact.status, updated_at: now });
      happened.story.push({ ...place, type: "executionFinished", status: fact.status });
      return [];
    case "stageStarted":
      await tx.run(insertStageExecution, {
        pipeline: pipeline.arn,
        stage: fact.stage,
        execution_id: fact.executionId,
        status: "InProgress",
      });
      happened.story.push({ ...place, stage: fact.stage, type: "stageStarted" });
      return [];
    case "stageFinished":
      await tx.run(updateStageExecution, { execution_id: fact.executionId, stage: fact.stage, status: fact.status });
      happened.story.push({ ...place, stage: fact.stage, type: "stageFinished", status: fact.status });
      return [];
    case "stageRetried":
      await recordRetry(fact, later);
      return [];
    case "actionStarted":
      return await begin(fact, later);
    case "actionFinished":
      await recordActionEnd(fact, later);
      return [];
  }
}

async function recordRetry(
  { executionId, stage, trigger }: Extract<Fact, { type: "stageRetried" }>,
  { tx, happening: { pipeline, now }, happened }: Later,
): Promise<void> {
  const isManual = trigger === "ManualStageRetry";
  await tx.run(updateExecutionStatus, { id: executionId, status: "InProgress", updated_at: now });
  await tx.run(retryStageExecution, {
    execution_id: executionId,
    stage,
    manual: isManual ? 1 : 0,
    automatic: isManual ? 0 : 1,
    last_retry: trigger,
  });
  happened.story.push({ at: now, pipeline: pipeline.name, executionId, stage, type: "stageRetried", trigger });
}

async function begin(
  fact: ActionPlace,
  { tx, happening, context, happened, outputs }: Later,
): Promise<PipelineEvent[]> {
  const { pipeline, now } = happening;
  const { action, error } = await startAction(tx, pipeline, fact, now, context.declarations);
  happened.story.push({
    at: now,
    pipeline: pipeline.name,
    executionId: fact.executionId,
    stage: fact.stage,
    action: fact.action,
    actionExecutionId: action.id,
    type: "actionStarted",
    provider: action.input.actionTypeId.provider,
    configuration: shownConfiguration(action.input.resolvedConfiguration, action.input),
  });
  if (!error) {
    await context.promise(tx, action, now, happened);
    return [];
  }
  outputs.set(fact.actionExecutionId, { error });
  return [
    {
      type: "actionFinished",
      executionId: fact.executionId,
      actionExecutionId: fact.actionExecutionId,
      status: "Failed",
    },
  ];
}

async function recordActionEnd(
  fact: ActionPlace & { readonly status: "Succeeded" | "Failed" | "Abandoned" },
  { tx, happening, happened, outputs }: Later,
): Promise<void> {
  const id = uuidOfPath(fact.actionExecutionId);
  const output = outputs.get(fact.actionExecutionId) ?? {};
  const ended = { id, status: fact.status, output: JSON.stringify(output), updated_at: happening.now };
  await tx.run(endActionExecution, ended);
  if (fact.status === "Abandoned") await tx.run(deleteWork, { id }); // an approval would wait for its end
  happened.story.push({
    at: happening.now,
    pipeline: happening.pipeline.name,
    executionId: fact.executionId,
    stage: fact.stage,
    action: fact.action,
    actionExecutionId: id,
    type: "actionFinished",
    status: fact.status,
    ...(output.error && { error: output.error }),
    outputArtifacts: (output.outputArtifacts ?? []).map(({ name, bucket, key }) => ({ name, bucket, key })),
    outputVariables: output.outputVariables ?? {},
  });
}
