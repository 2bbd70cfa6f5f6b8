import { findPipeline } from "../../store/pipeline.ts";
import type { Call } from "../../wire/operation.ts";
import { inputProblem } from "../../wire/service.ts";
import type { CodePipeline } from "./context.ts";
import { placeOf } from "./find.ts";
import { model } from "./model.generated.ts";
import { checkedDeclaration, savePipeline } from "./save-pipeline.ts";
import type { PipelineDeclaration } from "./shapes.generated.ts";

/**
 * Creates a pipeline or updates it, without starting it: what the command line does before a start of its own.
 *
 * Errors: those of CreatePipeline.
 */
export async function deployPipeline(context: CodePipeline, declaration: object, call: Call): Promise<void> {
  const problem = inputProblem(model, "CreatePipeline", { pipeline: declaration });
  if (problem) throw problem;
  const pipeline = declaration as PipelineDeclaration; // the model's constraints hold, as was just checked
  const checked = await checkedDeclaration(pipeline, context, call);
  const before = await context.store.read.first(findPipeline, { arn: placeOf(pipeline.name, call).arn });
  await savePipeline(checked, context, call, { isNew: !before, starts: false });
}
