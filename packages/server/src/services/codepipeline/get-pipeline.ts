import type { NormalisedDeclaration } from "@penstock/pipeline";
import { findPipelineVersion } from "../../store/pipeline.ts";
import { onPipeline } from "./access.ts";
import { served } from "./context.ts";
import { pipelineVersionNotFound } from "./errors.ts";
import { requirePipeline } from "./find.ts";

/**
 * Answers a pipeline's declaration, the current one or that of a version, with its metadata.
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
    const pipeline = JSON.parse(found.declaration) as NormalisedDeclaration; // we wrote it
    return { pipeline, metadata: { pipelineArn: row.arn, created: row.created_at, updated: row.updated_at } };
  },
});
