import { afterEach, expect, test } from "vitest";
import {
  type Bench,
  type BenchOptions,
  closeBench,
  createBenchFolder,
  createPipeline,
  declare,
  PIPELINE,
  runPipeline,
  succeed,
  waitForEnd,
} from "../../../simulation/bench.ts";
import { listWork, type WorkTable } from "../../store/work.ts";
import type { StoryEntry } from "../../story.ts";
import { awsTiming, fastTiming } from "../timing.ts";
import type { CalledFunction } from "./attempts.ts";
import { readInvokeBody } from "./invoke-body.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const MINUTE_MS = 60_000;

test.each([
  [0, 1],
  [1, 2],
  [2, 3],
])(
  "a job's function with %i retries is called at most %i times, and the story says that they ran out",
  async (retriesMax, calls) => {
    const bench = await openFailing({ asynchronous: { retriesMax } });
    expect(await runPipeline(bench, "e1")).toBe("Failed");
    expect(bench.calls).toHaveLength(calls);
    const times = calls === 1 ? "once" : `${calls} times`;
    expect(notes(bench)).toEqual([
      ["retriesExhausted", `ran out of retries: f was called ${times} and is not tried again`],
    ]);
  },
);

test("a function that cannot start is called once, and that is no matter of retries", async () => {
  const bench = await openFailing({}, { scripts: { f: async () => "couldNotStart" } });
  expect(await runPipeline(bench, "e1")).toBe("Failed");
  expect([bench.calls.length, notes(bench)]).toEqual([1, []]);
});

test("in the service's rhythm an event that would be too old at its next try is dropped", async () => {
  const asynchronous = { eventAgeSecondsMax: 120 };
  const bench = await openFailing({ asynchronous }, { timing: awsTiming });
  await start(bench);
  await until(bench, () => ended(bench) === 1);
  await committed(bench);
  await advance(bench, MINUTE_MS); // the second try fails as well, and the third would come at minute 3
  await until(bench, () => notes(bench).length === 1);
  await advance(bench, 10 * MINUTE_MS);
  expect(bench.calls).toHaveLength(2);
  expect(notes(bench)).toEqual([["eventTooOld", expect.stringMatching(/^event too old: f was called 2 times, /)]]);
  await committed(bench);
  expect(await invocations(bench)).toEqual([]);
});

test("an event of an hour's age that was kept by a stopped server is dropped without a call", async () => {
  const folder = createBenchFolder();
  cleanUps.push(folder.remove);
  const options = failing({ asynchronous: { eventAgeSecondsMax: 3_600 } }, { timing: awsTiming });
  const first = folder.open(options);
  await createPipeline(first, declare([[{ name: "Call", function: "f" }]]));
  await start(first);
  await until(first, () => ended(first) === 1);
  await committed(first);
  first.crash();
  folder.clock.advance(60 * MINUTE_MS);
  const second = folder.open({ ...options, failsUnreported: true });
  cleanUps.push(() => closeBench(second));
  // The job's 20 minutes have passed as well, so it is the queue alone that is asked here.
  for (const row of await invocations(second)) second.queue.begin(row);
  await until(second, () => notes(second).length === 1);
  expect(notes(second)[0]?.[0]).toBe("eventTooOld");
  expect(second.calls).toHaveLength(1);
});

test("of two jobs of a function with room for one, the second waits and runs when the first has ended", async () => {
  const held = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  const bench = open({
    functions: { f: { reservedConcurrency: 1 } },
    scripts: {
      f: async (event) => {
        running += 1;
        most = Math.max(most, running);
        await held.promise;
        await succeed(bench, event);
        running -= 1;
        return "returned";
      },
    },
  });
  const both = [
    { name: "A", function: "f" },
    { name: "B", function: "f" },
  ];
  await createPipeline(bench, declare([both]));
  await start(bench);
  await until(bench, () => notes(bench).length === 1);
  held.resolve();
  expect(await waitForEnd(bench, "e1")).toBe("Succeeded");
  expect([most, bench.calls.length]).toEqual([1, 2]);
  expect(notes(bench)).toEqual([
    ["throttled", "throttled: all of the reserved concurrency of f (1) is in use; it is tried again"],
  ]);
  expect(bench.story.filter(({ type }) => type === "invoked")).toHaveLength(2);
});

test("calls that found no room several times are made once each when there is some", async () => {
  const letGo: (() => void)[] = [];
  const bench = open({
    failsUnreported: false,
    functions: { f: { reservedConcurrency: 1 } },
    scripts: {
      f: async () => {
        await new Promise<void>((resolve) => void letGo.push(resolve));
        return "returned"; // without a report, so that the jobs go on waiting
      },
    },
  });
  const three = ["A", "B", "C"].map((name) => ({ name, function: "f" }));
  await createPipeline(bench, declare([three]));
  await start(bench);
  for (let round = 1; round <= 3; round += 1) {
    await until(bench, () => notes(bench).length === 2 * round);
    await committed(bench);
    const dues = (await invocations(bench)).map(({ due_at }) => due_at);
    await advance(bench, Math.max(...dues) - bench.clock.now());
  }
  for (let count = 1; count <= 3; count += 1) {
    await until(bench, () => letGo.length === count);
    letGo.at(-1)?.();
    await until(bench, () => ended(bench) === count);
    await committed(bench);
  }
  for (let turn = 0; turn < 10; turn += 1) await committed(bench);
  expect(bench.calls).toHaveLength(3);
});

test("in the service's rhythm a throttled call comes back after 1, 2, 4 seconds and so on, at most five minutes", async () => {
  const bench = await openThrottled({ asynchronous: { eventAgeSecondsMax: 21_600 } });
  const waits: number[] = [];
  for (let round = 1; round <= 11; round += 1) {
    await until(bench, () => notes(bench).length === round);
    await committed(bench);
    const row = (await invocations(bench)).find(({ attempt }) => attempt > 1);
    waits.push((row?.due_at ?? 0) - bench.clock.now());
    await advance(bench, waits.at(-1) ?? 0);
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map((seconds) => seconds * 1000));
});

test("a throttled call is dropped when its event is too old, also over a restart, and never ran", async () => {
  const bench = await openThrottled({ asynchronous: { eventAgeSecondsMax: 60 } });
  for (let round = 1; notes(bench).at(-1)?.[0] !== "eventTooOld"; round += 1) {
    await until(bench, () => notes(bench).length === round);
    await committed(bench);
    const row = (await invocations(bench)).find(({ attempt }) => attempt > 1);
    if (row) expect(readInvokeBody(row)).toMatchObject({ throttles: round });
    await advance(bench, (row?.due_at ?? 0) - bench.clock.now());
    if (!row) break;
  }
  await until(bench, () => notes(bench).at(-1)?.[0] === "eventTooOld");
  expect(notes(bench).at(-1)?.[1]).toMatch(/^event too old: f was called 0 times/);
  expect(bench.clock.now() - (bench.story[0]?.at ?? 0)).toBe(MINUTE_MS);
  expect(bench.calls).toHaveLength(1); // the one that holds the place
});

test("a job of a function with nothing reserved for it is told so at once and does not wait", async () => {
  const bench = await openFailing({ reservedConcurrency: 0 });
  expect(await runPipeline(bench, "e1")).toBe("Failed");
  expect(bench.calls).toEqual([]);
  expect(notes(bench)).toEqual([["throttled", expect.stringMatching(/the reserved concurrency of f is 0/)]]);
});

function failing(spec: Partial<CalledFunction>, more: Partial<BenchOptions> = {}): BenchOptions {
  return { scripts: { f: async () => "raised" }, functions: { f: spec }, failsUnreported: !more.timing, ...more };
}

async function openFailing(spec: Partial<CalledFunction>, more: Partial<BenchOptions> = {}): Promise<Bench> {
  const bench = open(failing(spec, more));
  await createPipeline(bench, declare([[{ name: "Call", function: "f" }]]));
  return bench;
}

/** A function with room for one, whose first call never ends, and a second that waits. */
async function openThrottled(spec: Partial<CalledFunction>): Promise<Bench> {
  const bench = open({
    timing: awsTiming,
    failsUnreported: false,
    functions: { f: { reservedConcurrency: 1, ...spec } },
    scripts: { f: () => new Promise(() => {}) },
  });
  const both = [
    { name: "A", function: "f" },
    { name: "B", function: "f" },
  ];
  await createPipeline(bench, declare([both]));
  await start(bench);
  return bench;
}

function open(options: BenchOptions): Bench {
  const folder = createBenchFolder();
  cleanUps.push(folder.remove);
  const bench = folder.open({ timing: fastTiming, ...options });
  cleanUps.push(() => closeBench(bench));
  return bench;
}

const start = (bench: Bench) =>
  bench.engine.start({ pipeline: PIPELINE, executionId: "e1", trigger: { triggerType: "StartPipelineExecution" } });

const ended = (bench: Bench) => bench.story.filter(({ type }) => type === "attemptEnded").length;

function notes(bench: Bench): readonly [cause: string | undefined, message: string][] {
  const isNote = (entry: StoryEntry): entry is StoryEntry & { type: "note" } => entry.type === "note";
  return bench.story.filter(isNote).map(({ cause, message }) => [cause, message]);
}

async function invocations(bench: Bench): Promise<readonly WorkTable[]> {
  return (await bench.store.read.all(listWork, {})).filter(({ kind }) => kind === "invoke");
}

/** Everything that was deferred is written, and what follows from it has begun. */
async function committed(bench: Bench): Promise<void> {
  await bench.store.transact(async () => {});
  await new Promise((resolve) => setImmediate(resolve));
  await bench.store.transact(async () => {});
}

async function advance(bench: Bench, ms: number): Promise<void> {
  bench.clock.advance(ms);
  await committed(bench);
}

/** Waits, turn by turn, for what the event loop will bring about. */
async function until(bench: Bench, condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 20_000 && !condition() && bench.faults.length === 0; turn += 1)
    await new Promise((resolve) => setImmediate(resolve));
  expect(bench.faults).toEqual([]);
  expect(condition()).toBe(true);
}
