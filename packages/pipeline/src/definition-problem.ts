import type { ActionType } from "./action-types.ts";
import type { PipelineDeclaration, PlacedAction } from "./definition.ts";

/** What is wrong with a declaration, in the service's own exception and words where they are known. */
export interface DefinitionProblem {
  readonly code: DefinitionErrorCode;
  readonly message: string;
}

/** The exceptions of CreatePipeline and UpdatePipeline that speak of the declaration. */
export type DefinitionErrorCode =
  | "InvalidStructureException"
  | "InvalidStageDeclarationException"
  | "InvalidActionDeclarationException"
  | "InvalidBlockerDeclarationException"
  | "ValidationException";

/** Where a pipeline is to live. */
export interface DefinitionPlace {
  /** Such as `us-east-1`. */
  readonly region: string;
  /** The action types of customers and partners that are registered there. Absent: any custom type is taken. */
  readonly registered?: readonly ActionType[];
}

/** One part of the check: gives its problems one by one, so that who wants the first pays for no more. */
export type DefinitionRule = (declaration: PipelineDeclaration, where: DefinitionPlace) => Iterable<DefinitionProblem>;

export function structureProblem(message: string): DefinitionProblem {
  return { code: "InvalidStructureException", message };
}

export function stageProblem(message: string): DefinitionProblem {
  return { code: "InvalidStageDeclarationException", message };
}

export function actionProblem(message: string): DefinitionProblem {
  return { code: "InvalidActionDeclarationException", message };
}

export function blockerProblem(message: string): DefinitionProblem {
  return { code: "InvalidBlockerDeclarationException", message };
}

export function validationProblem(message: string): DefinitionProblem {
  return { code: "ValidationException", message };
}

/** An action's place as the service's texts show it. */
export function describePlace({ stage, action }: PlacedAction): string {
  return `StageName=[${stage.name}], ActionName=[${action.name}]`;
}

/** The names that stand in a list more than once, each once, in the order in which they come back. */
export function repeatedNames(names: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) repeated.add(name);
    seen.add(name);
  }
  return repeated;
}
