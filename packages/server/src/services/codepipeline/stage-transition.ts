import type { StageTransition } from "../../store/pipeline.ts";
import type { Call } from "../../wire/operation.ts";
import type { CodePipeline } from "./context.ts";
import { currentDeclaration, placeOf, requirePipeline, requireStage } from "./find.ts";
import type { EnableStageTransitionInput } from "./shapes.generated.ts";

/**
 * Opens or closes the way into a stage, or out of it, which is the way into the next one: there is one gate between
 * two stages, because GetPipelineState shows one. The way out of the last stage leads nowhere, so nothing changes.
 *
 * Source: our choice; nobody is known to have seen what the outbound transition does.
 */
export async function changeTransition(
  { pipelineName, stageName, transitionType }: EnableStageTransitionInput,
  change: Pick<StageTransition, "enabled" | "reason">,
  context: CodePipeline,
  call: Call,
): Promise<void> {
  const pipeline = await requirePipeline(pipelineName, context, call);
  const { stage, next } = requireStage(await currentDeclaration(pipeline, context), stageName);
  const entered = transitionType === "Inbound" ? stage : next;
  if (!entered) return;
  await context.engine.setTransition({
    pipeline: placeOf(pipelineName, call),
    transition: {
      ...change,
      stage: entered.name,
      changedBy: call.principal.arn,
      changedAt: context.clock.now(),
    },
  });
}
