import { RULE_PROVIDERS } from "./action-types.ts";
import { collectReferableNames, isKnownNamespace, type ReferableNames } from "./check-references.ts";
import type {
  Condition,
  ConditionResult,
  PipelineDeclaration,
  RuleDeclaration,
  StageDeclaration,
} from "./definition.ts";
import { type DefinitionProblem, repeatedNames, stageProblem } from "./definition-problem.ts";
import { findReferences } from "./variables.ts";

/** Where in a stage a condition stands, and which results it can have there. Source: reference §15. */
const RESULTS = {
  beforeEntry: ["FAIL", "SKIP"],
  onSuccess: ["ROLLBACK", "FAIL"],
  onFailure: ["ROLLBACK"],
} as const satisfies Record<string, readonly ConditionResult[]>;

type Gate = keyof typeof RESULTS;

/** Results of `onFailure` without a condition; FAIL is what happens anyway. Source: reference §15. */
const PLAIN_FAILURE_RESULTS: readonly ConditionResult[] = ["ROLLBACK", "RETRY", "FAIL"];

/** The only rules that can skip a stage. Source: reference §15. */
const SKIPPING_PROVIDERS: readonly string[] = ["LambdaInvoke", "VariableCheck"];

/**
 * What stands at the gates of each stage: before entry, on success, on failure.
 * Source: reference §8, §15; words that are not from §8 are our choice.
 */
export function* checkConditions(declaration: PipelineDeclaration): Iterable<DefinitionProblem> {
  const names = collectReferableNames(declaration);
  for (const stage of declaration.stages) {
    yield* checkFailureGate(stage);
    if (declaration.executionMode === "PARALLEL") yield* checkNoRollback(stage);
    for (const gate of ["beforeEntry", "onSuccess", "onFailure"] as const) {
      for (const condition of stage[gate]?.conditions ?? []) yield* checkCondition(condition, gate, stage.name, names);
    }
  }
}

function* checkFailureGate({ name, onFailure }: StageDeclaration): Iterable<DefinitionProblem> {
  if (!onFailure) return;
  const { result, conditions, retryConfiguration } = onFailure;
  if (result && conditions) {
    // The closing quote is missing in the service's text.
    yield stageProblem(
      "The following stage cannot have a failure exit gate configured with both top level result and conditions: " +
        `'${name}`,
    );
  }
  if (result && !PLAIN_FAILURE_RESULTS.includes(result)) {
    yield stageProblem(
      `The result ${result} cannot be used on failure of stage '${name}'. It must be one of ${PLAIN_FAILURE_RESULTS.join(", ")}`,
    );
  }
  if (retryConfiguration && result !== "RETRY") {
    yield stageProblem(
      `Stage '${name}' has a retry configuration on failure. It can only be used with the result RETRY`,
    );
  }
}

/** Source: reference §8 for failure; the words for success are ours after it. */
function* checkNoRollback({ onFailure, onSuccess }: StageDeclaration): Iterable<DefinitionProblem> {
  const isRollback = (condition: { readonly result?: ConditionResult }) => condition.result === "ROLLBACK";
  const gates = [
    ["Failure", [...(onFailure ? [onFailure] : []), ...(onFailure?.conditions ?? [])]],
    ["Success", onSuccess?.conditions ?? []],
  ] as const;
  for (const [gate, results] of gates) {
    if (!results.some(isRollback)) continue;
    yield stageProblem(`${gate} conditions with rollback result type cannot be added to a PARALLEL pipeline.`);
  }
}

function* checkCondition(
  { result, rules = [] }: Condition,
  gate: Gate,
  stage: string,
  names: ReferableNames,
): Iterable<DefinitionProblem> {
  const at = `of the ${gate} condition of stage '${stage}'`;
  const allowed: readonly ConditionResult[] = RESULTS[gate];
  if (result && !allowed.includes(result)) {
    yield stageProblem(`The result ${result} ${at} cannot be used there. It must be one of ${allowed.join(", ")}`);
  }
  if (rules.length === 0) yield stageProblem(`The rules ${at} are missing. There must be at least 1`);
  for (const name of repeatedNames(rules.map((rule) => rule.name))) {
    yield stageProblem(`Rule name '${name}' ${at} is used more than once`);
  }
  for (const rule of rules) yield* checkRule(rule, result, at, names);
}

function* checkRule(
  { name, ruleTypeId, configuration = {} }: RuleDeclaration,
  result: ConditionResult | undefined,
  at: string,
  names: ReferableNames,
): Iterable<DefinitionProblem> {
  const { provider, version = "1" } = ruleTypeId;
  if (!RULE_PROVIDERS.includes(provider) || version !== "1") {
    yield stageProblem(
      `The rule type '${provider}' version '${version}' of rule '${name}' ${at} does not exist. ` +
        `It must be version 1 of one of ${RULE_PROVIDERS.join(", ")}`,
    );
  } else if (result === "SKIP" && !SKIPPING_PROVIDERS.includes(provider)) {
    yield stageProblem(
      `The rule type '${provider}' of rule '${name}' ${at} cannot skip a stage. ` +
        `With the result SKIP it must be one of ${SKIPPING_PROVIDERS.join(", ")}`,
    );
  }
  for (const { reference, namespace } of Object.values(configuration).flatMap(findReferences)) {
    if (isKnownNamespace(namespace, names)) continue;
    yield stageProblem(
      `${reference} in the configuration of rule '${name}' ${at} is of a namespace that does not exist`,
    );
  }
}
