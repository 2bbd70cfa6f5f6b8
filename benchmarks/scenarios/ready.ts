import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Bench, ended, lastComplaint, PROGRAM, ROOT, startNode } from "../bench.ts";
import type { Comparison, Figures, Goal } from "../measuring/compare.ts";
import type { Rig } from "../measuring/rounds.ts";
import type { Scenario } from "./scenario.ts";

/** How soon a server serves, and what it takes. */
export const ready: Scenario = {
  name: "ready",
  title: "`penstock serve`, from the start of the process to GET /_penstock/ready 200",
  method:
    "Ours is the built program, once on an empty data folder and once on one that an earlier server left. The floor is Node with an HTTP server that answers 200 to everything. Both are asked on loopback until they answer; memory is the resident set half a second later.",
  roundsCount: 15,
  warmUpCount: 2,
  open,
};

const FLOOR = join(ROOT, "benchmarks/floors/http-listen.cjs");

/** How long a server is left alone before its memory is read. Unit: milliseconds. */
const SETTLE_MS = 500;
/** How long a server may take to answer. Unit: milliseconds. */
const READY_MS_MAX = 10_000;
/** How long one question may take. Unit: milliseconds. */
const QUESTION_MS_MAX = 1_000;

async function open(bench: Bench): Promise<Rig> {
  const folder = mkdtempSync(join(bench.workDir, "ready-"));
  const keptDir = join(folder, "kept", "data");
  const serve = async (dataDir: string) => {
    const port = await freePort();
    mkdirSync(join(dataDir, ".."), { recursive: true });
    const args = [PROGRAM, "serve", "--port", String(port), "--data", dataDir];
    return await startUntilReady(bench, port, () => startNode(bench, args, { profileAs: "serve" }));
  };
  const serveOnce = async () => {
    const home = mkdtempSync(join(folder, "fresh-"));
    return await serve(join(home, "data")).finally(() => rmSync(home, { recursive: true, force: true }));
  };
  const listen = async () => {
    const port = await freePort();
    return await startUntilReady(bench, port, () => startNode(bench, [FLOOR, String(port)]));
  };
  await serve(keptDir);
  const slice = (name: string, run: () => Promise<Started>) => ({
    name,
    run: async (): Promise<Figures> => {
      const { ms, mebibytes } = await run();
      return { [`${name} ms`]: ms, [`${name} MiB`]: mebibytes };
    },
  });
  return {
    slices: [
      slice("listen", listen),
      slice("fresh", serveOnce),
      slice("listen again", listen),
      slice("kept", () => serve(keptDir)),
    ],
    comparisons: [
      comparisonOf("ready on an empty data folder", "fresh", "ms", { atMost: 2 }),
      comparisonOf("ready on a data folder that is there", "kept", "ms", { atMost: 2 }),
      comparisonOf("memory after the start", "fresh", "MiB", { atMost: 1.9 }),
    ],
    close: async () => {},
  };
}

function comparisonOf(label: string, ours: string, unit: "ms" | "MiB", goal: Goal): Comparison {
  const twins = [`listen ${unit}`, `listen again ${unit}`] as const;
  return { label, ours: `${ours} ${unit}`, floor: `listen ${unit}`, twins, unit, goal };
}

interface Started {
  readonly ms: number;
  readonly mebibytes: number;
}

/** Starts a server, times its first answer, weighs it, and stops it. */
async function startUntilReady(bench: Bench, port: number, startIt: () => ChildProcess): Promise<Started> {
  const startedAt = performance.now();
  const child = startIt();
  try {
    while (!(await isReady(port))) {
      if (performance.now() - startedAt > READY_MS_MAX || child.exitCode !== null) {
        throw new Error(`${child.spawnargs.join(" ")} did not become ready:\n${lastComplaint(bench)}`);
      }
    }
    const ms = performance.now() - startedAt;
    await sleep(SETTLE_MS);
    return { ms, mebibytes: residentMebibytes(child.pid ?? 0) };
  } finally {
    child.kill("SIGTERM");
    await ended(child);
  }
}

const QUESTION = "GET /_penstock/ready HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";

/** Asks once. A refused connection is answered within microseconds, and then asked again after a pause of one. */
async function isReady(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ port, host: "127.0.0.1" }, () => socket.write(QUESTION));
  socket.setTimeout(QUESTION_MS_MAX, () => resolve(false));
  socket.once("data", (chunk) => resolve(chunk.toString("latin1", 0, 13) === "HTTP/1.1 200 "));
  socket.once("error", () => resolve(false));
  const answer = await promise;
  socket.destroy();
  if (!answer) await sleep(PAUSE_MS);
  return answer;
}

/** Unit: milliseconds. */
const PAUSE_MS = 1;

function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer().once("error", reject);
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
  });
  return promise;
}

/** The resident set of a process. Source: proc(5), `status`; Linux only. */
function residentMebibytes(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kibibytes) / 1024;
}
