/** What stands around the program on this machine and helps functions to run. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ServerOptions } from "../server-port.ts";

export type Installation = Pick<ServerOptions, "cacheDir" | "python" | "nodeModulesDirs">;

/**
 * Looks around the program and the user's folder: the Python that `npm run setup` found, the AWS SDKs for Node functions
 * that do not bundle them, the user's own first, and where small caches may stay.
 */
export function findInstallation(
  environment: Readonly<Record<string, string | undefined>>,
  userFolder: string,
): Installation {
  const folders = foldersAbove(dirname(fileURLToPath(import.meta.url)));
  const python = folders.flatMap((folder) => notedPython(join(folder, ".tools", "python.json")))[0];
  const places = new Set([...foldersAbove(userFolder), ...folders].map((folder) => join(folder, "node_modules")));
  const modules = [...places].filter(hasAwsSdk);
  return {
    cacheDir: join(environment["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "penstock"),
    ...(python ? { python } : {}),
    ...(modules.length > 0 ? { nodeModulesDirs: modules } : {}),
  };
}

/** Version 2 is one package, version 3 one a service. */
function hasAwsSdk(modules: string): boolean {
  if (existsSync(join(modules, "aws-sdk"))) return true;
  const ofVersion3 = join(modules, "@aws-sdk");
  return existsSync(ofVersion3) && readdirSync(ofVersion3).some((name) => name.startsWith("client-"));
}

function foldersAbove(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...foldersAbove(parent)];
}

/** The note of set-up is a convenience: one that cannot be read is as good as none. */
function notedPython(note: string): readonly string[] {
  try {
    const { executable } = JSON.parse(readFileSync(note, "utf8")) as { executable?: unknown }; // checked in the next line
    return typeof executable === "string" && existsSync(executable) ? [executable] : [];
  } catch {
    return [];
  }
}
