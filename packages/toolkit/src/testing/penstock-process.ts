/*
 * A Penstock in a process of its own, as `penstock serve` of the package that the project has installed.
 *
 * The server holds the reading end of a pipe of ours as its standard input. When this process ends, in whatever way,
 * the system closes the pipe, and the server stops. Neither it nor its pipes keep this process alive.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

/** How long a server may take to be ready, and to stop by itself. Source: our choice. Unit: milliseconds. */
const READY_MS_MAX = 30_000;
const STOP_MS_MAX = 10_000;

/** Characters of the server's output that are kept, the latest. */
const OUTPUT_CHARACTERS_MAX = 20_000;

const READY = /^Penstock is ready on (\S+)/m;

/** What test runners tell the Node of a test, and settings of a server that a person runs. */
const NOT_ITS_OWN =
  /^(NODE_OPTIONS|NODE_V8_COVERAGE|NODE_TEST_CONTEXT|PENSTOCK_(ACCOUNTS|DATA|HOST|MASTER_KEY|PORT|ROOT_.*|TIMING))$/;

export interface PenstockProcess {
  readonly endpoint: string;
  /** What it printed, the latest characters. */
  output(): string;
  /** Resolves when it is gone. */
  stop(): Promise<void>;
}

/** Where `penstock` is installed. Errors: `Error` when it is nowhere, with what to do. */
export function findPenstock(folders: readonly string[]): string {
  for (const folder of folders) {
    try {
      const manifest = createRequire(join(folder, "package.json")).resolve("penstock/package.json");
      return join(dirname(manifest), "bin", "penstock.mjs");
    } catch {
      // Not from this folder; the next may have it.
    }
  }
  throw new Error(
    `startPenstock() needs the package penstock, which is not installed in ${folders.join(" or ")} or above. Install it: npm install --save-dev penstock`,
  );
}

/** Starts a server, and resolves when it is ready. Errors: `Error` with what it printed. */
export async function startProcess(program: string, args: readonly string[]): Promise<PenstockProcess> {
  const kept = Object.entries(process.env).filter(([name]) => !NOT_ITS_OWN.test(name));
  const child = spawn(process.execPath, [program, "serve", ...args], {
    env: Object.fromEntries(kept),
    stdio: ["pipe", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-OUTPUT_CHARACTERS_MAX);
    });
  }
  const gone = new Promise<void>((ended) => child.once("close", () => ended()).once("error", () => ended()));
  child.stdin.on("error", () => {}); // it is gone: told by what waits for it
  try {
    const endpoint = await ready(child, gone, () => output);
    letGo(child);
    return { endpoint, output: () => output, stop: () => stop(child, gone) };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

async function ready(child: ChildProcess, gone: Promise<void>, output: () => string): Promise<string> {
  const failed = (what: string) => new Error(`Penstock ${what}.${printed(output())}`);
  let timer: NodeJS.Timeout | undefined;
  const isReady = new Promise<string>((found) => {
    child.stdout?.on("data", () => {
      const endpoint = READY.exec(output())?.[1];
      if (endpoint !== undefined) found(endpoint);
    });
  });
  const isGone = gone.then(() => Promise.reject(failed("ended before it was ready")));
  const isLate = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(failed(`was not ready within ${READY_MS_MAX} ms`)), READY_MS_MAX);
  });
  return await Promise.race([isReady, isGone, isLate]).finally(() => clearTimeout(timer));
}

/** What a server printed, for the end of a message. */
export function printed(output: string): string {
  return output.trim() === "" ? " It printed nothing." : ` It printed:\n${output.trim().replace(/^/gm, "  ")}`;
}

function letGo(child: ChildProcess): void {
  child.unref();
  // Pipes of a child are sockets.
  for (const pipe of [child.stdin, child.stdout, child.stderr]) (pipe as { unref?(): void } | null)?.unref?.();
}

async function stop(child: ChildProcess, gone: Promise<void>): Promise<void> {
  child.ref();
  child.stdin?.end();
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
  await gone;
  clearTimeout(timer);
}

/** The folders that `penstock` is looked for from: the project's, then the current one. */
export function searchedFolders(project: string | undefined): readonly string[] {
  const here = process.cwd();
  return project === undefined ? [here] : [...new Set([resolve(project), here])];
}
