import { onPipeline } from "./access.ts";
import { served } from "./context.ts";
import { checkedDeclaration, savePipeline } from "./save-pipeline.ts";

/**
 * Gives a pipeline a new version. Of executions in flight, what runs goes on to its end; then they are cancelled.
 *
 * Errors: the structural ones of CreatePipeline; `PipelineNotFoundException` for an unknown pipeline, which
 * the model does not list (`Source: our choice`). Source: reference §7, §8, §10.3.
 */
export const updatePipeline = served({
  name: "UpdatePipeline",
  access: ({ pipeline }, _, call) => [
    ...onPipeline("UpdatePipeline", pipeline.name, call),
    { action: "iam:PassRole", resource: pipeline.roleArn },
  ],
  async run({ pipeline }, context, call) {
    const declaration = await checkedDeclaration(pipeline, context, call);
    return { pipeline: await savePipeline(declaration, context, call, { isNew: false, starts: false }) };
  },
});
