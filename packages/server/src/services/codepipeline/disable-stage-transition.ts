import { onStage } from "./access.ts";
import { served } from "./context.ts";
import { changeTransition } from "./stage-transition.ts";

/**
 * Lets nobody into a stage, or nobody out of it. What is in the stage goes on; who comes waits before it.
 *
 * Errors: `PipelineNotFoundException`, `StageNotFoundException`. Source: reference §10.2.
 */
export const disableStageTransition = served({
  name: "DisableStageTransition",
  access: ({ pipelineName, stageName }, _, call) => onStage("DisableStageTransition", pipelineName, stageName, call),
  async run(input, context, call) {
    await changeTransition(input, { enabled: false, reason: input.reason }, context, call);
    return {};
  },
});
