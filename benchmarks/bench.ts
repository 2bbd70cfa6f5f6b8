/** What every scenario stands on: the interpreters, a clean environment, a folder on the checkout's disk, processes. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { notedPython } from "../packages/cli/bin/node24.mjs";

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** The program as users start it, with the bundle that it loads. */
export const PROGRAM = join(ROOT, "packages/cli/bin/penstock.mjs");
const BUNDLE = join(ROOT, "packages/cli/dist/main.js");

export interface Bench {
  /** The interpreters themselves, resolved once: a version manager's shim costs more than what is measured. */
  readonly node: string;
  readonly python: string;
  /** What every process gets, ours and the floors': nothing of the caller's shell that changes results. */
  readonly environment: Readonly<Record<string, string>>;
  /** Is removed in the end. It lies beside the checkout, because the system's temporary folder may be in memory. */
  readonly workDir: string;
  /** The same in memory where there is a file system in memory, for what a disk's swings would drown; else the same. */
  readonly memoryDir: string;
  /** Where our processes leave their CPU profiles, in a folder for each kind; absent when nothing is profiled. */
  readonly profileDir?: string;
  /** What runs at the moment, so that nothing outlives the bench. */
  readonly children: Set<ChildProcess>;
  close(): void;
}

/** How a process is started. */
export interface StartOptions {
  /** Beside the clean environment. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The core it is bound to, where the machine has more than one and a way to say so. */
  readonly core?: 0 | 1;
  /** The name of its profile, where profiles are wanted. */
  readonly profileAs?: string;
  /** Where it runs, unless in the folder of the bench. */
  readonly cwd?: string;
  /** Whether it is asked over IPC. */
  readonly isAsked?: boolean;
}

const MEMORY = "/dev/shm";

/** Whether processes can be bound to cores here. */
const TASKSET = ["/usr/bin/taskset", "/bin/taskset"].find((path) => availableParallelism() > 1 && existsSync(path));

/** Often enough for a start of 50 ms to be seen in detail. Unit: microseconds. */
export const PROFILE_INTERVAL_MICROS = 200;

/** Errors: `Error` with the remedy when there is no Python with boto3, or no built program. */
export function openBench(): Bench {
  const python = process.env["PENSTOCK_PYTHON"] ?? notedPython(ROOT);
  if (python === undefined) throw new Error("There is no Python with boto3 on record. Run: npm run setup");
  if (!existsSync(BUNDLE)) throw new Error("The program is not built. Run: npm run build");
  const parent = join(ROOT, "benchmarks", ".penstock");
  mkdirSync(parent, { recursive: true });
  const workDir = mkdtempSync(join(parent, "bench-"));
  const memoryDir = existsSync(MEMORY) ? mkdtempSync(join(MEMORY, "penstock-bench-")) : workDir;
  const node = process.execPath;
  const environment = {
    PATH: [dirname(python), dirname(node), "/usr/bin", "/bin"].join(delimiter),
    HOME: process.env["HOME"] ?? workDir,
    LANG: "C.UTF-8",
    TMPDIR: workDir,
    XDG_CACHE_HOME: join(workDir, "cache"),
    PENSTOCK_PYTHON: python,
  };
  const children = new Set<ChildProcess>();
  const close = () => {
    for (const child of children) child.kill("SIGKILL");
    for (const dir of [workDir, memoryDir]) rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  };
  return { node, python, environment, workDir, memoryDir, children, close };
}

/** Starts Node with a script of the checkout. */
export function startNode(bench: Bench, args: readonly string[], options: StartOptions = {}): ChildProcess {
  const profile =
    bench.profileDir !== undefined && options.profileAs !== undefined
      ? [
          "--cpu-prof",
          `--cpu-prof-dir=${join(bench.profileDir, options.profileAs)}`,
          `--cpu-prof-interval=${PROFILE_INTERVAL_MICROS}`,
        ]
      : [];
  return start(bench, bench.node, [...profile, ...args], options);
}

/** Starts a program with the clean environment. What it prints is thrown away, what it complains of is kept for `lastComplaint`. */
export function start(bench: Bench, program: string, args: readonly string[], options: StartOptions): ChildProcess {
  const { environment, workDir, children } = bench;
  const pinned = options.core !== undefined && TASKSET ? [TASKSET, "-c", String(options.core)] : [];
  const [first = program, ...rest] = [...pinned, program, ...args];
  const complaints = openSync(complaintsFile(bench), "a");
  try {
    const child = spawn(first, rest, {
      cwd: options.cwd ?? workDir,
      env: { ...environment, ...options.variables },
      stdio: ["ignore", "ignore", complaints, ...(options.isAsked ? (["ipc"] as const) : [])],
    });
    children.add(child);
    return child.once("exit", () => children.delete(child));
  } finally {
    closeSync(complaints);
  }
}

const complaintsFile = ({ workDir }: Bench) => join(workDir, "complaints.log");

/** The end of what processes wrote to standard error. */
export function lastComplaint(bench: Bench): string {
  return readFileSync(complaintsFile(bench), "utf8").slice(-COMPLAINT_CHARACTERS_MAX);
}

const COMPLAINT_CHARACTERS_MAX = 2_000;

/** What an AWS client needs to call a server of the bench. */
export function clientVariables(port: number): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
  };
}

/** How long any one process may take to come to its end. Unit: milliseconds. */
const PROCESS_MS_MAX = 30_000;

/** Waits for a process to end by itself, and kills it if it does not. Answers its exit status; a signal is -1. */
export async function ended(child: ChildProcess): Promise<number> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? -1;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const timer = setTimeout(() => child.kill("SIGKILL"), PROCESS_MS_MAX);
  child.once("error", reject);
  child.once("exit", (code) => resolve(code ?? -1));
  return await promise.finally(() => clearTimeout(timer));
}

/** Runs a process to its end and answers how long it took. Unit: milliseconds. Throws when it fails. */
export async function timed(bench: Bench, startIt: () => ChildProcess): Promise<number> {
  const startedAt = performance.now();
  const child = startIt();
  const status = await ended(child);
  const ms = performance.now() - startedAt;
  if (status === 0) return ms;
  throw new Error(`${child.spawnargs.join(" ")} ended with status ${status}:\n${lastComplaint(bench)}`);
}
