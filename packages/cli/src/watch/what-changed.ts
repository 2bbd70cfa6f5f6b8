/** What a saved file means for a project. Pure. */
import { sep } from "node:path";
import type { Project } from "../project/project.ts";

/** A project whose files can be watched: it was read from some. */
export type FileProject = Project & { readonly files: readonly string[] };

/** The most that a save asks for: everything anew from the files, the pipeline with other inputs, or some functions. */
export type Change =
  | { readonly type: "project" }
  | { readonly type: "inputs" }
  | { readonly type: "functions"; readonly names: readonly string[] };

/** All files and folders that a project comes from. */
export function watchedPaths(project: FileProject): readonly string[] {
  return [...new Set([...project.files, ...inputPaths(project), ...codePaths(project).map(([, code]) => code)])];
}

/** Undefined when none of the files is of the project. Paths are absolute. */
export function whatChanged(paths: readonly string[], project: FileProject): Change | undefined {
  const names = new Set<string>();
  let isInput = false;
  for (const path of paths) {
    if (project.files.includes(path)) return { type: "project" };
    // A folder inside another: the inner one says what a file is.
    const inputs = inputPaths(project).filter((input) => isIn(path, input));
    const functions = codePaths(project).filter(([, code]) => isIn(path, code));
    const depth = Math.max(0, ...inputs.map(length), ...functions.map(([, code]) => code.length));
    if (inputs.some((input) => input.length === depth)) isInput = true;
    for (const [name, code] of functions) if (code.length === depth) names.add(name);
  }
  if (isInput) return { type: "inputs" };
  return names.size > 0 ? { type: "functions", names: [...names] } : undefined;
}

const length = (text: string) => text.length;

function inputPaths({ inputs }: Project): readonly string[] {
  return Object.values(inputs).filter((input) => typeof input === "string");
}

function codePaths({ functions }: Project): readonly (readonly [name: string, code: string])[] {
  return Object.entries(functions).map(([name, { code }]) => [name, code]);
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}
