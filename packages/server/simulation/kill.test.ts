import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Line, Orders } from "./crashing-server.ts";
import { complaints } from "./invariants.ts";
import { SIGNED } from "./killed-pipeline.ts";
import { createObserver, type Rows } from "./observer.ts";

/*
 * Real servers with real functions, killed with SIGKILL at a named moment and started again on what they left. Each
 * must take up the execution, end it with the right output, and call no function again for a job that had its report.
 *
 * Reports come in this order: two continuations and the success of `shout`, the success of `sign`, and three times
 * the same success of the documentation's sample, which raises after it and is tried again.
 */

const POINTS = [
  "savePipeline.written 1",
  "savePipeline.committed 1",
  "startExecution.written 1",
  "startExecution.committed 1",
  "action.done 1",
  "finishAction.written 1",
  "finishAction.committed 1",
  "invocation.begin 1",
  "takeReport.written 1",
  "takeReport.committed 1",
  "story.reported 1",
  "invocation.end 1",
  "takeReport.committed 2",
  "takeReport.written 3",
  "takeReport.committed 3",
  "invocation.begin 4",
  "takeReport.committed 4",
  "invocation.end 4",
  "takeReport.written 5",
  "takeReport.committed 5",
  "invocation.end 5",
  "takeReport.committed 6",
] as const;

/** How many servers run at a time. */
const LANES_COUNT = 2;
/** For a machine with much else to do. Unit: milliseconds. */
const TIMEOUT_MS = 300_000;

/** A server that hangs is ended after so long. Unit: milliseconds. */
const LIFE_MS_MAX = 120_000;

const scratch = mkdtempSync(join(tmpdir(), "penstock-kill-"));
const codeDir = join(scratch, "functions");
const lanes = Array.from({ length: LANES_COUNT }, () => Promise.resolve());

beforeAll(async () => {
  const functions = ["shout", "sign"].map((name) => fileURLToPath(new URL(`./functions/${name}.ts`, import.meta.url)));
  // Bundled, because otherwise most of the time goes by while the SDK is loaded.
  await build({ entryPoints: functions, outdir: codeDir, bundle: true, platform: "node", target: "node20" });
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

for (const [index, point] of POINTS.entries()) {
  test.concurrent(`killed at ${point}, a server takes up its work`, { timeout: TIMEOUT_MS }, async () => {
    const lane = (lanes[index % LANES_COUNT] ?? Promise.resolve()).then(() => killAndGoOn(point));
    lanes[index % LANES_COUNT] = lane.catch(() => undefined);
    await lane;
  });
}

async function killAndGoOn(point: string): Promise<void> {
  const place = makePlace(point);
  const [moment = "", nth = "1"] = point.split(" ");
  const killed = await run({ ...place, kill: { moment, nth: Number(nth) } });
  expect(killed.signal, killed.stderr).toBe("SIGKILL");
  await allGone(place);
  const before = look(place);
  const reported = before.jobs.filter(({ status }) => status !== "Dispatched").map(({ id }) => id);
  // What a function was told is on record: its own word against the rows.
  expect(reported).toEqual(expect.arrayContaining(idsOf(readLedger(place), "reported")));
  const linesBefore = readLedger(place).length;
  const startedAgainAt = Date.now();

  const next = await run(place);
  expect({ code: next.code, stderr: next.stderr }).toEqual({ code: 0, stderr: "" });
  expect(next.lines.filter(({ type }) => type !== "story")).toEqual([
    { type: "ended", status: "Succeeded", signed: SIGNED },
  ]);
  const calledAgain = [
    ...idsOf(readLedger(place).slice(linesBefore), "invoked"),
    ...invokedSince(place, startedAgainAt),
  ];
  expect(calledAgain.filter((id) => reported.includes(id))).toEqual([]);
  checkRows(look(place), before);
  await allGone(place);
}

type Place = Pick<Orders, "dataDir" | "ledger" | "codeDir" | "cacheDir" | "python">;

function makePlace(point: string): Place {
  const dir = join(scratch, point.replace(" ", "-"));
  mkdirSync(dir);
  const cacheDir = join(scratch, "cache");
  return { dataDir: join(dir, "data"), ledger: join(dir, "ledger"), codeDir, cacheDir, ...pythonOfSetUp() };
}

/** The Python with boto3 that set-up found or made. Without its note the server looks for one itself. */
function pythonOfSetUp(): { readonly python?: string } {
  const file = fileURLToPath(new URL("../../../.tools/python.json", import.meta.url));
  if (!existsSync(file)) return {};
  return { python: (JSON.parse(readFileSync(file, "utf8")) as { executable: string }).executable }; // set-up wrote it
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lines: readonly Line[];
  readonly stderr: string;
}

/** One life of the server, to its end. */
async function run(orders: Orders): Promise<Ended> {
  const program = fileURLToPath(new URL("./crashing-server.ts", import.meta.url));
  const child = spawn(process.execPath, [program, JSON.stringify(orders)], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LIFE_MS_MAX,
  });
  const lines: Line[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(JSON.parse(line) as Line)); // the program wrote it
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, lines, stderr }));
  });
}

interface Noted {
  readonly jobId: string;
  readonly phase: string;
  readonly pid: number;
}

/** What functions themselves noted, over all lives. */
function readLedger({ ledger }: Place): readonly Noted[] {
  if (!existsSync(ledger)) return [];
  const lines = readFileSync(ledger, "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const [jobId = "", phase = "", pid] = line.split(" ");
    return { jobId, phase, pid: Number(pid) };
  });
}

function idsOf(noted: readonly Noted[], phase: string): string[] {
  return noted.filter((line) => line.phase === phase).map(({ jobId }) => jobId);
}

/** Jobs whose functions the server called from a time on, the sample's too, which notes nothing. */
function invokedSince({ dataDir }: Place, at: number): readonly string[] {
  const observer = createObserver(dataDir);
  const entries = observer.story();
  observer.close();
  return entries.flatMap((entry) => (entry.type === "invoked" && entry.at >= at ? (entry.jobId ?? []) : []));
}

function look({ dataDir }: Place): Rows {
  const observer = createObserver(dataDir);
  const rows = observer.look();
  observer.close();
  return rows;
}

function checkRows(rows: Rows, before: Rows): void {
  expect(complaints(rows, before)).toEqual([]);
  expect(rows.work).toEqual([]);
  expect(rows.states).toEqual([]);
  expect(rows.executions.map(({ status }) => status)).toEqual(["Succeeded"]);
  expect(rows.stages.map(({ stage, status }) => `${stage} ${status}`)).toEqual(
    ["Source", "Work", "Release"].map((stage) => `${stage} Succeeded`),
  );
  expect(rows.actions.map(({ action, status }) => `${action} ${status}`)).toEqual(
    ["Fetch", "Shout", "Sign", "Sample"].map((action) => `${action} Succeeded`),
  );
  expect(rows.jobs.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => "Succeeded"));
}

const LOOKS_COUNT_MAX = 500;
/** Unit: milliseconds. */
const LOOK_MS = 20;

/** Functions of a killed server end by themselves, having noted what they were answered; it can no longer end them. */
async function allGone(place: Place): Promise<void> {
  const pids = [...new Set(readLedger(place).map(({ pid }) => pid))];
  for (let count = 0; count < LOOKS_COUNT_MAX && pids.some(isRunning); count += 1) await wait(LOOK_MS);
  expect(pids.filter(isRunning)).toEqual([]);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // no such process
  }
}
