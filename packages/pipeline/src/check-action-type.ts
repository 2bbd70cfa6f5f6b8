import type { DefinitionProblem } from "./definition-problem.ts";
import { validationProblem } from "./definition-problem.ts";
import {
  type ArtifactDetails,
  type ConfigurationProperty,
  type CustomActionTypeDeclaration,
  customProperty,
  type PartnerActionTypeDeclaration,
} from "./registered-action-type.ts";
import { templateKeys } from "./url-template.ts";

/** Longest time of a job that a function works on: as long as Lambda lets one run. Unit: seconds. Source: user guide, "Working with action types". */
const LAMBDA_JOB_SECONDS_MAX = 900;

/** Answers the first problem of a custom action type, or undefined when it can be created. */
export function checkCustomActionType(declared: CustomActionTypeDeclaration): DefinitionProblem | undefined {
  const { configurationProperties = [], settings = {} } = declared;
  const templates = [settings.entityUrlTemplate, settings.executionUrlTemplate, settings.revisionUrlTemplate];
  return first([
    ...countProblems(declared),
    ...propertyProblems(configurationProperties),
    ...urlProblems(templates, configurationProperties),
  ]);
}

/** The same for a partner's. */
export function checkPartnerActionType(declared: PartnerActionTypeDeclaration): DefinitionProblem | undefined {
  const { urls = {} } = declared;
  const properties = (declared.properties ?? []).map(customProperty);
  const templates = [urls.entityUrlTemplate, urls.executionUrlTemplate, urls.revisionUrlTemplate];
  return first([
    ...executorProblems(declared),
    ...countProblems(declared),
    ...propertyProblems(properties),
    ...urlProblems(templates, properties),
  ]);
}

const first = (problems: readonly string[]) => (problems[0] === undefined ? undefined : validationProblem(problems[0]));

/** Source: reference §8, probed. */
function countProblems(declared: {
  readonly inputArtifactDetails: ArtifactDetails;
  readonly outputArtifactDetails: ArtifactDetails;
}): readonly string[] {
  return [declared.inputArtifactDetails, declared.outputArtifactDetails].flatMap(({ minimumCount, maximumCount }) =>
    minimumCount > maximumCount
      ? [`Maximum Number of Artifacts (${maximumCount}) has to be greater than or equal to minimum (${minimumCount}).`]
      : [],
  );
}

/** Source: reference §8 for what a queryable property must be, probed; our choice of words for the other two rules. */
function propertyProblems(properties: readonly ConfigurationProperty[]): readonly string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const { name, required, secret, queryable } of properties) {
    if (seen.has(name)) problems.push(`Configuration property names must be unique. '${name}' is used more than once.`);
    seen.add(name);
    if (queryable && (!required || secret)) {
      problems.push(
        `Invalid queryable property '${name}'. Queryable configuration properties must be required and non-secret.`,
      );
    }
  }
  const queryable = properties.filter((property) => property.queryable).map(({ name }) => `'${name}'`);
  if (queryable.length > 1) {
    problems.push(`There can be at most one queryable configuration property. There are: ${queryable.join(", ")}.`);
  }
  return problems;
}

/** Source: user guide, "Create a custom action", for the rule; our choice of words. */
function urlProblems(
  templates: readonly (string | undefined)[],
  properties: readonly ConfigurationProperty[],
): readonly string[] {
  const keys = templates.flatMap((template) => (template === undefined ? [] : templateKeys(template)));
  return keys
    .filter((key) => !properties.some(({ name, required, secret }) => name === key && required && !secret))
    .map((key) => `The URL template refers to {Config:${key}}, which is not a required, non-secret property.`);
}

/** Source: user guide, "Working with action types", for the rules; our choice of words. */
function executorProblems({ executor }: PartnerActionTypeDeclaration): readonly string[] {
  const { type, configuration, jobTimeout = 0, policyStatementsTemplate } = executor;
  const { lambdaExecutorConfiguration: ofLambda, jobWorkerExecutorConfiguration: ofWorker } = configuration;
  const problems: string[] = [];
  if (type === "Lambda" ? !ofLambda || ofWorker : !ofWorker || ofLambda) {
    const wanted = type === "Lambda" ? "lambdaExecutorConfiguration" : "jobWorkerExecutorConfiguration";
    problems.push(`An executor of type ${type} must have a ${wanted}, and no other configuration.`);
  }
  if (type === "Lambda" && jobTimeout > LAMBDA_JOB_SECONDS_MAX) {
    problems.push(`The jobTimeout of a Lambda executor is at most ${LAMBDA_JOB_SECONDS_MAX} seconds.`);
  }
  if (policyStatementsTemplate !== undefined && !isObject(policyStatementsTemplate)) {
    problems.push(
      "The policyStatementsTemplate is not JSON of a statement, a list of statements, or a policy document.",
    );
  }
  return problems;
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null;
  } catch {
    return false;
  }
}
