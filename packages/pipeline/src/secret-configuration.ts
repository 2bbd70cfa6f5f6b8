import type { ActionType } from "./action-types.ts";
import { findActionType } from "./action-types.ts";
import type { ActionTypeId, NormalisedDeclaration, PipelineDeclaration } from "./definition.ts";

/** What is shown in place of a secret. Sent back in an update it keeps the stored value. Source: reference §7. */
export const HIDDEN_VALUE = "****";

type Configuration = Readonly<Record<string, string>>;

/** The keys of an action's configuration whose values are never shown. */
export function secretKeys(id: ActionTypeId, registered: readonly ActionType[] = []): readonly string[] {
  return findActionType(id, registered)?.secret ?? [];
}

/** A configuration as it is shown. */
export function hideSecrets(configuration: Configuration, secret: readonly string[]): Configuration {
  const hidden = secret.filter((key) => Object.hasOwn(configuration, key));
  if (hidden.length === 0) return configuration;
  return { ...configuration, ...Object.fromEntries(hidden.map((key) => [key, HIDDEN_VALUE])) };
}

/** A declaration as it is shown. */
export function hideSecretsOfAll<D extends PipelineDeclaration>(declaration: D, registered?: readonly ActionType[]): D {
  return withConfigurations(declaration, (_, action) =>
    hideSecrets(action.configuration ?? {}, secretKeys(action.actionTypeId, registered)),
  );
}

/**
 * A declaration in which every secret that was sent as it is shown has its stored value again.
 *
 * The action before it is the one of the same stage and name; that is our choice. Source: reference §7 for the rule.
 */
export function keepSecrets(
  declaration: PipelineDeclaration,
  before: NormalisedDeclaration,
  registered?: readonly ActionType[],
): PipelineDeclaration {
  return withConfigurations(declaration, (stage, { name, actionTypeId, configuration = {} }) => {
    const stored = before.stages.find((one) => one.name === stage)?.actions.find((one) => one.name === name);
    const kept = secretKeys(actionTypeId, registered).filter((key) => configuration[key] === HIDDEN_VALUE);
    return Object.fromEntries(
      Object.entries(configuration).map(([key, value]) => [
        key,
        kept.includes(key) ? (stored?.configuration[key] ?? value) : value,
      ]),
    );
  });
}

function withConfigurations<D extends PipelineDeclaration>(
  declaration: D,
  configurationOf: (stage: string, action: D["stages"][number]["actions"][number]) => Configuration,
): D {
  return {
    ...declaration,
    stages: declaration.stages.map((stage) => ({
      ...stage,
      actions: stage.actions.map((action) =>
        action.configuration ? { ...action, configuration: configurationOf(stage.name, action) } : action,
      ),
    })),
  };
}
