import { onPipeline } from "./access.ts";
import { served } from "./context.ts";
import { checkedDeclaration, savePipeline } from "./save-pipeline.ts";

/**
 * Creates a pipeline and starts it, unless its source polls.
 *
 * Errors: `PipelineNameInUseException`, `InvalidStructureException` and its kind for every structural rule.
 * Source: reference §7, §8.
 */
export const createPipeline = served({
  name: "CreatePipeline",
  access: ({ pipeline }, _, call) => [
    ...onPipeline("CreatePipeline", pipeline.name, call),
    { action: "iam:PassRole", resource: pipeline.roleArn },
  ],
  async run({ pipeline, tags }, context, call) {
    const declaration = await checkedDeclaration(pipeline, context, call);
    const stored = await savePipeline(declaration, context, call, { isNew: true, starts: true });
    return { pipeline: stored, ...(tags && { tags }) };
  },
});
