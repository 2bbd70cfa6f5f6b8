import { readdirSync } from "node:fs";
import { type ForkedProcess, type ForkParent, startForkParent } from "./fork-parent.ts";
import { isSetByFunction, keyOf } from "./head-start.ts";
import type { RuntimeCommand } from "./runtime-command.ts";

/*
 * Processes for functions in Python that come of a fork: most of a cold start goes by while boto3 is imported, and a
 * process that has done that once hands it on to all its children.
 *
 * There is one such parent for each interpreter, which keeps spares that wait for their environment as a head start
 * does. A function takes a spare if it would find there nothing but what it would have found in a process of its own;
 * otherwise, and when no spare is ready, its process is started as always.
 */
export interface PreloadedForks {
  /** Gives an environment to a spare, if one is ready that this function can use; else sees that there will be one. */
  take(command: RuntimeCommand, cwd: string, env: Readonly<Record<string, string>>): ForkedProcess | undefined;
  /** Kills the parents and their children. Resolves when the parents are gone. */
  stop(): Promise<void>;
}

export interface PreloadedForksOptions {
  /** Where the folders with the sockets are made. */
  readonly workDir: string;
  /** How long after a first process was asked for its parent is started, so that the two are not in each other's way. */
  readonly afterMs: number;
}

/** Most parents, those that ended included: each holds some 60 MB. */
const PARENTS_COUNT_MAX = 4;
/** Variables that boto3 reads when it is imported. */
const READ_AT_IMPORT = /^(BOTO|AWS_NEW_)/;

/** Nothing is started until something is asked for. */
export function createPreloadedForks({ workDir, afterMs }: PreloadedForksOptions): PreloadedForks {
  const parents = new Map<string, ForkParent>();
  const planned = new Map<string, NodeJS.Timeout>();
  const plan = (key: string, command: RuntimeCommand) => {
    if (planned.size === PARENTS_COUNT_MAX || planned.has(key)) return;
    const start = () => void parents.set(key, startForkParent(command, workDir));
    planned.set(key, setTimeout(start, afterMs).unref());
  };
  let isStopped = false;
  return {
    take(command, cwd, env) {
      if (isStopped) return undefined;
      const key = keyOf(command, "");
      const parent = parents.get(key);
      if (parent) return canUse(parent, command, cwd, env) ? parent.take(env) : undefined;
      plan(key, command);
      return undefined;
    },
    async stop() {
      isStopped = true;
      for (const timer of planned.values()) clearTimeout(timer);
      await Promise.all([...parents.values()].map((parent) => parent.stop()));
    },
  };
}

/** Whether the function would see no difference: its start reads nothing else, and no module of its own is hidden. */
function canUse(
  { modules }: ForkParent,
  command: RuntimeCommand,
  cwd: string,
  env: Readonly<Record<string, string>>,
): boolean {
  const differs = (name: string) => READ_AT_IMPORT.test(name) || isSetByFunction(name, env, command);
  if (modules === undefined || Object.keys(env).some(differs)) return false;
  return !readdirSync(cwd).some((entry) => modules.has(entry.replace(/\..*$/, "")));
}
