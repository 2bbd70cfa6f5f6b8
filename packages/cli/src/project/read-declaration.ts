import { envelopeSchema, pipelineSchema } from "./declaration-schema.ts";
import type { Pipeline } from "./project.ts";
import { shown } from "./shown.ts";
import { readSource } from "./source-text.ts";
import { validate } from "./validate.ts";

export interface Declaration {
  readonly pipeline: Pipeline;
  readonly notes: readonly string[];
}

/**
 * Reads a pipeline declaration in any of the forms that people have it in: the input of create-pipeline,
 * the output of get-pipeline, or the bare declaration. Throws a `Failure` (exit status 2).
 */
export async function readDeclaration(file: string): Promise<Declaration> {
  const source = await readSource(file, shown(file));
  if (!isEnvelope(source.value)) return { pipeline: asPipeline(await validate(pipelineSchema, source)), notes: [] };
  const { pipeline, tags, metadata } = await validate(envelopeSchema, source);
  const notes = [
    ...(metadata ? [`${shown(file)}: "metadata" is what get-pipeline adds to a declaration; it is left out.`] : []),
    ...(tags?.length ? [`${shown(file)}: "tags" are left out; nothing here looks at them.`] : []),
  ];
  return { pipeline: asPipeline(pipeline), notes };
}

function isEnvelope(value: unknown): boolean {
  return typeof value === "object" && value !== null && "pipeline" in value;
}

function asPipeline(checked: object): Pipeline {
  return checked as Pipeline; // the schema has just held it to this shape; only the spelling of optional members differs
}
