import { checkDefinition, type NormalisedDeclaration, normaliseDefinition } from "@penstock/pipeline";
import type { PipelinePlace } from "../../engine/place.ts";
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
import { placeOf } from "./find.ts";
import type { PipelineDeclaration } from "./shapes.generated.ts";

/** Checks a declaration by every rule that the model does not hold; answers it with the defaults filled in. */
export async function checkedDeclaration(
  declared: PipelineDeclaration,
  { canAssume, canChain }: CodePipeline,
  region: string,
): Promise<NormalisedDeclaration> {
  const problem = checkDefinition(declared, { region });
  if (problem) throw new ServiceError(problem.code, problem.message);
  if (!(await canAssume(declared.roleArn))) throw cannotAssumeRole(declared.roleArn);
  const ownRoles = declared.stages.flatMap(({ actions }) => actions.flatMap(({ roleArn }) => roleArn ?? []));
  for (const roleArn of new Set(ownRoles)) {
    if (roleArn !== declared.roleArn && !(await canChain(declared.roleArn, roleArn)))
      throw cannotChainRole(declared.roleArn, roleArn);
  }
  return normaliseDefinition(declared);
}

/** Saves a checked declaration as the next version of its pipeline; answers what the service echoes. */
export async function savePipeline(
  declaration: NormalisedDeclaration,
  context: CodePipeline,
  call: Call,
  how: { readonly isNew: boolean; readonly starts: boolean },
): Promise<NormalisedDeclaration> {
  const place = placeOf(declaration.name, call);
  return await context.engine.commit("savePipeline", async (tx, happened) => {
    const before = await tx.first(findPipeline, { arn: place.arn });
    if (how.isNew && before) throw pipelineNameInUse(place.account, place.name);
    if (!how.isNew && !before) throw pipelineNotFound(place.account, place.name);
    const version = (before?.version ?? 0) + 1;
    const echoed = { ...declaration, version };
    await writeRows(tx, place, echoed, before, context.clock.now());
    if (how.starts && startsAtOnce(declaration)) {
      const trigger = { triggerType: "CreatePipeline", triggerDetail: call.principal.arn };
      await context.engine.startIn(tx, { pipeline: place, executionId: context.newId(), trigger }, happened);
    }
    return echoed;
  });
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
