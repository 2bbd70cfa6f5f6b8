/** What stands around the program on this machine and helps functions to run. */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ServerOptions } from "../server-port.ts";

export type Installation = Pick<ServerOptions, "cacheDir" | "python" | "nodeModulesDirs">;

/** The package by which a folder with the AWS SDK is known. */
const SDK = join("@aws-sdk", "client-codepipeline");

/**
 * Looks around the program: the Python that `npm run setup` found, the AWS SDK for Node functions that do not
 * bundle it, and where small caches may stay.
 */
export function findInstallation(environment: Readonly<Record<string, string | undefined>>): Installation {
  const folders = foldersAbove(dirname(fileURLToPath(import.meta.url)));
  const python = folders.flatMap((folder) => notedPython(join(folder, ".tools", "python.json")))[0];
  const modules = folders.map((folder) => join(folder, "node_modules")).find((folder) => existsSync(join(folder, SDK)));
  return {
    cacheDir: join(environment["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "penstock"),
    ...(python ? { python } : {}),
    ...(modules ? { nodeModulesDirs: [modules] } : {}),
  };
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
