import type { FunctionSpec } from "./host.ts";

/*
 * Layers are folders here, and there is no `/opt` in which they could be merged: what Lambda finds under `/opt` by its
 * search paths is found in each layer's folder by the same paths, the last layer first, because it would have hidden
 * the others' files. A function that opens a file by a path of its own under `/opt` does not find it.
 *
 * Source: Lambda developer guide, "Layer paths for each Lambda runtime".
 */

/** Variables that make a function's layers seen. What the function sets itself goes before them. */
export function layerVariables({ layerDirs = [], runtime, environment }: FunctionSpec): Record<string, string> {
  if (layerDirs.length === 0) return {};
  const inEach = (...folders: readonly string[]) =>
    layerDirs.toReversed().flatMap((layer) => folders.map((folder) => `${layer}/${folder}`));
  const withOwn = (name: string, folders: readonly string[]) =>
    [environment[name], ...folders].filter(Boolean).join(":");
  return {
    LD_LIBRARY_PATH: withOwn("LD_LIBRARY_PATH", inEach("lib")),
    ...(runtime.startsWith("python") && {
      PYTHONPATH: withOwn("PYTHONPATH", inEach(`python/lib/${runtime}/site-packages`, "python")),
    }),
    ...(runtime.startsWith("nodejs") && {
      NODE_PATH: withOwn("NODE_PATH", inEach(`nodejs/node${majorOf(runtime)}/node_modules`, "nodejs/node_modules")),
    }),
  };
}

/** Folders with programs of the layers, for PATH: before the machine's own, of which Lambda has next to none. */
export function layerPrograms({ layerDirs = [] }: FunctionSpec): readonly string[] {
  return layerDirs.toReversed().map((layer) => `${layer}/bin`);
}

/** `22` of `nodejs22.x`. */
const majorOf = (runtime: string) => /\d+/.exec(runtime)?.[0] ?? "";
