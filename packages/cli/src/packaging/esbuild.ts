/**
 * Where esbuild comes from. It is 10 MB of machine code that only `penstock package` needs, so it is not installed with
 * Penstock: who packages TypeScript has it in the project, as an optional peer.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { surroundingsFailed } from "../failure.ts";

export type Esbuild = typeof import("esbuild");

/** Loads the esbuild of a function's project, or the one beside Penstock. Throws a `Failure` (exit status 3) when there is none. */
export async function loadEsbuild(codeDir: string): Promise<Esbuild> {
  try {
    // What esbuild's package exports, as its types have it.
    return createRequire(join(codeDir, "package.json"))("esbuild") as Esbuild;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  try {
    return await import("esbuild");
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw surroundingsFailed(
      "packaging a Node function needs esbuild, and it is not installed",
      "Install it in the function's project, then run this again:\n  npm install --save-dev esbuild",
      error,
    );
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "MODULE_NOT_FOUND" || code === "ERR_MODULE_NOT_FOUND";
}
