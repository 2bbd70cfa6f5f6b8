import { checkActionTypes, checkConfiguration } from "./check-actions.ts";
import { checkArtifactFlow, checkArtifactStores } from "./check-artifacts.ts";
import { checkConditions } from "./check-conditions.ts";
import { checkPipelineType } from "./check-pipeline-type.ts";
import { checkNamespaces, checkReferences } from "./check-references.ts";
import { checkBlockers, checkNames, checkSourceStage, checkStructureCounts } from "./check-structure.ts";
import { checkTriggers } from "./check-triggers.ts";
import type { PipelineDeclaration } from "./definition.ts";
import type { DefinitionPlace, DefinitionProblem, DefinitionRule } from "./definition-problem.ts";
import { DEFINITION_PROBLEMS_COUNT_MAX } from "./limits.ts";

export type { DefinitionErrorCode, DefinitionPlace, DefinitionProblem } from "./definition-problem.ts";

/*
 * Which of several problems wins is known of no two of the service's checks, so the order is our choice: from the
 * whole to the parts, so that the first text is about the cause and not about what follows from it.
 *
 *  1. how many stages and actions   2. source actions in the first stage, and only there   3. names   4. blockers
 *  5. what needs V2   6. artifact stores and regions   7. action types, artifact counts, commands
 *  8. configuration keys   9. artifacts: unique outputs, inputs from before   10. namespaces and variables
 * 11. references   12. stage conditions   13. triggers
 *
 * Within one of these the order of the declaration counts. The model's constraints come before all of them, on the
 * wire; the service role, which only the engine can try, comes after.
 */
const RULES: readonly DefinitionRule[] = [
  checkStructureCounts,
  checkSourceStage,
  checkNames,
  checkBlockers,
  checkPipelineType,
  checkArtifactStores,
  checkActionTypes,
  checkConfiguration,
  checkArtifactFlow,
  checkNamespaces,
  checkReferences,
  checkConditions,
  checkTriggers,
];

/**
 * Answers the first problem of a declaration, or undefined when the pipeline can be created.
 *
 * Takes a declaration that satisfies the model's constraints; those are not checked again.
 * Source: reference §7, §7.1, §8. Texts that are not from there are marked `Source: our choice` where they stand.
 */
export function checkDefinition(
  declaration: PipelineDeclaration,
  where: DefinitionPlace,
): DefinitionProblem | undefined {
  for (const rule of RULES) for (const problem of rule(declaration, where)) return problem;
  return undefined;
}

/** Answers all problems, in the order of `checkDefinition`; at most `DEFINITION_PROBLEMS_COUNT_MAX`. */
export function checkDefinitionAll(declaration: PipelineDeclaration, where: DefinitionPlace): DefinitionProblem[] {
  const problems: DefinitionProblem[] = [];
  for (const rule of RULES) {
    for (const problem of rule(declaration, where)) {
      problems.push(problem);
      if (problems.length === DEFINITION_PROBLEMS_COUNT_MAX) return problems;
    }
  }
  return problems;
}
