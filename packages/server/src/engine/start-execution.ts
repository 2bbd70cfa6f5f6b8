import type { NormalisedDeclaration, StageStructure, Structure } from "@penstock/pipeline";
import { findExecutionByToken, insertExecution, type SourceOverride } from "../store/execution.ts";
import { findPipeline } from "../store/pipeline.ts";
import type { Tx } from "../store/store.ts";
import { type HappenContext, type Happened, happen } from "./happen.ts";
import type { PipelinePlace } from "./place.ts";
import { closedStages } from "./set-transition.ts";

export interface StartExecution {
  readonly pipeline: PipelinePlace;
  readonly executionId: string;
  readonly trigger: { readonly triggerType: string; readonly triggerDetail?: string };
  readonly variables?: Readonly<Record<string, string>>;
  readonly clientRequestToken?: string;
  readonly overrides?: readonly SourceOverride[];
}

/**
 * Puts an execution on record and lets it begin. Answers its id, or the one that the same token started
 * before, or nothing when there is no such pipeline.
 */
export async function startExecution(
  tx: Tx,
  request: StartExecution,
  now: number,
  context: HappenContext,
  happened: Happened,
): Promise<string | undefined> {
  const { pipeline, executionId, clientRequestToken } = request;
  const row = await tx.first(findPipeline, { arn: pipeline.arn });
  if (!row) return undefined;
  if (clientRequestToken !== undefined) {
    const seen = await tx.first(findExecutionByToken, { pipeline: pipeline.arn, client_token: clientRequestToken });
    if (seen) return seen.id;
  }
  const declaration = await context.declarations.get(tx, pipeline.arn, row.version);
  const { values, missing } = variablesOf(declaration, request.variables ?? {});
  await tx.run(insertExecution, {
    id: executionId,
    pipeline: pipeline.arn,
    pipeline_version: row.version,
    status: missing.length > 0 ? "Failed" : "InProgress",
    status_summary: missing.length > 0 ? missingText(missing) : null,
    mode: declaration.executionMode,
    trigger: JSON.stringify(request.trigger),
    variables: JSON.stringify(values),
    overrides: JSON.stringify(request.overrides ?? []),
    revisions: "[]",
    stop_reason: null,
    client_token: clientRequestToken ?? null,
    started_at: now,
    updated_at: now,
  });
  if (missing.length > 0) {
    const place = { at: now, pipeline: pipeline.name, executionId };
    happened.story.push(
      { ...place, type: "executionStarted" },
      { ...place, type: "note", message: missingText(missing) },
    );
    happened.story.push({ ...place, type: "executionFinished", status: "Failed" });
    return executionId;
  }
  const structure = structureOf(declaration);
  const event = { type: "executionStarted", executionId, version: row.version, structure } as const;
  const closed = closedStages(row);
  await happen(tx, { pipeline, mode: declaration.executionMode, executionId, event, closed, now }, context, happened);
  for (const message of unevaluatedGates(declaration)) {
    happened.story.push({ at: now, pipeline: pipeline.name, executionId, type: "note", message });
  }
  return executionId;
}

/**
 * What is said of the conditions of stages, which are kept and not evaluated.
 *
 * Source: our choice. A stage that failed for want of a rule could not be tried here at all; one that passes without a
 * word would be a lie.
 */
function unevaluatedGates({ stages }: NormalisedDeclaration): readonly string[] {
  return stages.flatMap((stage) => {
    const gates = (["beforeEntry", "onSuccess", "onFailure"] as const).filter(
      (gate) => stage[gate]?.conditions?.length,
    );
    if (gates.length === 0) return [];
    return [
      `Stage ${stage.name} has conditions (${gates.join(", ")}). Penstock does not evaluate them: the stage goes on as if their rules had succeeded.`,
    ];
  });
}

function structureOf(declaration: NormalisedDeclaration): Structure {
  return {
    stages: declaration.stages.map(({ name, actions, onFailure }) => ({
      name,
      actions: actions.map((action) => ({ name: action.name, runOrder: action.runOrder })),
      ...retryOf(onFailure),
    })),
  };
}

/** Source: reference §10.5; that a retry without a mode is one of the failed actions is our choice, the cheaper one. */
function retryOf(
  onFailure: NormalisedDeclaration["stages"][number]["onFailure"],
): Pick<StageStructure, "retryOnFailure"> {
  if (onFailure?.result !== "RETRY") return {};
  return { retryOnFailure: onFailure.retryConfiguration?.retryMode ?? "FAILED_ACTIONS" };
}

/** Source: reference §10.7: unknown names are ignored; a missing one fails the execution, not the call. */
function variablesOf(declaration: NormalisedDeclaration, given: Readonly<Record<string, string>>) {
  const values: Record<string, string> = {};
  const missing: string[] = [];
  for (const { name, defaultValue } of declaration.variables ?? []) {
    const value = given[name] ?? defaultValue;
    if (value === undefined) missing.push(name);
    else values[name] = value;
  }
  return { values, missing };
}

/** Source: reference §10.7. */
function missingText(names: readonly string[]): string {
  return `Values for required variables haven't been provided: ${names.join(",")}`;
}
