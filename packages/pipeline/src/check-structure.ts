import type { PipelineDeclaration, StageDeclaration } from "./definition.ts";
import {
  actionProblem,
  blockerProblem,
  type DefinitionProblem,
  repeatedNames,
  stageProblem,
  structureProblem,
} from "./definition-problem.ts";
import { PIPELINE_ACTIONS_COUNT_MAX, STAGE_ACTIONS_COUNT_MAX, STAGES_COUNT_MAX, STAGES_COUNT_MIN } from "./limits.ts";

/** How many stages and actions there are. Source: reference §7.1, §8. */
export function* checkStructureCounts({ stages }: PipelineDeclaration): Iterable<DefinitionProblem> {
  if (stages.length < STAGES_COUNT_MIN) {
    yield structureProblem(
      `Pipeline has only ${stages.length} stage(s). There should be a minimum of ${STAGES_COUNT_MIN} stages in a pipeline`,
    );
  }
  if (stages.length > STAGES_COUNT_MAX) {
    yield structureProblem(
      `Pipeline has too many stages. There can only be up to ${STAGES_COUNT_MAX} stages in a pipeline`,
    );
  }
  for (const stage of stages) yield* checkActionCount(stage);
  const actions = stages.reduce((count, stage) => count + stage.actions.length, 0);
  if (actions > PIPELINE_ACTIONS_COUNT_MAX) {
    // Source: our choice of words.
    yield structureProblem(
      `Pipeline has ${actions} actions. There can only be up to ${PIPELINE_ACTIONS_COUNT_MAX} actions in a pipeline`,
    );
  }
}

/** The limit of a stage holds for its parallel and for its sequential actions as well. Source: our choice of words. */
function* checkActionCount({ name, actions }: StageDeclaration): Iterable<DefinitionProblem> {
  if (actions.length === 0) {
    yield stageProblem(`Stage '${name}' has no actions. There should be a minimum of 1 action in a stage`);
  }
  if (actions.length > STAGE_ACTIONS_COUNT_MAX) {
    yield stageProblem(
      `Stage '${name}' has ${actions.length} actions. There can only be up to ${STAGE_ACTIONS_COUNT_MAX} actions in a stage`,
    );
  }
}

/** Source actions make up the first stage, and stand nowhere else. Source: reference §8. */
export function* checkSourceStage({ stages }: PipelineDeclaration): Iterable<DefinitionProblem> {
  const [first, ...later] = stages.map((stage) => stage.actions.map((action) => action.actionTypeId.category));
  if (first?.some((category) => category !== "Source")) {
    yield structureProblem("Pipeline should start with a stage that only contains source actions");
  }
  if (later.flat().includes("Source")) {
    yield structureProblem("Source actions can only be included in the first stage of the pipeline");
  }
  if ([first ?? [], ...later].flat().every((category) => category === "Source")) {
    yield structureProblem("Pipeline should contain at least 1 action whose category is not Source");
  }
}

/** Names that must be unique: stages in the pipeline, actions in their stage, variables. Source: reference §7.1, §8. */
export function* checkNames({ stages, variables = [] }: PipelineDeclaration): Iterable<DefinitionProblem> {
  for (const name of repeatedNames(stages.map((stage) => stage.name))) {
    yield stageProblem(`Stage name '${name}' is used more than once`);
  }
  for (const stage of stages) {
    for (const name of repeatedNames(stage.actions.map((action) => action.name))) {
      // Source: our choice of words, after the stage's.
      yield actionProblem(`Action name '${name}' is used more than once in stage '${stage.name}'`);
    }
  }
  for (const name of repeatedNames(variables.map((variable) => variable.name))) {
    yield structureProblem(`Variable names must be unique. The following variable name is already in use: ${name}`);
  }
}

/** Blockers are reserved by the service; only their names can be wrong. Source: our choice of rule and words. */
export function* checkBlockers({ stages }: PipelineDeclaration): Iterable<DefinitionProblem> {
  for (const { name: stage, blockers = [] } of stages) {
    for (const name of repeatedNames(blockers.map((blocker) => blocker.name))) {
      yield blockerProblem(`Blocker name '${name}' is used more than once in stage '${stage}'`);
    }
  }
}
