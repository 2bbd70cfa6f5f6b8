/**
 * A head start for `penstock invoke`: the function's process is started before the rest of the program is even
 * loaded, because its own start is what takes the time. Whatever this cannot see at a glance is left to the usual way.
 */
import type { HeadStart } from "@penstock/server/ahead";
import { findFunctionCode, handlerFile } from "../project/function-code.ts";
import { DEFAULT_MEMORY_MB } from "../project/project.ts";
import { findInstallation } from "./installation.ts";

let given: HeadStart | undefined;

/** Starts what the arguments of `invoke` name, if that is a handler in a file and nothing else decides how it starts. */
export async function giveHeadStart(args: readonly string[]): Promise<void> {
  const [target = ""] = args;
  if (target.startsWith("-") || args.some((arg) => DECIDES.test(arg))) return;
  const code = findFunctionCode(target);
  const file = code && handlerFile(code.codeDir, code.handler)?.file;
  if (!code || !file) return;
  const { startFunctionAhead } = await import("@penstock/server/ahead");
  const declared = { runtime: code.runtime, codeDir: code.codeDir, memoryMb: DEFAULT_MEMORY_MB, environment: {} };
  given = startFunctionAhead(declared, file, findInstallation(process.env, process.cwd()));
}

/** Options with which the function's process is another, or none is wanted. */
const DECIDES = /^--(runtime|env|help)\b|^-h$/;

/** The process that was started, for the server that is to have it. */
export function takeHeadStart(): { readonly ahead?: HeadStart } {
  return given ? { ahead: given } : {};
}
