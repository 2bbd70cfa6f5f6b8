import type { NormalisedDeclaration } from "@penstock/pipeline";
import type { SourceOverride } from "../../store/execution.ts";
import { ServiceError } from "../../wire/error.ts";
import { onPipeline } from "./access.ts";
import { served } from "./context.ts";
import { pipelineNotFound } from "./errors.ts";
import { currentDeclaration, placeOf, requirePipeline } from "./find.ts";
import type { SourceRevisionOverride } from "./shapes.generated.ts";

/**
 * Starts an execution. A token that was seen before answers the execution that it started.
 *
 * Errors: `PipelineNotFoundException`; `ValidationException` for a variable that is given twice and for a
 * source revision that no source action can take. Source: reference §10.7; the texts are our choice.
 */
export const startPipelineExecution = served({
  name: "StartPipelineExecution",
  access: ({ name }, _, call) => onPipeline("StartPipelineExecution", name, call),
  async run({ name, variables = [], clientRequestToken, sourceRevisions = [] }, context, call) {
    const names = variables.map((variable) => variable.name);
    const twice = names.find((variable, index) => names.indexOf(variable) !== index);
    if (twice !== undefined) throw invalid(`Variable '${twice}' is given more than once`);
    const overrides =
      sourceRevisions.length === 0
        ? []
        : checkOverrides(
            sourceRevisions,
            await currentDeclaration(await requirePipeline(name, context, call), context),
          );
    const pipelineExecutionId = await context.engine.start({
      pipeline: placeOf(name, call),
      executionId: context.newId(),
      trigger: { triggerType: "StartPipelineExecution", triggerDetail: call.principal.arn },
      variables: Object.fromEntries(variables.map((variable) => [variable.name, variable.value])),
      overrides,
      ...(clientRequestToken !== undefined && { clientRequestToken }),
    });
    if (pipelineExecutionId === undefined) throw pipelineNotFound(call.principal.account, name);
    return { pipelineExecutionId };
  },
});

const invalid = (message: string) => new ServiceError("ValidationException", message);

function checkOverrides(
  revisions: readonly SourceRevisionOverride[],
  { stages }: NormalisedDeclaration,
): readonly SourceOverride[] {
  const sources = stages[0]?.actions ?? [];
  const known = sources.map(({ name }) => name).join(", ");
  return revisions.map(({ actionName, revisionType, revisionValue }) => {
    const source = sources.find(({ name }) => name === actionName);
    if (!source)
      throw invalid(`Source revision for '${actionName}': there is no such source action. There is: ${known}`);
    const isS3 = source.actionTypeId.provider === "S3";
    if (!isS3 || (revisionType !== "S3_OBJECT_KEY" && revisionType !== "S3_OBJECT_VERSION_ID")) {
      throw invalid(
        `Source revision for '${actionName}': a ${source.actionTypeId.provider} source takes no ${revisionType}`,
      );
    }
    if (revisionType === "S3_OBJECT_KEY" && source.configuration["AllowOverrideForS3ObjectKey"] !== "true") {
      throw invalid(
        `Source revision for '${actionName}': S3_OBJECT_KEY needs AllowOverrideForS3ObjectKey to be "true" in the action's configuration`,
      );
    }
    return { actionName, revisionType, revisionValue };
  });
}
