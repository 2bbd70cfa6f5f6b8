import { accessSync, constants, existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { debugpyMissing, nodeDebugger, pythonDebugger } from "./debugger.ts";
import { functionError } from "./function-error.ts";
import type { HeadStart } from "./head-start.ts";
import type { FunctionError, FunctionSpec } from "./host.ts";
import type { Interpreter, InterpreterMissing, Interpreters } from "./interpreters.ts";
import type { PreloadedForks } from "./preloaded-forks.ts";

/** How to start the process of a function. */
export interface RuntimeCommand {
  readonly file: string;
  readonly args: readonly string[];
  /**
   * What `AWS_LAMBDA_RUNTIME_API` says to a runtime of ours, which speaks over its inherited socket instead.
   * Absent for a runtime that needs a listener of its own.
   */
  readonly runtimeApi?: string;
  readonly runtimeDir: string;
  /** Variables that the interpreter needs. */
  readonly variables: Readonly<Record<string, string>>;
  /** Folder of the interpreter, put first on the function's PATH. */
  readonly binDir?: string;
  /** A process that may already have been started for it. */
  readonly ahead?: HeadStart | undefined;
  /** Where a process may be had without starting one. */
  readonly forks?: PreloadedForks | undefined;
}

/** What cannot be run, in words for the person who asked. */
export interface CommandRefused {
  readonly refused: FunctionError;
}

export interface CommandOptions {
  readonly interpreters: Interpreters;
  /** Folder that holds `runtimes/`; by default the one of this file. */
  readonly assetsDir?: string | undefined;
  /** Folders named `node_modules` with the AWS SDK, for Node functions that do not bundle it. */
  readonly nodeModulesDirs?: readonly string[] | undefined;
  /** Where compiled code of Node functions is kept between starts. */
  readonly cacheDir?: string | undefined;
  /** `host:port` of the server, for functions in runtimes of ours. */
  readonly serverAddress: () => string;
  readonly ahead?: HeadStart | undefined;
  readonly forks?: PreloadedForks | undefined;
  /** Variables that lead a process through a proxy to the server, for calls of AWS's hosts. */
  readonly proxyVariables?: (() => Promise<Readonly<Record<string, string>>>) | undefined;
  /** Port of loopback on which the process waits for a debugger before it runs anything. */
  readonly debugPort?: number | undefined;
}

/** Finds the command for a function's runtime. A promise only when an interpreter must be looked for first. */
export function commandFor(
  spec: FunctionSpec,
  options: CommandOptions,
): RuntimeCommand | CommandRefused | Promise<RuntimeCommand | CommandRefused> {
  if (!existsSync(spec.codeDir))
    return refuse("Runtime.InvalidEntrypoint", `The code folder ${spec.codeDir} does not exist.`);
  if (spec.runtime.startsWith("provided")) return throughProxy(providedCommand(spec), spec, options);
  const isPython = spec.runtime.startsWith("python");
  if (!isPython && !spec.runtime.startsWith("nodejs"))
    return refuse("Runtime.InvalidRuntime", unknownRuntime(spec.runtime));
  const build = isPython ? pythonCommand : nodeCommand;
  const found = options.interpreters.find(spec.runtime);
  const finish = (interpreter: Interpreter | InterpreterMissing) =>
    "missing" in interpreter
      ? refuse("Runtime.InvalidRuntime", interpreter.missing)
      : throughProxy(build(spec, interpreter, options), spec, options);
  return found instanceof Promise ? found.then(finish) : finish(found);
}

/**
 * Variable by which a function chooses how its calls of AWS's hosts come to the server: `proxy` or `off`. Without it, Node
 * and Python are redirected below their SDK (`runtimes/`), and everything else goes through the proxy. With `proxy`, Node is
 * redirected as well, since agents that a function makes ask no proxy.
 */
const REDIRECTION = "PENSTOCK_REDIRECTION";

/** Adds the variables of the proxy, where it is wanted. */
function throughProxy(
  command: RuntimeCommand | CommandRefused,
  { runtime, environment }: FunctionSpec,
  { proxyVariables }: CommandOptions,
): RuntimeCommand | CommandRefused | Promise<RuntimeCommand> {
  const way = environment[REDIRECTION] ?? (runtime.startsWith("provided") ? "proxy" : "preload");
  if (way !== "proxy" || !proxyVariables || "refused" in command) return command;
  const forNode = runtime.startsWith("nodejs") ? { NODE_USE_ENV_PROXY: "1" } : {};
  return proxyVariables().then((proxy) => ({ ...command, variables: { ...command.variables, ...proxy, ...forNode } }));
}

function pythonCommand(
  spec: FunctionSpec,
  interpreter: Interpreter,
  options: CommandOptions,
): RuntimeCommand | CommandRefused {
  if (options.debugPort !== undefined) {
    const env = { PATH: process.env["PATH"] ?? "", ...interpreter.variables, ...spec.environment };
    const missing = debugpyMissing(interpreter.file, spec.codeDir, env);
    if (missing !== undefined) return refuse("Runtime.DebuggerMissing", missing);
  }
  const runtimeDir = runtimesDir(options);
  // Compiled modules are kept beside the code; where that is not writable they would be compiled at every start.
  const cache = isWritable(spec.codeDir) ? undefined : options.cacheDir;
  return {
    file: interpreter.file,
    args: [...pythonDebugger(options.debugPort), `${runtimeDir}/python/bootstrap.py`],
    runtimeApi: options.serverAddress(),
    runtimeDir: `${runtimeDir}/python`,
    binDir: interpreter.binDir,
    ahead: options.ahead,
    forks: options.debugPort === undefined ? options.forks : undefined,
    variables: { ...interpreter.variables, ...(cache && { PYTHONPYCACHEPREFIX: `${cache}/python-compiled` }) },
  };
}

function nodeCommand(spec: FunctionSpec, interpreter: Interpreter, options: CommandOptions): RuntimeCommand {
  const runtimeDir = runtimesDir(options);
  const settings = {
    sdkDirs: options.nodeModulesDirs ?? [],
    ...(options.cacheDir && { compileCacheDir: `${options.cacheDir}/node-compiled/${folderKey(spec.codeDir)}` }),
  };
  const heap = spec.environment["NODE_OPTIONS"]?.includes("--max-old-space-size")
    ? []
    : [`--max-old-space-size=${Math.floor(spec.memoryMb * HEAP_SHARE)}`];
  return {
    file: interpreter.file,
    args: [...nodeDebugger(options.debugPort), ...heap, `${runtimeDir}/node/bootstrap.mjs`, JSON.stringify(settings)],
    runtimeApi: options.serverAddress(),
    runtimeDir: `${runtimeDir}/node`,
    binDir: interpreter.binDir,
    ahead: options.ahead,
    variables: interpreter.variables,
  };
}

/**
 * One name for one folder, whatever the function in it is called: FNV-1a, as two folders that meet share a cache and
 * nothing else, and a head start should not wait the three milliseconds in which Node loads its cryptography.
 */
function folderKey(codeDir: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(codeDir)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** Part of a function's memory that V8 may fill with objects; the rest is for code and buffers. Source: our choice. */
const HEAP_SHARE = 0.9;

/**
 * Runs `bootstrap` beside a shell that waits until the server's end of descriptor 4 closes, and then kills the group:
 * many a bootstrap is a loop around curl, and would spin for ever once nobody listens.
 */
const PROVIDED_SCRIPT = '(read -r _ <&4; kill -KILL 0) </dev/null >/dev/null 2>&1 & exec "$0" 4<&-';

/** The function's own `bootstrap`, else that of its last layer that has one. */
function providedCommand({ codeDir, layerDirs = [] }: FunctionSpec): RuntimeCommand | CommandRefused {
  const files = [codeDir, ...layerDirs.toReversed()].map((folder) => `${folder}/bootstrap`);
  const file = files.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  if (!file) {
    return refuse("Runtime.InvalidEntrypoint", `Error: Couldn't find valid bootstrap(s): [${files.join(" ")}]`);
  }
  if (!isExecutable(file)) {
    return refuse(
      "Runtime.InvalidEntrypoint",
      `Error: ${file} is not executable. Run 'chmod +x bootstrap' before zipping it.`,
    );
  }
  return { file: "/bin/sh", args: ["-c", PROVIDED_SCRIPT, file], runtimeDir: codeDir, variables: {} };
}

const unknownRuntime = (runtime: string) =>
  `Functions with the runtime ${runtime} cannot be run here. Known are nodejs<N>.x, python3.<N> and provided, provided.al2, provided.al2023 with an executable named bootstrap.`;

function refuse(errorType: string, message: string): CommandRefused {
  return { refused: functionError(errorType, message) };
}

function runtimesDir({ assetsDir }: CommandOptions): string {
  return assetsDir ? `${assetsDir}/runtimes` : fileURLToPath(new URL("./runtimes", import.meta.url));
}

const isWritable = (path: string) => isAllowed(path, constants.W_OK);
const isExecutable = (path: string) => isAllowed(path, constants.X_OK);

function isAllowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
