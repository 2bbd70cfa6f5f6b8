/** Unpacks zips and zips folders in this process, as the server does for functions, layers and projects. */
import { rmSync } from "node:fs";
import { extractZip } from "../../packages/server/src/archive/extract-zip.ts";
import { zipFolder } from "../../packages/server/src/archive/zip-folder.ts";
import { answerQuestions } from "../program.ts";

export interface ArchivesQuestion {
  readonly what: "extract" | "zip";
  /** A zip or a folder. */
  readonly from: string;
  /** What is there goes before the clock starts. */
  readonly to: string;
}

export interface ArchivesAnswer {
  readonly ms: number;
}

answerQuestions(async ({ what, from, to }: ArchivesQuestion): Promise<ArchivesAnswer> => {
  rmSync(to, { recursive: true, force: true });
  const startedAt = performance.now();
  await (what === "extract" ? extractZip(from, to) : zipFolder(from, to));
  return { ms: performance.now() - startedAt };
});
