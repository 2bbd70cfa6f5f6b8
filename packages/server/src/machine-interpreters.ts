import { join } from "node:path";
import { createInterpreters, type Interpreters } from "./functions/interpreters.ts";
import type { ServerOptions } from "./server.ts";

/** The interpreters of this machine by the process's environment: a head start must find the ones that the host finds. */
export function machineInterpreters(
  { cacheDir, python }: Pick<ServerOptions, "cacheDir" | "python">,
  note?: (text: string) => void,
): Interpreters {
  return createInterpreters({
    path: process.env["PATH"] ?? "",
    home: process.env["HOME"],
    python: process.env["PENSTOCK_PYTHON"],
    venvPython: python,
    cacheFile: cacheDir && join(cacheDir, "interpreters.json"),
    note,
  });
}
