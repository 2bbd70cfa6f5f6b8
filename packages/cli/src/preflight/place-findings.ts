/** Where findings stand in the files that people wrote. */

import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Project } from "../project/project.ts";
import { penstockFileIn } from "../project/read-surroundings.ts";
import { shown } from "../project/shown.ts";
import { type Path, type Places, readSource } from "../project/source-text.ts";
import type { Finding } from "./finding.ts";

/** A finding with `file:line:column`; absent where no file says it. */
export interface PlacedFinding extends Finding {
  readonly place?: string;
}

/** `path` is what the project was read from. The files are read once more, for their lines. */
export async function placeFindings(
  findings: readonly Finding[],
  project: Project,
  path: string,
): Promise<readonly PlacedFinding[]> {
  if (findings.length === 0) return [];
  const target = resolve(path);
  const penstockFile = penstockFileIn(statSync(target).isDirectory() ? target : dirname(target));
  const pipeline = await readSource(resolve(project.origin), project.origin);
  const penstock = penstockFile && (await readSource(penstockFile, shown(penstockFile)));
  const files = {
    pipeline: await pipeline.places(),
    penstock: penstock ? await penstock.places() : undefined,
  };
  const inEnvelope = typeof pipeline.value === "object" && pipeline.value !== null && "pipeline" in pipeline.value;
  return findings.map((finding): PlacedFinding => {
    const place = placeOf(finding, project, files, inEnvelope ? ["pipeline"] : []);
    return place === undefined ? finding : { ...finding, place };
  });
}

function placeOf(
  { at, action }: Finding,
  { pipeline }: Project,
  files: { readonly pipeline: Places; readonly penstock: Places | undefined },
  prefix: Path,
): string | undefined {
  if (at?.file === "penstock") return files.penstock?.place(at.path, "key");
  if (at) return files.pipeline.place([...prefix, ...at.path]);
  if (!action) return undefined;
  const stage = pipeline.stages.findIndex(({ name }) => name === action.stage);
  const index = pipeline.stages[stage]?.actions.findIndex(({ name }) => name === action.action) ?? -1;
  return index < 0 ? undefined : files.pipeline.place([...prefix, "stages", stage, "actions", index]);
}
