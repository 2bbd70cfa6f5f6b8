import { randomInt } from "node:crypto";
import {
  type ActionPlace,
  type ActionWork,
  artifactKey,
  describeMissing,
  EXECUTION_ID_KEY,
  EXECUTION_NAMESPACE,
  extensionOf,
  findReferences,
  findSizeProblem,
  type NormalisedAction,
  type NormalisedDeclaration,
  PIPELINE_NAMESPACE,
  resolveConfiguration,
} from "@penstock/pipeline";
import {
  type ActionExecutionRow,
  type ActionInput,
  type ActionOutput,
  type ArtifactLocation,
  insertActionExecution,
  listActionsOfExecution,
} from "../store/action-execution.ts";
import { findExecution, type SourceOverride } from "../store/execution.ts";
import type { Tx } from "../store/store.ts";
import { InvariantError } from "../wire/error.ts";
import type { Declarations } from "./declarations.ts";
import { uuidOfPath } from "./ids.ts";
import type { PipelinePlace } from "./place.ts";
import type { ActionError, StartedAction } from "./providers/provider.ts";
import { workOf } from "./registered-types.ts";

/** An action on record: ready for its provider, or failed before it could run. */
export interface ActionStart {
  readonly action: StartedAction;
  readonly error?: ActionError;
}

/**
 * Puts an action on record: resolves its variables, finds its input artifacts, reserves places for its
 * outputs. A variable that nobody set fails the action and does not stop the record.
 */
export async function startAction(
  tx: Tx,
  pipeline: PipelinePlace,
  place: ActionPlace,
  now: number,
  declarations: Declarations,
): Promise<ActionStart> {
  const declaration = await declarations.get(tx, pipeline.arn, place.version);
  const declared = findDeclared(declaration, place);
  const refers = Object.values(declared.configuration).some((value) => findReferences(value).length > 0);
  const looksBack = refers || declared.inputArtifacts.length > 0;
  const before = looksBack ? await tx.all(listActionsOfExecution, { execution_id: place.executionId }) : [];
  const scope = refers ? await variablesSoFar(tx, place.executionId, declaration, before) : {};
  const resolved = resolveConfiguration(declared.configuration, scope);
  const override = await overrideOf(tx, place, declared);
  const configuration = {
    ...(resolved.ok ? resolved.configuration : declared.configuration),
    ...override.configuration,
  };
  const described = { ...describe(pipeline, place, declaration, declared, configuration, before), startedAt: now };
  const work = await workOf(tx, pipeline, declared.actionTypeId);
  const input = { ...described.input, ...override.input, ...(work && { work }) };
  const action: StartedAction = { ...described, input };
  const error = resolved.ok
    ? (typeError(declared, work) ?? sizeError(configuration))
    : missingError(resolved.missing.map(describeMissing));
  await tx.run(insertActionExecution, {
    id: action.id,
    pipeline: pipeline.arn,
    pipeline_version: place.version,
    execution_id: place.executionId,
    stage: place.stage,
    action: place.action,
    attempt: attemptOf(place),
    status: "InProgress",
    started_at: now,
    updated_at: now,
    input: JSON.stringify(action.input),
    output: "{}",
  });
  return error ? { action, error } : { action };
}

/** The last part of the core's id. */
function attemptOf({ actionExecutionId }: ActionPlace): number {
  return Number(actionExecutionId.slice(actionExecutionId.lastIndexOf("/") + 1));
}

/** What the start of the execution asked of a source action. Source: reference §10.7. */
async function overrideOf(tx: Tx, { executionId, action }: ActionPlace, { actionTypeId }: NormalisedAction) {
  const found: { configuration: Record<string, string>; input: { sourceVersion?: string } } = {
    configuration: {},
    input: {},
  };
  if (actionTypeId.category !== "Source") return found;
  const execution = await tx.first(findExecution, { id: executionId });
  const overrides = JSON.parse(execution?.overrides ?? "[]") as readonly SourceOverride[]; // we wrote it
  for (const { actionName, revisionType, revisionValue } of overrides) {
    if (actionName !== action) continue;
    if (revisionType === "S3_OBJECT_KEY") found.configuration["S3ObjectKey"] = revisionValue;
    else found.input.sourceVersion = revisionValue;
  }
  return found;
}

/** The same action again, from its row: what a restart or a later job of it works with. */
export function readStartedAction(
  row: ActionExecutionRow,
  pipeline: PipelinePlace,
  declaration: NormalisedDeclaration,
): StartedAction {
  const input = JSON.parse(row.input) as ActionInput; // we wrote it
  const encryptionKey = storeOf(declaration, input.region)?.encryptionKey;
  return {
    id: row.id,
    path: `${row.execution_id}/${row.stage}/${row.action}/${row.attempt}`,
    ...pipelineMembers(pipeline),
    executionId: row.execution_id,
    stage: row.stage,
    name: row.action,
    input,
    startedAt: row.started_at,
    roleArn: input.roleArn ?? declaration.roleArn,
    pipelineRoleArn: declaration.roleArn,
    ...(encryptionKey && { encryptionKey }),
  };
}

function describe(
  pipeline: PipelinePlace,
  place: ActionPlace,
  declaration: NormalisedDeclaration,
  declared: NormalisedAction,
  resolvedConfiguration: Readonly<Record<string, string>>,
  before: readonly ActionExecutionRow[],
): Omit<StartedAction, "startedAt"> {
  const region = declared.region ?? pipeline.region;
  const encryptionKey = storeOf(declaration, region)?.encryptionKey;
  return {
    id: uuidOfPath(place.actionExecutionId),
    path: place.actionExecutionId,
    ...pipelineMembers(pipeline),
    executionId: place.executionId,
    stage: place.stage,
    name: place.action,
    input: {
      actionTypeId: declared.actionTypeId,
      configuration: declared.configuration,
      resolvedConfiguration,
      region,
      ...(declared.namespace !== undefined && { namespace: declared.namespace }),
      ...(declared.roleArn !== undefined && { roleArn: declared.roleArn }),
      ...(declared.timeoutInMinutes !== undefined && { timeoutInMinutes: declared.timeoutInMinutes }),
      inputArtifacts: declared.inputArtifacts.map(({ name }) => findArtifact(name, before)),
      outputArtifacts: declared.outputArtifacts.map(({ name }) =>
        reserve(name, pipeline, declaration, declared, resolvedConfiguration, region),
      ),
    },
    roleArn: declared.roleArn ?? declaration.roleArn,
    pipelineRoleArn: declaration.roleArn,
    ...(encryptionKey && { encryptionKey }),
  };
}

function pipelineMembers({ arn, name, account, region }: PipelinePlace) {
  return { pipeline: arn, pipelineName: name, account, region };
}

function findDeclared(declaration: NormalisedDeclaration, { stage, action }: ActionPlace): NormalisedAction {
  const declared = declaration.stages.find(({ name }) => name === stage)?.actions.find(({ name }) => name === action);
  if (!declared) throw new InvariantError(`Action ${stage}/${action} is to start but not declared.`);
  return declared;
}

async function variablesSoFar(
  tx: Tx,
  executionId: string,
  declaration: NormalisedDeclaration,
  before: readonly ActionExecutionRow[],
): Promise<Record<string, Readonly<Record<string, string>>>> {
  const scope: Record<string, Readonly<Record<string, string>>> = {
    [EXECUTION_NAMESPACE]: { [EXECUTION_ID_KEY]: executionId },
  };
  if (declaration.variables && declaration.variables.length > 0) {
    const execution = await tx.first(findExecution, { id: executionId });
    scope[PIPELINE_NAMESPACE] = JSON.parse(execution?.variables ?? "{}") as Record<string, string>; // we wrote it
  }
  for (const row of before) {
    const { namespace } = JSON.parse(row.input) as ActionInput; // we wrote both
    const { outputVariables } = JSON.parse(row.output) as ActionOutput;
    if (namespace !== undefined && outputVariables) scope[namespace] = outputVariables;
  }
  return scope;
}

function findArtifact(name: string, before: readonly ActionExecutionRow[]): ArtifactLocation {
  for (const row of before.toReversed()) {
    const output = JSON.parse(row.output) as ActionOutput; // we wrote it
    const found = output.outputArtifacts?.find((artifact) => artifact.name === name);
    if (found) return found;
  }
  throw new InvariantError(`Artifact ${name} is an input but no action before wrote it.`);
}

function reserve(
  name: string,
  pipeline: PipelinePlace,
  declaration: NormalisedDeclaration,
  declared: NormalisedAction,
  configuration: Readonly<Record<string, string>>,
  region: string,
): ArtifactLocation {
  const store = storeOf(declaration, region);
  if (!store) throw new InvariantError(`Pipeline ${pipeline.name} has no artifact store for ${region}.`);
  const extension = declared.actionTypeId.category === "Source" ? extensionOf(configuration["S3ObjectKey"] ?? "") : "";
  const key = artifactKey({ pipelineName: pipeline.name, artifactName: name, random: randomName(), extension });
  return { name, bucket: store.location, key, revision: null };
}

function storeOf(declaration: NormalisedDeclaration, region: string) {
  return declaration.artifactStore ?? declaration.artifactStores?.[region];
}

const NAME_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const NAME_CHARS_COUNT = 7; // reference §6.2

function randomName(): string {
  return Array.from({ length: NAME_CHARS_COUNT }, () => NAME_CHARS[randomInt(NAME_CHARS.length)]).join("");
}

/**
 * A custom type that was deleted after its pipeline had been made. Source: our choice: nobody could poll for its job, so
 * it fails at once.
 */
function typeError({ actionTypeId }: NormalisedAction, work: ActionWork | undefined): ActionError | undefined {
  if (work || actionTypeId.owner !== "Custom") return undefined;
  const { category, provider, owner, version } = actionTypeId;
  return {
    code: "ConfigurationError",
    message: `ActionType (Category: '${category}', Provider: '${provider}', Owner: '${owner}', Version: '${version}') is not available`,
  };
}

/** Source: our choice; nobody saw what the service says of a variable that no action set. */
function missingError(missing: readonly string[]): ActionError {
  return { code: "ConfigurationError", message: missing.join(" ") };
}

function sizeError(configuration: Readonly<Record<string, string>>): ActionError | undefined {
  const problem = findSizeProblem(configuration);
  return (
    problem && {
      code: "ConfigurationError",
      message: `The action's configuration is ${problem.sizeBytes} bytes long after its variables were resolved; at most ${problem.sizeBytesMax} are allowed.`,
    }
  );
}
