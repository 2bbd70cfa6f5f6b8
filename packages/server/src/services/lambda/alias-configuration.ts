import type { AliasSettings, FunctionAlias } from "../../functions/function-aliases.ts";
import type { AliasConfiguration, UpdateAliasInput } from "./shapes.generated.ts";

/** An alias as Lambda shows it. */
export function toAliasConfiguration(alias: FunctionAlias): AliasConfiguration {
  const { arn, name, version, other, description, revisionId } = alias;
  return {
    AliasArn: arn,
    Name: name,
    FunctionVersion: version,
    Description: description,
    ...(other && { RoutingConfig: { AdditionalVersionWeights: { [other.version]: other.weight } } }),
    RevisionId: revisionId,
  };
}

/** What a request gives of an alias. An empty `RoutingConfig` sends all calls to the first version again. */
export function givenAlias({ FunctionVersion, Description, RoutingConfig }: Partial<UpdateAliasInput>): AliasSettings {
  return {
    ...(FunctionVersion !== undefined && { version: FunctionVersion }),
    ...(Description !== undefined && { description: Description }),
    ...(RoutingConfig && { weights: RoutingConfig.AdditionalVersionWeights ?? {} }),
  };
}
