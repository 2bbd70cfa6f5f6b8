import { isDeepStrictEqual } from "node:util";
import type { NormalisedDeclaration } from "@penstock/pipeline";
import { findPipeline } from "../../store/pipeline.ts";
import type { Call } from "../../wire/operation.ts";
import { inputProblem } from "../../wire/service.ts";
import type { CodePipeline } from "./context.ts";
import { currentDeclaration, placeOf } from "./find.ts";
import { model } from "./model.generated.ts";
import { checkedDeclaration, savePipeline } from "./save-pipeline.ts";
import type { PipelineDeclaration } from "./shapes.generated.ts";

/**
 * Creates a pipeline or updates it, without starting it: what the command line does before a start of its own. What has
 * this declaration already stays as it is, so that a server which is started again goes on with what is in flight.
 *
 * Errors: those of CreatePipeline.
 */
export async function deployPipeline(context: CodePipeline, declaration: object, call: Call): Promise<void> {
  const problem = inputProblem(model, "CreatePipeline", { pipeline: declaration });
  if (problem) throw problem;
  const pipeline = declaration as PipelineDeclaration; // the model's constraints hold, as was just checked
  const checked = await checkedDeclaration(pipeline, context, call);
  const before = await context.store.read.first(findPipeline, { arn: placeOf(pipeline.name, call).arn });
  if (before && isSame(checked, await currentDeclaration(before, context))) return;
  await savePipeline(checked, context, call, { isNew: !before, starts: false });
}

/** As they are kept, whatever version they have. */
function isSame(one: NormalisedDeclaration, other: NormalisedDeclaration): boolean {
  const kept = (declaration: NormalisedDeclaration): unknown =>
    JSON.parse(JSON.stringify({ ...declaration, version: 1 }));
  return isDeepStrictEqual(kept(one), kept(other));
}
