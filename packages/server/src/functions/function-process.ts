import { type ChildProcess, spawn } from "node:child_process";
import { Duplex, type Readable } from "node:stream";
import type { ForkedProcess } from "./fork-parent.ts";
import { RUNTIME_STDIO } from "./head-start.ts";
import type { RuntimeCommand } from "./runtime-command.ts";

/** A running process with its process group. */
export interface FunctionProcess {
  /** Absent when it could not be started. */
  readonly pid: number | undefined;
  /** What it writes: standard output and standard error. */
  readonly output: readonly Readable[];
  /** Its way to the Runtime API, for a runtime that speaks over an inherited socket. */
  readonly socket: Duplex | undefined;
  /** What it has of a process that it was forked from and does not need itself. Unit: mebibytes. */
  readonly sharedMb?: number;
  /** Kills the whole group. Harmless when it is gone. */
  kill(): void;
  /** Lets go of its pipes. */
  close(): void;
}

export interface ProcessEvents {
  /** It ended. What it wrote may still be on its way. */
  exited(code: number | null, signal: NodeJS.Signals | null): void;
  neverStarted(error: Error): void;
}

/**
 * Descriptors of the process; `runtimes/` knows them too. On 3 it asks and answers the Runtime API. Nothing is ever
 * written to 4: it closes when the server is gone, and that is how a process learns it.
 */
const API_FD = 3;

/** Starts a function's process as the head of a process group, so that what it starts can be ended with it. */
export function startProcess(
  command: RuntimeCommand,
  cwd: string,
  env: Readonly<Record<string, string>>,
  events: ProcessEvents,
): FunctionProcess {
  const ahead = command.ahead?.take(command, cwd, env);
  const forked = ahead ? undefined : command.forks?.take(command, cwd, env);
  if (forked) return followFork(forked, events);
  const child = ahead ?? spawnProcess(command, cwd, env);
  const { pid } = child;
  child.once("error", (error) => {
    if (pid === undefined) events.neverStarted(error);
  });
  child.once("exit", (code, signal) => {
    killGroup(pid);
    events.exited(code, signal);
  });
  for (const stream of child.stdio) stream?.on("error", ignoreBrokenPipe);
  const socket = child.stdio[API_FD];
  return {
    pid,
    output: [child.stdout, child.stderr].filter((stream) => stream !== null),
    socket: socket instanceof Duplex ? socket : undefined,
    kill: () => killGroup(pid),
    close() {
      for (const stream of child.stdio) stream?.destroy();
    },
  };
}

/** A fork is another process's child, and what it is connected by are sockets; else it is like any other. */
function followFork(
  { pid, output, api, lifeline, sharedMb, exit }: ForkedProcess,
  events: ProcessEvents,
): FunctionProcess {
  const all = [output, api, lifeline];
  for (const connection of all) connection.on("error", ignoreBrokenPipe);
  void exit.then(({ code, signal }) => {
    killGroup(pid);
    events.exited(code, signal);
  });
  return {
    pid,
    sharedMb,
    output: [output],
    socket: api,
    kill: () => killGroup(pid),
    close() {
      for (const connection of all) connection.destroy();
    },
  };
}

function spawnProcess(command: RuntimeCommand, cwd: string, env: Readonly<Record<string, string>>): ChildProcess {
  const [stdin, stdout, stderr, api, lifeline] = RUNTIME_STDIO;
  const runtimeApi = command.runtimeApi === undefined ? "ignore" : api;
  return spawn(command.file, command.args, {
    cwd,
    env,
    detached: true,
    stdio: [stdin, stdout, stderr, runtimeApi, lifeline],
  });
}

/** Kills a process group by its head's id. Harmless when it is gone. */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody of the group is left.
  }
}

/** A pipe breaks when its process ends, and that is told by the exit, which comes as well. */
function ignoreBrokenPipe(): void {}
