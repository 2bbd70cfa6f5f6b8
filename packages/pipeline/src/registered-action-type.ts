/*
 * Action types that somebody has registered: custom ones, whose jobs a worker of the account polls for, and those of
 * partners, whose jobs a worker or a function of the partner works on. Both are kept as their operation takes them, and
 * read here into what a pipeline must look like and how its actions are worked on.
 */

import type { ActionType } from "./action-types.ts";
import type { ActionCategory } from "./definition.ts";

/** A custom action type, as CreateCustomActionType takes it. */
export interface CustomActionTypeDeclaration {
  readonly category: ActionCategory;
  readonly provider: string;
  readonly version: string;
  readonly settings?: ActionTypeSettings;
  readonly configurationProperties?: readonly ConfigurationProperty[];
  readonly inputArtifactDetails: ArtifactDetails;
  readonly outputArtifactDetails: ArtifactDetails;
}

export interface ActionTypeSettings {
  readonly thirdPartyConfigurationUrl?: string;
  readonly entityUrlTemplate?: string;
  readonly executionUrlTemplate?: string;
  readonly revisionUrlTemplate?: string;
}

export interface ConfigurationProperty {
  readonly name: string;
  readonly required: boolean;
  readonly key: boolean;
  /** Hidden wherever configurations are shown, and plain in the job's data. */
  readonly secret: boolean;
  /** Workers may ask for the jobs of one value of it. */
  readonly queryable?: boolean;
  readonly description?: string;
  readonly type?: "String" | "Number" | "Boolean";
}

export interface ArtifactDetails {
  readonly minimumCount: number;
  readonly maximumCount: number;
}

/** An action type of a partner, as UpdateActionType takes it. */
export interface PartnerActionTypeDeclaration {
  readonly description?: string;
  readonly executor: {
    readonly type: "JobWorker" | "Lambda";
    readonly configuration: {
      readonly lambdaExecutorConfiguration?: { readonly lambdaFunctionArn: string };
      readonly jobWorkerExecutorConfiguration?: {
        readonly pollingAccounts?: readonly string[];
        readonly pollingServicePrincipals?: readonly string[];
      };
    };
    /** Unit: seconds, of one job. */
    readonly jobTimeout?: number;
    /** Statements that the credentials of its jobs have beside those for artifacts. */
    readonly policyStatementsTemplate?: string;
  };
  /** Its owner is always ThirdParty here. */
  readonly id: {
    readonly category: ActionCategory;
    readonly owner: string;
    readonly provider: string;
    readonly version: string;
  };
  readonly inputArtifactDetails: ArtifactDetails;
  readonly outputArtifactDetails: ArtifactDetails;
  readonly permissions?: { readonly allowedAccounts: readonly string[] };
  readonly properties?: readonly PartnerProperty[];
  readonly urls?: {
    readonly configurationUrl?: string;
    readonly entityUrlTemplate?: string;
    readonly executionUrlTemplate?: string;
    readonly revisionUrlTemplate?: string;
  };
}

export interface PartnerProperty {
  readonly name: string;
  readonly optional: boolean;
  readonly key: boolean;
  /** As `secret` of a custom type. */
  readonly noEcho: boolean;
  readonly queryable?: boolean;
  readonly description?: string;
}

/** A registered type: what a pipeline must look like, and how the type's jobs are worked on. */
export interface RegisteredActionType extends ActionType {
  readonly work: ActionWork;
}

/** How the jobs of a type are worked on. An action keeps what its type said when it started, whatever becomes of the type. */
export interface ActionWork {
  readonly executor: { readonly type: "JobWorker" } | { readonly type: "Lambda"; readonly functionArn: string };
  /** Of a partner's type: the account that it belongs to, and from which its jobs are polled for. */
  readonly partner?: string;
  /** How long one job may take. Unit: milliseconds. Absent: as long as the action. */
  readonly jobTimeoutMs?: number;
  /** What the credentials of its jobs may beside reading and writing artifacts: JSON of statements. */
  readonly policyStatements?: string;
  readonly entityUrlTemplate?: string;
  readonly executionUrlTemplate?: string;
  readonly revisionUrlTemplate?: string;
  /** The key by whose value workers choose among jobs. */
  readonly queryable?: string;
  /** Keys whose values are never shown. */
  readonly secret: readonly string[];
}

/** Reads a custom type. */
export function readCustomActionType(declared: CustomActionTypeDeclaration): RegisteredActionType {
  const { category, provider, version, configurationProperties = [] } = declared;
  return {
    id: { category, owner: "Custom", provider, version },
    ...shapeOf(declared, configurationProperties),
    work: {
      executor: { type: "JobWorker" },
      ...templatesOf(declared.settings),
      ...keysOf(configurationProperties),
    },
  };
}

/** Reads the type of a partner, which is an account. */
export function readPartnerActionType(declared: PartnerActionTypeDeclaration, partner: string): RegisteredActionType {
  const { category, provider, version } = declared.id;
  const { type, configuration, jobTimeout, policyStatementsTemplate } = declared.executor;
  const properties = (declared.properties ?? []).map(customProperty);
  const functionArn = configuration.lambdaExecutorConfiguration?.lambdaFunctionArn ?? "";
  return {
    id: { category, owner: "ThirdParty", provider, version },
    ...shapeOf(declared, properties),
    work: {
      executor: type === "Lambda" ? { type, functionArn } : { type },
      partner,
      ...(jobTimeout !== undefined && { jobTimeoutMs: jobTimeout * 1000 }),
      ...(policyStatementsTemplate !== undefined && { policyStatements: policyStatementsTemplate }),
      ...templatesOf(declared.urls),
      ...keysOf(properties),
    },
  };
}

/** A partner's property in the words of custom types. */
export function customProperty({ optional, noEcho, ...same }: PartnerProperty): ConfigurationProperty {
  return { ...same, required: !optional, secret: noEcho };
}

function shapeOf(
  {
    inputArtifactDetails: inputs,
    outputArtifactDetails: outputs,
  }: Pick<CustomActionTypeDeclaration, "inputArtifactDetails" | "outputArtifactDetails">,
  properties: readonly ConfigurationProperty[],
): Omit<ActionType, "id"> {
  const names = (isRequired: boolean) =>
    properties.filter(({ required }) => required === isRequired).map(({ name }) => name);
  const queryable = properties.find((property) => property.queryable)?.name;
  return {
    inputs: [inputs.minimumCount, inputs.maximumCount],
    outputs: [outputs.minimumCount, outputs.maximumCount],
    required: names(true),
    optional: names(false),
    refusesUnknownKeys: true,
    secret: secretNames(properties),
    ...(queryable !== undefined && { queryable }),
  };
}

function keysOf(properties: readonly ConfigurationProperty[]): Pick<ActionWork, "queryable" | "secret"> {
  const queryable = properties.find((property) => property.queryable)?.name;
  return { secret: secretNames(properties), ...(queryable !== undefined && { queryable }) };
}

function secretNames(properties: readonly ConfigurationProperty[]): readonly string[] {
  return properties.filter(({ secret }) => secret).map(({ name }) => name);
}

type Templates = Pick<ActionWork, "entityUrlTemplate" | "executionUrlTemplate" | "revisionUrlTemplate">;

function templatesOf({ entityUrlTemplate, executionUrlTemplate, revisionUrlTemplate }: Templates = {}): Templates {
  return {
    ...(entityUrlTemplate !== undefined && { entityUrlTemplate }),
    ...(executionUrlTemplate !== undefined && { executionUrlTemplate }),
    ...(revisionUrlTemplate !== undefined && { revisionUrlTemplate }),
  };
}
