import type {
  ActionType as ActionTypeRules,
  CustomActionTypeDeclaration,
  PartnerActionTypeDeclaration,
} from "@penstock/pipeline";
import { customProperty } from "@penstock/pipeline";
import { actionTypeName } from "../../engine/registered-types.ts";
import type { ActionTypeTable } from "../../store/action-type.ts";
import type { Access, Call } from "../../wire/operation.ts";
import type { ActionType, ActionTypeId } from "./shapes.generated.ts";

/** The right to an operation on one action type. Source: reference §4.1. */
export function onActionType(action: string, id: Parameters<typeof actionTypeName>[0], call: Call): readonly Access[] {
  const resource = `arn:aws:codepipeline:${call.region}:${call.principal.account}:actiontype:${actionTypeName(id)}`;
  return [{ action: `codepipeline:${action}`, resource }];
}

/** A custom type as its replies show it. */
export function shownCustomType(declared: CustomActionTypeDeclaration): ActionType {
  const { category, provider, version, settings, configurationProperties } = declared;
  return {
    id: { category, owner: "Custom", provider, version },
    ...(settings && { settings }),
    actionConfigurationProperties: configurationProperties ?? [],
    inputArtifactDetails: declared.inputArtifactDetails,
    outputArtifactDetails: declared.outputArtifactDetails,
  };
}

/** Any registered type as ListActionTypes shows it. */
export function shownType({ owner, declaration }: ActionTypeTable): ActionType {
  // The operation that wrote it took what the model says.
  if (owner === "Custom") return shownCustomType(JSON.parse(declaration) as CustomActionTypeDeclaration);
  const { id, urls, properties = [], ...declared } = JSON.parse(declaration) as PartnerActionTypeDeclaration;
  const { configurationUrl, ...templates } = urls ?? {};
  const configuration = configurationUrl === undefined ? {} : { thirdPartyConfigurationUrl: configurationUrl };
  return {
    id: id as ActionTypeId, // its owner is ThirdParty, as UpdateActionType has checked
    ...(urls && { settings: { ...configuration, ...templates } }),
    actionConfigurationProperties: properties.map(customProperty),
    inputArtifactDetails: declared.inputArtifactDetails,
    outputArtifactDetails: declared.outputArtifactDetails,
  };
}

/**
 * A type of the service's own, as far as it is known: names of its configuration and how many artifacts it takes.
 * Source: our choice for `key`, which is taken to be what is required.
 */
export function shownCatalogueType({
  id,
  inputs,
  outputs,
  required,
  optional,
  secret = [],
}: ActionTypeRules): ActionType {
  const property = (name: string) => {
    const isRequired = required.includes(name);
    return { name, required: isRequired, key: isRequired, secret: secret.includes(name), queryable: false };
  };
  return {
    id,
    actionConfigurationProperties: [...required, ...optional].map(property),
    inputArtifactDetails: { minimumCount: inputs[0], maximumCount: inputs[1] },
    outputArtifactDetails: { minimumCount: outputs[0], maximumCount: outputs[1] },
  };
}
