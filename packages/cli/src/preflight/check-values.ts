/** What stands in an action's configuration: its length, its variables, and the JSON that they are put into. */
import {
  CONFIGURATION_VALUE_CHARS_MAX,
  EXECUTION_NAMESPACE,
  findReferences,
  jsonBreakingReferences,
  PIPELINE_NAMESPACE,
  type VariableReference,
  type VariableScope,
} from "@penstock/pipeline";
import { suggestion } from "../nearest.ts";
import { type Action, actionsOf, type Project } from "../project/project.ts";
import type { Finding } from "./finding.ts";

/** A value of more than this share of the limit is told of: a few letters more, and the pipeline is refused. */
const NEAR_SHARE = 0.9;

/** A value that is as bad as JSON can meet. */
const HOSTILE = 'a "quote"\nand a line';

/**
 * The variables that source actions put out, by provider, and whether people decide what is in them.
 * Source: CodePipeline user guide, "Variables", per provider.
 */
const SOURCE_VARIABLES: Readonly<Record<string, Readonly<Record<string, "tame" | "free">>>> = {
  S3: { BucketName: "tame", ETag: "tame", ObjectKey: "tame", VersionId: "tame" },
  CodeCommit: {
    AuthorDate: "tame",
    BranchName: "tame",
    CommitId: "tame",
    CommitMessage: "free",
    CommitterDate: "tame",
    RepositoryName: "tame",
  },
  CodeStarSourceConnection: {
    AuthorDate: "tame",
    AuthorDisplayName: "free",
    AuthorEmail: "tame",
    AuthorId: "tame",
    BranchName: "tame",
    CommitId: "tame",
    CommitMessage: "free",
    ConnectionArn: "tame",
    FullRepositoryName: "tame",
    ProviderType: "tame",
  },
};

/** Checks every configuration value of an action. */
export function checkValues(project: Project, action: Action): Omit<Finding, "action">[] {
  return Object.entries(action.configuration ?? {}).flatMap(([key, value]) => [
    ...checkLength(key, value),
    ...checkKnown(project, key, value),
    ...checkJson(project, key, value),
  ]);
}

/** What is certain to go wrong with values before a run, in one line each; quick enough for every run. */
export function certainTrouble(project: Project, variables: Readonly<Record<string, string>>): string[] {
  const scope = { [PIPELINE_NAMESPACE]: { ...defaultsOf(project)[PIPELINE_NAMESPACE], ...variables } };
  return actionsOf(project.pipeline).flatMap(({ stage, action }) =>
    Object.entries(action.configuration ?? {}).flatMap(([key, value]) => {
      const trouble = jsonBreakingReferences(value, scope);
      return trouble ? [`${stage.name}/${action.name}: ${key}: ${trouble}`] : [];
    }),
  );
}

function checkLength(key: string, value: string): Omit<Finding, "action">[] {
  const length = value.length;
  if (length <= CONFIGURATION_VALUE_CHARS_MAX * NEAR_SHARE) return [];
  const isOver = length > CONFIGURATION_VALUE_CHARS_MAX;
  return [
    {
      severity: isOver ? "error" : "warning",
      check: "valueLength",
      message: `${key} is ${length} characters long, ${isOver ? "more than" : "close to"} the ${CONFIGURATION_VALUE_CHARS_MAX} that CodePipeline takes`,
      remedy: "Put the text into an input artifact, or into the function's environment, and pass only what changes.",
    },
  ];
}

/** Only a source's variables are known beforehand; what a function puts out, only its run tells. */
function checkKnown(project: Project, configurationKey: string, value: string): Omit<Finding, "action">[] {
  return distinct(findReferences(value)).flatMap(({ reference, namespace, key }): Omit<Finding, "action">[] => {
    const known = variablesOf(project, namespace);
    if (!known || Object.hasOwn(known, key)) return [];
    return [
      {
        severity: "error",
        check: "variableKnown",
        message: `${configurationKey} refers to ${reference}, and the source action of namespace ${namespace} has no variable ${key}`,
        remedy: suggestion(key, Object.keys(known)),
      },
    ];
  });
}

function checkJson(project: Project, key: string, value: string): Omit<Finding, "action">[] {
  const references = distinct(findReferences(value));
  const certain = jsonBreakingReferences(value, defaultsOf(project));
  if (certain) {
    const message = `${key} with the defaults of the pipeline's variables: ${certain}`;
    return [{ severity: "warning", check: "variableBreaksJson", message, remedy: "Change the default." }];
  }
  const risky = references.filter(
    (one) =>
      isFree(project, one) && jsonBreakingReferences(value, { [one.namespace]: { [one.key]: HOSTILE } }) !== undefined,
  );
  if (risky.length === 0) return [];
  return [
    {
      severity: "warning",
      check: "variableBreaksJson",
      message: `${key} is JSON, and a quote or a line break in ${risky.map(({ reference }) => reference).join(", ")} would break it`,
      remedy:
        "Pass such a text by itself, or let the action that puts it out escape it for JSON; safe as long as its values have no quotes, backslashes or line breaks.",
    },
  ];
}

function defaultsOf({ pipeline }: Project): VariableScope {
  const given = (pipeline.variables ?? []).flatMap(({ name, defaultValue }) =>
    defaultValue === undefined ? [] : [[name, defaultValue] as const],
  );
  return { [PIPELINE_NAMESPACE]: Object.fromEntries(given) };
}

/** Whether somebody decides what is in it: an author of a commit, a function, whoever starts the pipeline. */
function isFree(project: Project, { namespace, key }: VariableReference): boolean {
  if (namespace === EXECUTION_NAMESPACE) return false;
  const known = variablesOf(project, namespace);
  return known ? known[key] === "free" : true;
}

/** What the source action of a namespace puts out; nothing for any other namespace. */
function variablesOf({ pipeline }: Project, namespace: string) {
  const producer = actionsOf(pipeline).find(({ action }) => action.namespace === namespace)?.action;
  const { category, provider = "" } = producer?.actionTypeId ?? {};
  return category === "Source" && Object.hasOwn(SOURCE_VARIABLES, provider) ? SOURCE_VARIABLES[provider] : undefined;
}

function distinct(references: readonly VariableReference[]): VariableReference[] {
  return [...new Map(references.map((one) => [one.reference, one])).values()];
}
