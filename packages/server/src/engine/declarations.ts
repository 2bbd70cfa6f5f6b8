import type { NormalisedDeclaration } from "@penstock/pipeline";
import { findPipelineVersion } from "../store/pipeline.ts";
import type { Reader } from "../store/store.ts";
import { InvariantError } from "../wire/error.ts";

/** How many parsed declarations are kept. A version does not change while its pipeline lives. */
const DECLARATIONS_COUNT_MAX = 256;

/** Declarations by pipeline and version, parsed once. */
export interface Declarations {
  get(reader: Reader, pipeline: string, version: number): Promise<NormalisedDeclaration>;
  /** After a pipeline was deleted: another one of its name starts again at version 1. */
  forget(pipeline: string): void;
}

export function createDeclarations(): Declarations {
  const kept = new Map<string, NormalisedDeclaration>();
  return {
    async get(reader, pipeline, version) {
      const key = `${version} ${pipeline}`;
      const known = kept.get(key);
      if (known) return known;
      const row = await reader.first(findPipelineVersion, { arn: pipeline, version });
      if (!row) throw new InvariantError(`Version ${version} of ${pipeline} is in use but not on record.`);
      const declaration = JSON.parse(row.declaration) as NormalisedDeclaration; // we wrote it
      if (kept.size >= DECLARATIONS_COUNT_MAX) kept.delete(kept.keys().next().value ?? "");
      kept.set(key, declaration);
      return declaration;
    },
    forget(pipeline) {
      for (const key of kept.keys()) if (key.endsWith(` ${pipeline}`)) kept.delete(key);
    },
  };
}
