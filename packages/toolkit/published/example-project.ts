/* A project for the examples: a pipeline `count-words`, whose function counts two words in two jobs. */

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PIPELINE = fileURLToPath(new URL("../../cli/templates/every/pipeline.json", import.meta.url));

const FUNCTION = `
import { CodePipelineClient, PutJobSuccessResultCommand } from "@aws-sdk/client-codepipeline";
export const handler = async ({ "CodePipeline.job": { id: jobId, data } }) => {
  const result = data.continuationToken ? { outputVariables: { Words: "2" } } : { continuationToken: "half" };
  await new CodePipelineClient({}).send(new PutJobSuccessResultCommand({ jobId, ...result }));
};
`;

const SURROUNDINGS = `
inputs: { Texts: texts }
functions: { count-words: { code: ., handler: index.handler } }
`;

/** Writes it, for as long as this process lives; answers its folder. */
export function exampleProject(): string {
  const folder = mkdtempSync(join(tmpdir(), "penstock-example-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  cpSync(PIPELINE, join(folder, "pipeline.json"));
  mkdirSync(join(folder, "texts"));
  writeFileSync(join(folder, "texts", "a.txt"), "two words");
  writeFileSync(join(folder, "index.mjs"), FUNCTION);
  writeFileSync(join(folder, "penstock.yaml"), SURROUNDINGS);
  return folder;
}
