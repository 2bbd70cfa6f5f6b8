import { type PipelineDeclaration, type PlacedAction, placedActions, runsBefore } from "./definition.ts";
import { actionProblem, type DefinitionProblem, describePlace, structureProblem } from "./definition-problem.ts";
import {
  EXECUTION_ID_KEY,
  EXECUTION_NAMESPACE,
  findMalformedReferences,
  findReferences,
  PIPELINE_NAMESPACE,
  RULE_NAMESPACE_PREFIX,
  type VariableReference,
} from "./variables.ts";

/** Namespaces are unique, are no artifact's name and none of the service's own. Source: reference §7.1, §8, §13. */
export function* checkNamespaces(declaration: PipelineDeclaration): Iterable<DefinitionProblem> {
  const actions = placedActions(declaration);
  const artifacts = new Set(
    actions.flatMap(({ action }) => (action.outputArtifacts ?? []).map((artifact) => artifact.name)),
  );
  const reserved = new Set([EXECUTION_NAMESPACE]);
  if (declaration.variables?.length) reserved.add(PIPELINE_NAMESPACE);
  const seen = new Set<string>();
  for (const place of actions) {
    const { namespace } = place.action;
    if (namespace === undefined) continue;
    if (seen.has(namespace)) yield repeatedNamespace(namespace, place);
    seen.add(namespace);
    if (reserved.has(namespace)) yield takenNamespace(namespace, place, "is reserved for the service");
    if (artifacts.has(namespace)) yield takenNamespace(namespace, place, "is the name of an output artifact");
  }
}

function repeatedNamespace(namespace: string, place: PlacedAction): DefinitionProblem {
  return actionProblem(
    "Namespaces must be unique across the pipeline definition. The following occur more than once in the pipeline. " +
      `${describePlace(place)}, Namespace=[${namespace}]`,
  );
}

/** Source: our choice of words. */
function takenNamespace(namespace: string, { action, stage }: PlacedAction, why: string): DefinitionProblem {
  return actionProblem(
    `The namespace '${namespace}' of action '${action.name}' in stage '${stage.name}' ${why}. Choose another name for it`,
  );
}

/** Every reference in a configuration is to something that is known when its action starts. Source: reference §8, §13. */
export function* checkReferences(declaration: PipelineDeclaration): Iterable<DefinitionProblem> {
  const names = collectReferableNames(declaration);
  for (const place of placedActions(declaration)) {
    for (const [key, value] of Object.entries(place.action.configuration ?? {})) {
      for (const text of findMalformedReferences(value)) {
        if (looksLikeReference(text)) yield malformed({ place, key, text });
      }
      for (const reference of findReferences(value)) {
        const problem = checkReference(reference, { place, key, text: reference.text }, names);
        if (problem) yield problem;
      }
    }
  }
}

/** All that a reference can be to. */
export interface ReferableNames {
  /** Declared pipeline variables; absent when the pipeline declares none. */
  readonly variables: ReadonlySet<string> | undefined;
  /** The first action of each namespace. */
  readonly namespaces: ReadonlyMap<string, PlacedAction>;
  readonly rules: ReadonlySet<string>;
}

/** Collects what the references of a pipeline can be to. */
export function collectReferableNames(declaration: PipelineDeclaration): ReferableNames {
  const namespaces = new Map<string, PlacedAction>();
  for (const place of placedActions(declaration)) {
    const { namespace } = place.action;
    if (namespace !== undefined && !namespaces.has(namespace)) namespaces.set(namespace, place);
  }
  const rules = declaration.stages
    .flatMap((stage) => [stage.beforeEntry, stage.onSuccess, stage.onFailure])
    .flatMap((gate) => gate?.conditions ?? [])
    .flatMap((condition) => condition.rules ?? []);
  return {
    variables: declaration.variables?.length
      ? new Set(declaration.variables.map((variable) => variable.name))
      : undefined,
    namespaces,
    rules: new Set(rules.map((rule) => rule.name)),
  };
}

/** Whether a namespace exists anywhere in the pipeline. */
export function isKnownNamespace(namespace: string, names: ReferableNames): boolean {
  if (namespace === EXECUTION_NAMESPACE) return true;
  if (namespace === PIPELINE_NAMESPACE && names.variables) return true;
  if (namespace.startsWith(RULE_NAMESPACE_PREFIX))
    return names.rules.has(namespace.slice(RULE_NAMESPACE_PREFIX.length));
  return names.namespaces.has(namespace);
}

/** Where a reference stands. */
interface ReferencePlace {
  readonly place: PlacedAction;
  readonly key: string;
  readonly text: string;
}

function checkReference(
  { namespace, key }: VariableReference,
  at: ReferencePlace,
  { variables, ...names }: ReferableNames,
): DefinitionProblem | undefined {
  if (!isKnownNamespace(namespace, { variables, ...names })) return unknownNamespace(at);
  if (namespace === EXECUTION_NAMESPACE) return key === EXECUTION_ID_KEY ? undefined : unknownExecutionKey(at);
  if (namespace === PIPELINE_NAMESPACE && variables) {
    if (at.place.action.actionTypeId.category === "Source") return variableInSource(at);
    return variables.has(key) ? undefined : undeclaredVariable(at, variables);
  }
  const producer = names.namespaces.get(namespace);
  return producer && !runsBefore(producer, at.place) ? lateNamespace(at, producer) : undefined;
}

const FORMAT =
  "Valid format for a pipeline execution variable reference is a namespace and a key separated by a period (.). " +
  "The following pipeline execution variables";

function unknownNamespace(at: ReferencePlace): DefinitionProblem {
  return actionProblem(`${FORMAT} are referencing a namespace that does not exist.\n${describe(at)}`);
}

/** Source: our choice of words. */
function malformed(at: ReferencePlace): DefinitionProblem {
  return actionProblem(`${FORMAT} do not have this format.\n${describe(at)}`);
}

/** Source: our choice of words. */
function lateNamespace(at: ReferencePlace, producer: PlacedAction): DefinitionProblem {
  return actionProblem(
    "Variables of an action can only be used in later stages or by actions with a higher run order. The following " +
      `pipeline execution variables are referencing action '${producer.action.name}' in stage ` +
      `'${producer.stage.name}', which does not run before.\n${describe(at)}`,
  );
}

/** Source: our choice of words. */
function unknownExecutionKey(at: ReferencePlace): DefinitionProblem {
  return actionProblem(
    `The namespace ${EXECUTION_NAMESPACE} has only the variable ${EXECUTION_ID_KEY}. The following pipeline execution ` +
      `variables are referencing another.\n${describe(at)}`,
  );
}

function variableInSource(at: ReferencePlace): DefinitionProblem {
  return structureProblem(`Variables at the pipeline level cannot be used in source actions.\n${describe(at)}`);
}

/** Source: our choice of words. */
function undeclaredVariable(at: ReferencePlace, variables: ReadonlySet<string>): DefinitionProblem {
  return structureProblem(
    `The referenced variables haven't been declared. The pipeline declares ${[...variables].join(", ")}.\n${describe(at)}`,
  );
}

/** Source: aws/aws-cdk#17272 quotes the places of a reference; its text is without `#{` and `}`. */
function describe({ place, key, text }: ReferencePlace): string {
  return `${describePlace(place)}, ActionConfigurationKey=[${key}], VariableReferenceText=[${text}]`;
}

/** Whether a malformed text was likely meant as a reference; code of some language in braces was not. Source: our choice. */
function looksLikeReference(text: string): boolean {
  return /^[A-Za-z0-9@\-_.]*$/.test(text);
}
