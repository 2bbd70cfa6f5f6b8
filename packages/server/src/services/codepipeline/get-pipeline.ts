import type { NormalisedDeclaration } from "@penstock/pipeline";
import { findPipelineVersion } from "../../store/pipeline.ts";
import { onPipeline } from "./access.ts";
import { served } from "./context.ts";
import { pipelineVersionNotFound } from "./errors.ts";
import { requirePipeline } from "./find.ts";
import { shownDeclaration } from "./save-pipeline.ts";

/**
 * Answers a pipeline's declaration, the current one or that of a version, with its metadata, and without secrets.
 *
 * Errors: `PipelineNotFoundException`, `PipelineVersionNotFoundException`. Source: reference §7.
 */
export const getPipeline = served({
  name: "GetPipeline",
  access: ({ name }, _, call) => onPipeline("GetPipeline", name, call),
  async run({ name, version }, context, call) {
    const row = await requirePipeline(name, context, call);
    const wanted = version ?? row.version;
    const found = await context.store.read.first(findPipelineVersion, { arn: row.arn, version: wanted });
    if (!found) throw pipelineVersionNotFound(name, wanted);
    const declaration = JSON.parse(found.declaration) as NormalisedDeclaration; // we wrote it
    const pipeline = await shownDeclaration(declaration, context, call);
    return { pipeline, metadata: { pipelineArn: row.arn, created: row.created_at, updated: row.updated_at } };
  },
});
