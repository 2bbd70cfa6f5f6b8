import type { NormalisedDeclaration } from "@penstock/pipeline";
import { type PipelinePlace, pipelinePlace } from "../../engine/place.ts";
import { type ExecutionRow, findExecution } from "../../store/execution.ts";
import { findPipeline, type PipelineTable } from "../../store/pipeline.ts";
import type { Call } from "../../wire/operation.ts";
import type { CodePipeline } from "./context.ts";
import { executionNotFound, pipelineNotFound, stageNotFound } from "./errors.ts";

/** Names a pipeline of the caller's account and region. */
export function placeOf(name: string, call: Call): PipelinePlace {
  return pipelinePlace(call.principal.account, call.region, name);
}

/** Answers a pipeline of the caller's, or throws `PipelineNotFoundException`. */
export async function requirePipeline(name: string, { store }: CodePipeline, call: Call): Promise<PipelineTable> {
  const row = await store.read.first(findPipeline, { arn: placeOf(name, call).arn });
  if (!row) throw pipelineNotFound(call.principal.account, name);
  return row;
}

/** The declaration that a pipeline has now. */
export async function currentDeclaration(row: PipelineTable, context: CodePipeline): Promise<NormalisedDeclaration> {
  return await context.declarations.get(context.store.read, row.arn, row.version);
}

/** Answers a stage of a declaration with its place in the order, or throws `StageNotFoundException`. */
export function requireStage({ name, stages }: NormalisedDeclaration, stageName: string) {
  const index = stages.findIndex((stage) => stage.name === stageName);
  const stage = stages[index];
  if (!stage) throw stageNotFound(name, stageName);
  return { stage, next: stages[index + 1] };
}

/** Answers an execution of a pipeline, or throws `PipelineExecutionNotFoundException`. */
export async function requireExecution(
  pipeline: PipelineTable,
  id: string,
  { store }: CodePipeline,
): Promise<ExecutionRow> {
  const row = await store.read.first(findExecution, { id });
  if (row?.pipeline !== pipeline.arn) throw executionNotFound(pipeline.name, id);
  return row;
}
