import { ServiceError } from "../../wire/error.ts";
import { onPipeline } from "./access.ts";
import { served } from "./context.ts";
import { pipelineNotFound } from "./errors.ts";
import { placeOf } from "./find.ts";

/**
 * Starts an execution. A token that was seen before answers the execution that it started.
 *
 * Errors: `PipelineNotFoundException`; `ValidationException` for a variable that is given twice.
 * Source: reference §10.7.
 */
export const startPipelineExecution = served({
  name: "StartPipelineExecution",
  access: ({ name }, _, call) => onPipeline("StartPipelineExecution", name, call),
  async run({ name, variables = [], clientRequestToken }, { engine, newId }, call) {
    const names = variables.map((variable) => variable.name);
    const twice = names.find((variable, index) => names.indexOf(variable) !== index);
    if (twice !== undefined) {
      throw new ServiceError("ValidationException", `Variable '${twice}' is given more than once`); // Source: our choice for the text.
    }
    const pipelineExecutionId = await engine.start({
      pipeline: placeOf(name, call),
      executionId: newId(),
      trigger: { triggerType: "StartPipelineExecution", triggerDetail: call.principal.arn },
      variables: Object.fromEntries(variables.map((variable) => [variable.name, variable.value])),
      ...(clientRequestToken !== undefined && { clientRequestToken }),
    });
    if (pipelineExecutionId === undefined) throw pipelineNotFound(call.principal.account, name);
    return { pipelineExecutionId };
  },
});
