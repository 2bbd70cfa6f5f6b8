import { findActionType } from "./action-types.ts";
import { type PipelineDeclaration, pipelineTypeOf } from "./definition.ts";
import {
  actionProblem,
  type DefinitionPlace,
  type DefinitionProblem,
  stageProblem,
  structureProblem,
} from "./definition-problem.ts";

/**
 * What needs a V2 pipeline, in one that is V1 by word or by default. An empty list is as good as none.
 *
 * Source: reference §8, probed. That a plain `onFailure.result` counts as a condition is our choice: it is the same
 * feature of V2.
 */
export function* checkPipelineType(
  declaration: PipelineDeclaration,
  where: DefinitionPlace,
): Iterable<DefinitionProblem> {
  if (pipelineTypeOf(declaration) === "V2") return;
  if ((declaration.executionMode ?? "SUPERSEDED") !== "SUPERSEDED") {
    yield structureProblem("QUEUED or PARALLEL mode can only be used with V2 pipelines");
  }
  if (declaration.variables?.length) {
    yield structureProblem("Pipeline variable can only be used with V2 pipelines");
  }
  if (declaration.triggers?.length) {
    yield structureProblem("Triggers on tag can only be used with V2 pipelines");
  }
  if (declaration.stages.some((stage) => stage.beforeEntry ?? stage.onSuccess ?? stage.onFailure)) {
    yield stageProblem("Stage level conditions can only be used with V2 pipelines.");
  }
  for (const provider of v2Providers(declaration, where)) {
    yield actionProblem(`${provider} Action can only be used with V2 pipelines.`);
  }
}

function v2Providers({ stages }: PipelineDeclaration, { registered }: DefinitionPlace): Set<string> {
  const types = stages.flatMap((stage) =>
    stage.actions.map((action) => findActionType(action.actionTypeId, registered)),
  );
  return new Set(types.flatMap((type) => (type?.v2Only ? [type.id.provider] : [])));
}
