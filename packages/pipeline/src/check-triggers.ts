import { type GitConfiguration, type PipelineDeclaration, placedActions } from "./definition.ts";
import { type DefinitionProblem, repeatedNames, structureProblem } from "./definition-problem.ts";

/**
 * Triggers are for source actions with a connection, one for each, with filters that can be told apart.
 * Source: reference §8 for the action that is referred to; §7 for the rest, as CDK holds it, in words of our choice.
 */
export function* checkTriggers(declaration: PipelineDeclaration): Iterable<DefinitionProblem> {
  const triggers = declaration.triggers ?? [];
  const connections = new Set(
    placedActions(declaration)
      .filter(({ action }) => action.actionTypeId.provider === "CodeStarSourceConnection")
      .map(({ action }) => action.name),
  );
  for (const { gitConfiguration } of triggers) {
    if (!connections.has(gitConfiguration.sourceActionName)) {
      yield structureProblem("Triggers for connections must reference a CodeStarSourceConnection action.");
    }
    yield* checkFilters(gitConfiguration);
  }
  for (const name of repeatedNames(triggers.map((trigger) => trigger.gitConfiguration.sourceActionName))) {
    yield structureProblem(
      `Source action '${name}' has more than one trigger. There can only be 1 for a source action`,
    );
  }
}

function* checkFilters({
  sourceActionName,
  push = [],
  pullRequest = [],
}: GitConfiguration): Iterable<DefinitionProblem> {
  const trigger = `of the trigger for source action '${sourceActionName}'`;
  for (const filter of push) {
    if (filter.filePaths && !filter.branches) {
      yield structureProblem(
        `A push filter ${trigger} has file paths but no branches. File paths must come with branches`,
      );
    } else if (!filter.tags && !filter.branches) {
      yield structureProblem(`A push filter ${trigger} has neither tags nor branches. It must have one of them`);
    }
  }
  for (const filter of pullRequest) {
    if (!filter.branches) {
      yield structureProblem(`A pull request filter ${trigger} has no branches. It must have them`);
    }
  }
}
