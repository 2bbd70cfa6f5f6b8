import { type ChildProcess, spawn } from "node:child_process";
import type { RuntimeCommand } from "./runtime-command.ts";

/*
 * A head start: the process of a runtime of ours, started before anything else is, while the server that will own it
 * still loads. It opens its runtime, imports what the function is sure to import, and waits on descriptor 3 for its
 * environment; from then on it is like any other. Nothing is lost if nobody takes it: it ends with the lifeline.
 */

/** What a process that is ahead is told in its arguments; `runtimes/` knows it too. */
const AHEAD = "--ahead";

/** Environment of a process until it gets its own. HOME is no place, so that no profile and no package of a user is read. */
export const BARE = { LANG: "en_US.UTF-8", TZ: ":UTC", HOME: "/nonexistent" };

/** Variables that an interpreter reads when it starts: a function that sets one needs a start of its own. */
const READ_AT_START = /^(PYTHON|NODE_|LD_|LANG$|LC_|TZ$)/;

/** Descriptors of every process of a runtime of ours: see `function-process.ts`. */
export const RUNTIME_STDIO = ["ignore", "pipe", "pipe", "pipe", "pipe"] as const;

/** A process that waits for its environment. */
export interface HeadStart {
  /** Absent when it could not be started. */
  readonly pid: number | undefined;
  /** Gives it to one function, if it was started for just such a command and still lives; only once. */
  take(command: RuntimeCommand, cwd: string, env: Readonly<Record<string, string>>): ChildProcess | undefined;
}

/** Starts a process for a command in a folder. `modules` are what it may import before it has its environment. */
export function startAhead(command: RuntimeCommand, cwd: string, modules: readonly string[]): HeadStart {
  const child = spawn(command.file, [...command.args, AHEAD, ...modules], {
    cwd,
    env: { ...BARE, PATH: process.env["PATH"] ?? "", ...command.variables },
    detached: true,
    stdio: [...RUNTIME_STDIO],
  });
  child.on("error", () => {}); // the start that follows without it says what is wrong
  const key = keyOf(command, cwd);
  let isFree = true;
  return {
    pid: child.pid,
    take(wanted, folder, env) {
      const socket = child.stdio[3];
      const lives = child.pid !== undefined && child.exitCode === null && child.signalCode === null;
      const fits =
        keyOf(wanted, folder) === key && !Object.keys(env).some((name) => isSetByFunction(name, env, wanted));
      if (!isFree || !lives || !fits || !socket || !("write" in socket)) return undefined;
      isFree = false;
      socket.write(`${JSON.stringify(env)}\n`);
      return child;
    },
  };
}

/** Commands with the same key start the same process in a folder. */
export function keyOf({ file, args, variables }: RuntimeCommand, cwd: string): string {
  return JSON.stringify([file, args, variables, cwd]);
}

/** Whether a variable that counts at the start is not the one that the process was started with. */
export function isSetByFunction(
  name: string,
  env: Readonly<Record<string, string>>,
  { variables }: RuntimeCommand,
): boolean {
  if (!READ_AT_START.test(name)) return false;
  const atStart: Readonly<Record<string, string>> = { ...BARE, ...variables };
  return env[name] !== atStart[name];
}
