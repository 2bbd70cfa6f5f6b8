import {
  checkDefinition,
  hideSecretsOfAll,
  keepSecrets,
  type NormalisedDeclaration,
  normaliseDefinition,
  type RegisteredActionType,
} from "@penstock/pipeline";
import type { PipelinePlace } from "../../engine/place.ts";
import { registeredTypes } from "../../engine/registered-types.ts";
import {
  findPipeline,
  insertPipeline,
  insertPipelineVersion,
  type PipelineTable,
  updatePipelineVersion,
} from "../../store/pipeline.ts";
import type { Tx } from "../../store/store.ts";
import { ServiceError } from "../../wire/error.ts";
import type { Call } from "../../wire/operation.ts";
import type { CodePipeline } from "./context.ts";
import { cannotAssumeRole, cannotChainRole, pipelineNameInUse, pipelineNotFound } from "./errors.ts";
import { currentDeclaration, placeOf } from "./find.ts";
import type { PipelineDeclaration } from "./shapes.generated.ts";

/**
 * Checks a declaration by every rule that the model does not hold; answers it with the defaults filled in, and with
 * the secrets of the version before it where they were sent back as they are shown.
 */
export async function checkedDeclaration(
  declared: PipelineDeclaration,
  context: CodePipeline,
  call: Call,
): Promise<NormalisedDeclaration> {
  const { region } = call;
  const registered = await typesOf(declared, context, call);
  const problem = checkDefinition(declared, { region, registered });
  if (problem) throw new ServiceError(problem.code, problem.message);
  await checkRoles(declared, context);
  const before = await context.store.read.first(findPipeline, { arn: placeOf(declared.name, call).arn });
  const kept = before ? keepSecrets(declared, await currentDeclaration(before, context), registered) : declared;
  return normaliseDefinition(kept);
}

async function checkRoles(
  { roleArn, stages }: PipelineDeclaration,
  { canAssume, canChain }: CodePipeline,
): Promise<void> {
  if (!(await canAssume(roleArn))) throw cannotAssumeRole(roleArn);
  const ownRoles = stages.flatMap(({ actions }) => actions.flatMap((action) => action.roleArn ?? []));
  for (const ownRole of new Set(ownRoles)) {
    if (ownRole !== roleArn && !(await canChain(roleArn, ownRole))) throw cannotChainRole(roleArn, ownRole);
  }
}

/** A declaration as it is shown. */
export async function shownDeclaration(
  declaration: NormalisedDeclaration,
  context: CodePipeline,
  call: Call,
): Promise<NormalisedDeclaration> {
  return hideSecretsOfAll(declaration, await typesOf(declaration, context, call));
}

/** The registered types that a declaration may use; none is read for one that uses AWS's own alone. */
async function typesOf(
  { stages }: Pick<PipelineDeclaration, "stages">,
  { store }: CodePipeline,
  { principal, region }: Call,
): Promise<readonly RegisteredActionType[]> {
  const usesOthers = stages.some(({ actions }) => actions.some(({ actionTypeId }) => actionTypeId.owner !== "AWS"));
  return usesOthers ? await registeredTypes(store.read, { account: principal.account, region }) : [];
}

/** Saves a checked declaration as the next version of its pipeline; answers what the service echoes. */
export async function savePipeline(
  declaration: NormalisedDeclaration,
  context: CodePipeline,
  call: Call,
  how: { readonly isNew: boolean; readonly starts: boolean },
): Promise<NormalisedDeclaration> {
  const place = placeOf(declaration.name, call);
  const saved = await context.engine.commit("savePipeline", async (tx, happened) => {
    const before = await tx.first(findPipeline, { arn: place.arn });
    if (how.isNew && before) throw pipelineNameInUse(place.account, place.name);
    if (!how.isNew && !before) throw pipelineNotFound(place.account, place.name);
    const version = (before?.version ?? 0) + 1;
    const echoed = { ...declaration, version };
    await writeRows(tx, place, echoed, before, context.clock.now());
    if (before) await context.engine.outdateIn(tx, place, happened);
    if (how.starts && startsAtOnce(declaration)) {
      const trigger = { triggerType: "CreatePipeline", triggerDetail: call.principal.arn };
      await context.engine.startIn(tx, { pipeline: place, executionId: context.newId(), trigger }, happened);
    }
    return echoed;
  });
  return await shownDeclaration(saved, context, call);
}

async function writeRows(
  tx: Tx,
  place: PipelinePlace,
  declaration: NormalisedDeclaration & { readonly version: number },
  before: PipelineTable | undefined,
  now: number,
): Promise<void> {
  const { version } = declaration;
  if (before) await tx.run(updatePipelineVersion, { arn: place.arn, version, updated_at: now });
  else await tx.run(insertPipeline, { ...place, version, created_at: now, updated_at: now, transitions: "[]" });
  await tx.run(insertPipelineVersion, { arn: place.arn, version, declaration: JSON.stringify(declaration) });
}

/** Source: reference §7: an execution starts at once when no source polls; polling is on when the key is left out (§10.8). */
function startsAtOnce({ stages }: NormalisedDeclaration): boolean {
  const sources = stages[0]?.actions ?? [];
  return sources.every(({ configuration, actionTypeId }) => {
    if (actionTypeId.provider !== "S3") return true;
    const polls = configuration["PollForSourceChanges"];
    return polls !== undefined && polls.toLowerCase() !== "true";
  });
}
