import { type ActionType, type ArtifactBounds, findActionType } from "./action-types.ts";
import { isRegion } from "./check-artifacts.ts";
import { type ActionDeclaration, type PipelineDeclaration, type PlacedAction, placedActions } from "./definition.ts";
import { actionProblem, type DefinitionPlace, type DefinitionProblem } from "./definition-problem.ts";
import { QUERYABLE_VALUE_CHARS_MAX } from "./limits.ts";

/** Each action is of a type that exists, in a region that it may name, with as many artifacts as the type takes. */
export function* checkActionTypes(
  declaration: PipelineDeclaration,
  where: DefinitionPlace,
): Iterable<DefinitionProblem> {
  for (const { action } of placedActions(declaration)) {
    const type = findActionType(action.actionTypeId, where.registered);
    if (!type) {
      yield unavailable(action, where);
      continue; // Nothing is known of its bounds.
    }
    yield* checkRegion(action, where);
    yield* checkBounds(action.name, "input", action.inputArtifacts?.length ?? 0, type.inputs);
    yield* checkBounds(action.name, "output", action.outputArtifacts?.length ?? 0, type.outputs);
    yield* checkCommands(action);
  }
}

/** Source: reference §8; the region is written as in the service's own list of constants, such as `US_EAST_1`. */
function unavailable({ name, actionTypeId, region }: ActionDeclaration, where: DefinitionPlace): DefinitionProblem {
  const { category, provider, owner, version } = actionTypeId;
  const regionConstant = (region ?? where.region).toUpperCase().replaceAll("-", "_");
  return actionProblem(
    `ActionType (Category: '${category}', Provider: '${provider}', Owner: '${owner}', Version: '${version}') ` +
      `in action '${name}' is not available in region '${regionConstant}'`,
  );
}

/** Source: reference §7.1 for the rule on who may cross regions; our choice of words. */
function* checkRegion(action: ActionDeclaration, where: DefinitionPlace): Iterable<DefinitionProblem> {
  const { region } = action;
  if (region === undefined || region === where.region) return;
  if (!isRegion(region)) {
    yield actionProblem(
      `The region '${region}' of action '${action.name}' is not a valid AWS Region. A valid one looks like '${where.region}'`,
    );
  }
  const { category, owner } = action.actionTypeId;
  if (category === "Source" || owner !== "AWS") {
    yield actionProblem(
      `Action '${action.name}' names the region '${region}', but source, third-party and custom actions ` +
        `can only run in the region of the pipeline, '${where.region}'`,
    );
  }
}

/**
 * Source: awsdocs/aws-cloudformation-user-guide#941 quotes the text for too few inputs and its class; the other
 * three are ours after it.
 */
function* checkBounds(
  action: string,
  side: "input" | "output",
  count: number,
  [min, max]: ArtifactBounds,
): Iterable<DefinitionProblem> {
  const declares = `Action ${action} declares ${count} ${side} artifacts which is`;
  if (count < min) yield actionProblem(`${declares} less than the minimum count (${min})`);
  if (count > max) yield actionProblem(`${declares} more than the maximum count (${max})`);
}

/**
 * Commands, and files of an output artifact, are for the Commands provider alone, which needs the former.
 * Source: aws/aws-cdk#38843 quotes the first text, for files as well; class and second text are our choice.
 */
function* checkCommands({
  name,
  actionTypeId,
  commands,
  outputArtifacts,
}: ActionDeclaration): Iterable<DefinitionProblem> {
  if (actionTypeId.provider === "Commands" && actionTypeId.owner === "AWS") {
    if (!commands)
      yield actionProblem(`Action '${name}' has no commands. A Commands action must have at least 1 command`);
  } else if (commands || outputArtifacts?.some((artifact) => artifact.files)) {
    yield actionProblem(
      `The following action cannot contain a commands field: ${name}. To use the commands field, use a compute action.`,
    );
  }
}

/** Each action has the configuration keys that its type needs, and no others. */
export function* checkConfiguration(
  declaration: PipelineDeclaration,
  where: DefinitionPlace,
): Iterable<DefinitionProblem> {
  for (const place of placedActions(declaration)) {
    const type = findActionType(place.action.actionTypeId, where.registered);
    if (!type) continue; // Told by checkActionTypes.
    yield* checkKeys(place.action, type);
    yield* checkQueryable(place.action, type);
    yield* checkPrimarySource(place.action);
    yield* checkNotificationArn(place, where);
  }
}

/** Source: reference §8, both observed. */
function* checkKeys({ name, configuration = {} }: ActionDeclaration, type: ActionType): Iterable<DefinitionProblem> {
  for (const key of type.required) {
    if (!Object.hasOwn(configuration, key)) yield missingKey(name, key);
  }
  if (!type.refusesUnknownKeys) return;
  for (const key of Object.keys(configuration)) {
    if (type.required.includes(key) || type.optional.includes(key)) continue;
    yield actionProblem(`Action configuration for action '${name}' contains unknown configuration '${key}'`);
  }
}

function missingKey(action: string, key: string): DefinitionProblem {
  return actionProblem(`Action configuration for action '${action}' is missing required configuration '${key}'`);
}

/** What workers ask for must fit into a query. Source: model text, ActionConfigurationProperty; the words are our choice. */
function* checkQueryable(
  { name, configuration = {} }: ActionDeclaration,
  { queryable }: ActionType,
): Iterable<DefinitionProblem> {
  const value = queryable === undefined ? undefined : configuration[queryable];
  if (value === undefined || value.includes("#{")) return; // A reference is known only at run time.
  if (value.length <= QUERYABLE_VALUE_CHARS_MAX && /^[a-zA-Z0-9_-]+$/.test(value)) return;
  yield actionProblem(
    `Action configuration for action '${name}' has the value '${value}' for the queryable property '${queryable}'. ` +
      `It must have 1 to ${QUERYABLE_VALUE_CHARS_MAX} letters, digits, underscores and hyphens`,
  );
}

/** CodeBuild must know which of several inputs is the main one. Source: reference §20; the words are our choice. */
function* checkPrimarySource(action: ActionDeclaration): Iterable<DefinitionProblem> {
  const { provider, owner } = action.actionTypeId;
  if (provider !== "CodeBuild" || owner !== "AWS" || (action.inputArtifacts?.length ?? 0) <= 1) return;
  if (!Object.hasOwn(action.configuration ?? {}, "PrimarySource")) yield missingKey(action.name, "PrimarySource");
}

/**
 * An approval tells an SNS topic in the pipeline's region.
 * Source: reference §8 for a wrong form; for the other two, which exist, the words are our choice.
 */
function* checkNotificationArn({ action }: PlacedAction, { region }: DefinitionPlace): Iterable<DefinitionProblem> {
  if (action.actionTypeId.category !== "Approval" || action.actionTypeId.owner !== "AWS") return;
  const arn = action.configuration?.["NotificationArn"];
  if (arn === undefined || arn.includes("#{")) return; // A reference is known only at run time.
  const specified = `The ARN ${arn} you specified for sending notifications for the approval action ${action.name}`;
  const [, service, topicRegion] = /^arn:aws[\w-]*:([^:]+):([^:]*):\d{12}:[^:]+$/.exec(arn) ?? [];
  if (service === undefined) {
    yield actionProblem(`${specified} contains a format error.`);
  } else if (service !== "sns") {
    yield actionProblem(`${specified} is of the service ${service}. It must be the ARN of an Amazon SNS topic.`);
  } else if (topicRegion !== region) {
    yield actionProblem(
      `${specified} is in the region ${topicRegion}. It must be in the region of the pipeline, ${region}.`,
    );
  }
}
