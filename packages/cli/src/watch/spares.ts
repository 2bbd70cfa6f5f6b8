/**
 * Processes that have begun before the next save: each has loaded what its function is sure to import, and waits for the
 * code as it is then. For functions in Node; those in Python are forked from a process that has boto3.
 */
import { type HeadStart, startFunctionAhead } from "@penstock/server/ahead";
import { findInstallation } from "../execution/installation.ts";
import { handlerFile } from "../project/function-code.ts";
import type { FunctionDeclaration } from "../project/project.ts";

/** Each holds some 60 MB. Source: our choice, whoever writes on more functions at once can wait. */
const SPARES_COUNT_MAX = 4;

export interface Spares {
  /** For the server, which takes one whenever it starts a process that fits. */
  readonly ahead: HeadStart;
  /** Sees that there is one for a function. */
  keep(name: string, declared: FunctionDeclaration): void;
}

export function createSpares(): Spares {
  const installation = findInstallation(process.env, process.cwd());
  const spares = new Map<string, HeadStart>();
  return {
    ahead: {
      pid: undefined,
      take(command, folder, environment) {
        for (const [name, spare] of spares) {
          const child = spare.take(command, folder, environment);
          if (!child) continue;
          spares.delete(name);
          return child;
        }
        return undefined;
      },
    },
    keep(name, { runtime, handler, code, memoryMb, environment }) {
      const file = runtime.startsWith("nodejs") ? handlerFile(code, handler)?.file : undefined;
      if (!file || spares.has(name) || spares.size === SPARES_COUNT_MAX) return;
      const spare = startFunctionAhead({ runtime, codeDir: code, memoryMb, environment }, file, installation);
      if (spare) spares.set(name, spare);
    },
  };
}
