import { onStage } from "./access.ts";
import { served } from "./context.ts";
import { changeTransition } from "./stage-transition.ts";

/**
 * Lets executions into a stage again, or out of it: the one that waits goes on at once.
 *
 * Errors: `PipelineNotFoundException`, `StageNotFoundException`. Source: reference §10.2.
 */
export const enableStageTransition = served({
  name: "EnableStageTransition",
  access: ({ pipelineName, stageName }, _, call) => onStage("EnableStageTransition", pipelineName, stageName, call),
  async run(input, context, call) {
    await changeTransition(input, { enabled: true }, context, call);
    return {};
  },
});
