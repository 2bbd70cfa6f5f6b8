import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ACTIONS_COUNT } from "./counted-pipeline.ts";
import { COUNTED_COUNT, type Counts, MARKS } from "./counters.ts";
import type { Orders } from "./counting-server.ts";

/*
 * What a warm Lambda action may cost, counted in a real server with a real function: one commit, one sync of the disk,
 * three round trips over loopback (its report, its answer, its next question), no poll, no process, and one timer,
 * which ends a function that takes too long. Source: the performance method, §4.9.
 *
 * A loaded machine can add to an execution what its code does not: a process that is started because another took
 * more than the hold-back to return, and asks, or a commit of log lines that found no other to ride in. So of a few
 * executions it is enough that one costs no more; where costs are compared with each other, the leanest counts.
 */

/** Unit: milliseconds. */
const TIMEOUT_MS = 180_000;

const STRACE = ["/usr/bin/strace", "/bin/strace"].find((path) => existsSync(path));

const scratch = mkdtempSync(join(tmpdir(), "penstock-budget-"));
const nodeDir = join(scratch, "functions");
const sourceDir = fileURLToPath(new URL("./functions", import.meta.url));

beforeAll(async () => {
  const entryPoints = [join(sourceDir, "report.ts")];
  await build({ entryPoints, outdir: nodeDir, bundle: true, platform: "node", target: "node20" });
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const FUNCTIONS = [
  { runtime: "python3.12", handler: "report.handler", codeDir: sourceDir },
  { runtime: "nodejs24.x", handler: "report.handler", codeDir: nodeDir },
] as const;

describe.each(FUNCTIONS)("five warm actions of a function in $runtime", (code) => {
  let counted: readonly Counts[];
  beforeAll(async () => {
    counted = await run(ordersFor(code));
  }, TIMEOUT_MS);

  test("cost a commit each", () => {
    const expected = Array.from({ length: ACTIONS_COUNT }, () => "takeReport.committed");
    expect(counted.map(({ commits }) => commits)).toContainEqual(expected);
  });

  test("cost three round trips each, and nothing is polled", () => {
    const expected = ["PutJobSuccessResult", "response", "next"].flatMap((name) => Array(ACTIONS_COUNT).fill(name));
    expect(counted.map(({ requests }) => requests.toSorted())).toContainEqual(expected.toSorted());
    expect(counted.map(({ intervals }) => intervals)).toEqual(counted.map(() => ({})));
  });

  test("start no process", () => {
    expect(counted.map(({ spawns }) => spawns)).toContain(0);
  });

  test("set the timer of the function's timeout each, and no other but those that stand for many", () => {
    const leanest = leanestOf(counted);
    const { "environment.ts": timeouts, "clock.ts": due = 0, ...collecting } = leanest.timers;
    expect(timeouts).toBe(ACTIONS_COUNT);
    // The one timer of the engine's next due work is set anew when that changes.
    expect(due).toBeLessThanOrEqual(ACTIONS_COUNT);
    // What nobody waits for is collected: log lines, deferred writes, and a start that is held back.
    for (const [file, count] of Object.entries(collecting)) {
      expect(["line-writer.ts", "story-teller.ts", "sqlite-store.ts", "pool.ts"]).toContain(file);
      expect(count).toBeLessThanOrEqual(leanest.commits.length + 1); // A commit takes what was collected before it.
    }
  });
});

// Without strace there is nothing that sees the syncs of a library from outside.
test.skipIf(STRACE === undefined)(
  "five warm actions cost a sync of the disk each",
  { timeout: TIMEOUT_MS },
  async () => {
    const trace = join(scratch, "trace");
    const args = ["-f", "-o", trace, "-e", "trace=fsync,fdatasync,sync_file_range,rmdir"];
    const counted = await run(ordersFor(FUNCTIONS[1]), [STRACE ?? "", ...args]);
    const syncs = syncsBetweenMarks(readFileSync(trace, "utf8"));
    expect(syncs).toHaveLength(COUNTED_COUNT);
    expect(Math.min(...syncs)).toBeGreaterThanOrEqual(ACTIONS_COUNT);
    // A deferred write whose time has come may still ride in an action's commit, and then has no sync of its own.
    const perExecution = syncs.map((count, index) => count - (counted[index]?.ownCommitsOfDeferred ?? 0));
    expect(Math.min(...perExecution)).toBeLessThanOrEqual(ACTIONS_COUNT);
  },
);

/** How often the disk was synced in each stretch that the program marked. */
function syncsBetweenMarks(trace: string): readonly number[] {
  const stretches = trace.split(MARKS.begin).slice(1);
  return stretches.map((stretch) => (stretch.split(MARKS.end)[0]?.match(/^\d+ +f(data)?sync\(/gm) ?? []).length);
}

function leanestOf(counted: readonly Counts[]): Counts {
  const [first] = counted.toSorted((a, b) => weightOf(a) - weightOf(b));
  if (!first) throw new Error("no execution was counted");
  return first;
}

function weightOf({ commits, requests, spawns, timers }: Counts): number {
  return [commits.length, requests.length, spawns, ...Object.values(timers)].reduce((sum, count) => sum + count, 0);
}

let placesCount = 0;

function ordersFor(code: Orders["function"]): Orders {
  placesCount += 1;
  const dir = join(scratch, `place-${placesCount}`);
  mkdirSync(dir);
  return { dataDir: join(dir, "data"), cacheDir: join(scratch, "cache"), function: code, ...pythonOfSetUp() };
}

/** The Python with boto3 that set-up found or made. Without its note the server looks for one itself. */
function pythonOfSetUp(): { readonly python?: string } {
  const file = fileURLToPath(new URL("../../../.tools/python.json", import.meta.url));
  if (!existsSync(file)) return {};
  return { python: (JSON.parse(readFileSync(file, "utf8")) as { executable: string }).executable }; // set-up wrote it
}

async function run(orders: Orders, under: readonly string[] = []): Promise<readonly Counts[]> {
  const program = fileURLToPath(new URL("./counting-server.ts", import.meta.url));
  const [first = process.execPath, ...rest] = [...under, process.execPath, program, JSON.stringify(orders)];
  const { stdout } = await promisify(execFile)(first, rest, { timeout: TIMEOUT_MS, cwd: scratch });
  return JSON.parse(stdout) as readonly Counts[]; // the program wrote it
}
