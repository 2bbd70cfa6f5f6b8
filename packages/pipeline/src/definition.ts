/**
 * A pipeline's declaration, exactly as it travels on the wire.
 *
 * Source: CodePipeline service model 2015-07-09, shape PipelineDeclaration and below. Lengths, patterns and enums
 * are the wire's to check; what the parts mean to each other is in `check-definition.ts`.
 */
export interface PipelineDeclaration {
  readonly name: string;
  readonly roleArn: string;
  /** Either this, for a pipeline in one region, or `artifactStores`; never both. */
  readonly artifactStore?: ArtifactStore;
  /** One store for every region that has an action, by region. */
  readonly artifactStores?: Readonly<Record<string, ArtifactStore>>;
  readonly stages: readonly StageDeclaration[];
  /** Counts the definitions of one pipeline from 1. The service sets it; what a client sends is ignored. */
  readonly version?: number;
  readonly executionMode?: ExecutionMode;
  readonly pipelineType?: PipelineType;
  readonly variables?: readonly PipelineVariableDeclaration[];
  readonly triggers?: readonly PipelineTriggerDeclaration[];
}

type ExecutionMode = "QUEUED" | "SUPERSEDED" | "PARALLEL";
export type PipelineType = "V1" | "V2";

export interface ArtifactStore {
  readonly type: "S3";
  /** Name of the bucket. */
  readonly location: string;
  readonly encryptionKey?: EncryptionKey;
}

export interface EncryptionKey {
  /** Key id, key ARN or alias ARN. */
  readonly id: string;
  readonly type: "KMS";
}

export interface StageDeclaration {
  readonly name: string;
  readonly blockers?: readonly BlockerDeclaration[];
  readonly actions: readonly ActionDeclaration[];
  readonly onFailure?: FailureConditions;
  readonly onSuccess?: SuccessConditions;
  readonly beforeEntry?: BeforeEntryConditions;
}

export interface BlockerDeclaration {
  readonly name: string;
  readonly type: "Schedule";
}

export interface ActionDeclaration {
  readonly name: string;
  readonly actionTypeId: ActionTypeId;
  /** Actions of one number run side by side, after all of the lower numbers. Absent means 1. */
  readonly runOrder?: number;
  readonly configuration?: Readonly<Record<string, string>>;
  readonly commands?: readonly string[];
  readonly outputArtifacts?: readonly OutputArtifact[];
  readonly inputArtifacts?: readonly InputArtifact[];
  readonly outputVariables?: readonly string[];
  readonly roleArn?: string;
  readonly region?: string;
  /** The name under which later actions refer to this one's output variables. */
  readonly namespace?: string;
  readonly timeoutInMinutes?: number;
  readonly environmentVariables?: readonly EnvironmentVariable[];
}

export type ActionCategory = "Source" | "Build" | "Deploy" | "Test" | "Invoke" | "Approval" | "Compute";
export type ActionOwner = "AWS" | "ThirdParty" | "Custom";

export interface ActionTypeId {
  readonly category: ActionCategory;
  readonly owner: ActionOwner;
  readonly provider: string;
  readonly version: string;
}

export interface InputArtifact {
  readonly name: string;
}

export interface OutputArtifact {
  readonly name: string;
  /** Paths that a Commands action packs. */
  readonly files?: readonly string[];
}

export interface EnvironmentVariable {
  readonly name: string;
  readonly value: string;
  readonly type?: "PLAINTEXT" | "SECRETS_MANAGER";
}

export type ConditionResult = "ROLLBACK" | "FAIL" | "RETRY" | "SKIP";

export interface FailureConditions {
  /** What follows a failure at once; excludes `conditions`. */
  readonly result?: ConditionResult;
  readonly retryConfiguration?: { readonly retryMode?: StageRetryMode };
  readonly conditions?: readonly Condition[];
}

export type StageRetryMode = "FAILED_ACTIONS" | "ALL_ACTIONS";

export interface SuccessConditions {
  readonly conditions: readonly Condition[];
}

export interface BeforeEntryConditions {
  readonly conditions: readonly Condition[];
}

export interface Condition {
  /** What follows when a rule fails. */
  readonly result?: ConditionResult;
  readonly rules?: readonly RuleDeclaration[];
}

export interface RuleDeclaration {
  readonly name: string;
  readonly ruleTypeId: RuleTypeId;
  readonly configuration?: Readonly<Record<string, string>>;
  readonly commands?: readonly string[];
  readonly inputArtifacts?: readonly InputArtifact[];
  readonly roleArn?: string;
  readonly region?: string;
  readonly timeoutInMinutes?: number;
}

export interface RuleTypeId {
  readonly category: "Rule";
  readonly owner?: "AWS";
  readonly provider: string;
  readonly version?: string;
}

export interface PipelineVariableDeclaration {
  readonly name: string;
  /** Absent: every start must give a value. */
  readonly defaultValue?: string;
  readonly description?: string;
}

export interface PipelineTriggerDeclaration {
  readonly providerType: "CodeStarSourceConnection";
  readonly gitConfiguration: GitConfiguration;
}

export interface GitConfiguration {
  readonly sourceActionName: string;
  readonly push?: readonly GitPushFilter[];
  readonly pullRequest?: readonly GitPullRequestFilter[];
}

export interface GitPushFilter {
  readonly tags?: GitFilterCriteria;
  readonly branches?: GitFilterCriteria;
  readonly filePaths?: GitFilterCriteria;
}

export interface GitPullRequestFilter {
  readonly events?: readonly ("OPEN" | "UPDATED" | "CLOSED")[];
  readonly branches?: GitFilterCriteria;
  readonly filePaths?: GitFilterCriteria;
}

export interface GitFilterCriteria {
  readonly includes?: readonly string[];
  readonly excludes?: readonly string[];
}

/** A declaration with the service's defaults filled in: what is stored, run and echoed. */
export interface NormalisedDeclaration extends PipelineDeclaration {
  readonly stages: readonly NormalisedStage[];
  readonly executionMode: ExecutionMode;
  readonly pipelineType: PipelineType;
}

export interface NormalisedStage extends StageDeclaration {
  readonly actions: readonly NormalisedAction[];
}

export interface NormalisedAction extends ActionDeclaration {
  readonly runOrder: number;
  readonly configuration: Readonly<Record<string, string>>;
  readonly inputArtifacts: readonly InputArtifact[];
  readonly outputArtifacts: readonly OutputArtifact[];
}

/**
 * Fills in what CreatePipeline, UpdatePipeline and GetPipeline echo: `runOrder`, `configuration`, artifact lists,
 * `executionMode`, `pipelineType`. Gives nothing that the service leaves out: no `region`, no `version`.
 * The declaration stays as it is; a second pass changes nothing.
 *
 * Source: reference §7, observed in the echo of the three operations. A pipeline without a type is V1, because
 * V2 members without a type were refused in probes (§8), although the model's text says that they make it V2.
 */
export function normaliseDefinition(declaration: PipelineDeclaration): NormalisedDeclaration {
  return {
    ...declaration,
    stages: declaration.stages.map(normaliseStage),
    executionMode: declaration.executionMode ?? "SUPERSEDED",
    pipelineType: pipelineTypeOf(declaration),
  };
}

/** The type of a pipeline, declared or by default. */
export function pipelineTypeOf(declaration: PipelineDeclaration): PipelineType {
  return declaration.pipelineType ?? "V1";
}

/** The run order of an action, declared or by default. */
export function runOrderOf(action: ActionDeclaration): number {
  return action.runOrder ?? 1;
}

/** An action with the stage that it stands in. */
export interface PlacedAction {
  readonly action: ActionDeclaration;
  readonly stage: StageDeclaration;
  readonly stageIndex: number;
}

/** Every action of a pipeline, in the order of the declaration. */
export function placedActions(declaration: PipelineDeclaration): PlacedAction[] {
  return declaration.stages.flatMap((stage, stageIndex) =>
    stage.actions.map((action) => ({ action, stage, stageIndex })),
  );
}

/** Whether one action is over before the other starts: it stands in an earlier stage, or has a lower run order. */
export function runsBefore(one: PlacedAction, other: PlacedAction): boolean {
  if (one.stageIndex !== other.stageIndex) return one.stageIndex < other.stageIndex;
  return runOrderOf(one.action) < runOrderOf(other.action);
}

function normaliseStage(stage: StageDeclaration): NormalisedStage {
  return { ...stage, actions: stage.actions.map(normaliseAction) };
}

function normaliseAction(action: ActionDeclaration): NormalisedAction {
  return {
    ...action,
    runOrder: runOrderOf(action),
    configuration: action.configuration ?? {},
    inputArtifacts: action.inputArtifacts ?? [],
    outputArtifacts: action.outputArtifacts ?? [],
  };
}
