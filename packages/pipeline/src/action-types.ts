import { ACTION_TYPES } from "./action-type-catalogue.ts";
import type { ActionTypeId } from "./definition.ts";
import { CUSTOM_ACTION_ARTIFACTS_COUNT_MAX } from "./limits.ts";

/** What an action of one type must look like in a pipeline. */
export interface ActionType {
  readonly id: ActionTypeId;
  /** Fewest and most input artifacts. */
  readonly inputs: ArtifactBounds;
  /** Fewest and most output artifacts. */
  readonly outputs: ArtifactBounds;
  /** Configuration keys that must be there. */
  readonly required: readonly string[];
  /** Configuration keys that may be there. */
  readonly optional: readonly string[];
  /** Keys of either list whose value is never shown. */
  readonly secret?: readonly string[];
  /** The key by whose value workers choose among jobs; its values are short. */
  readonly queryable?: string;
  /** Whether a key of neither list is refused. Only where all keys are known: to refuse a good key is worse than to pass a bad one. */
  readonly refusesUnknownKeys: boolean;
  /** Whether the type is refused in a V1 pipeline. */
  readonly v2Only?: boolean;
}

/** Fewest and most. */
export type ArtifactBounds = readonly [min: number, max: number];

/**
 * Finds an action's type: among the registered ones of customers and partners, else in the service's catalogue.
 *
 * Without a list of registered types every custom type is taken as it comes, with no say on its configuration.
 * Answers undefined for a type that does not exist.
 */
export function findActionType(id: ActionTypeId, registered?: readonly ActionType[]): ActionType | undefined {
  const found = id.owner === "AWS" ? undefined : registered?.find((type) => isSame(type.id, id));
  if (found) return found;
  if (id.owner !== "Custom") return ACTION_TYPES.find((type) => isSame(type.id, id));
  return registered ? undefined : anyCustomType(id);
}

function isSame(a: ActionTypeId, b: ActionTypeId): boolean {
  return a.provider === b.provider && a.category === b.category && a.owner === b.owner && a.version === b.version;
}

function anyCustomType(id: ActionTypeId): ActionType {
  const bounds: ArtifactBounds = [0, CUSTOM_ACTION_ARTIFACTS_COUNT_MAX];
  return { id, inputs: bounds, outputs: bounds, required: [], optional: [], refusesUnknownKeys: false };
}

/**
 * The rule types of stage conditions, by provider, each of category Rule, owner AWS and version 1.
 *
 * Source: reference §15. Keys are left to the rule's provider, because their lists were only partly seen.
 */
export const RULE_PROVIDERS: readonly string[] = [
  "CloudWatchAlarm",
  "CodeBuild",
  "Commands",
  "DeploymentWindow",
  "LambdaInvoke",
  "VariableCheck",
];
