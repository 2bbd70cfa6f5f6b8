import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { setImmediate as turn } from "node:timers/promises";
import type { Moment } from "../src/engine/engine.ts";
import { failed, type RunningProvider } from "../src/engine/providers/provider.ts";
import { type Bench, closeBench, createBenchFolder, createPipeline, PIPELINE } from "./bench.ts";
import { endComplaints } from "./end-of-run.ts";
import { complaints, hasEnded } from "./invariants.ts";
import { Crashed } from "./life.ts";
import { createObserver, type Observer, type Rows } from "./observer.ts";
import { createRandom, type Random } from "./random.ts";
import { makeScenario, type Scenario, type Step } from "./scenario.ts";
import { type Stage, sayReport, scriptFunctions } from "./scripted-functions.ts";
import { createWitness, type Witness } from "./witness.ts";

/*
 * One run, from one seed: a pipeline, functions and a client that behave as the seed says, over a real engine
 * and a real store that are killed again and again and opened anew, until all has ended. Nothing is left to
 * the machine: turns of the event loop are counted and time stands until the run moves it.
 *
 * Checked after every commit and every answer, and at the end: invariants.ts, witness.ts, end-of-run.ts.
 */

export interface Run {
  /** Empty when all is well. */
  readonly violations: readonly string[];
  /** Where the process was killed, in order: a moment, or between two. */
  readonly crashes: readonly (Moment | "between")[];
  /** Everything that happened, in order: the same for the same seed. */
  readonly trace: readonly string[];
  /** How the executions ended. */
  readonly statuses: readonly string[];
}

/** A run kills processes, never the machine, so it need not wait for a disk. */
const MEMORY = "/dev/shm";

/** `passTime` moves the timers of the process, which the caller holds. Unit: milliseconds. */
export async function simulate(seed: number, passTime: (ms: number) => void): Promise<Run> {
  const random = createRandom(`seed ${seed}`);
  const scenario = makeScenario(random.fork("scenario"));
  const folder = createBenchFolder(existsSync(MEMORY) ? MEMORY : tmpdir());
  const first = folder.open({ scripts: {} });
  const observer = createObserver(folder.dir);
  try {
    await createPipeline(first, scenario.declaration);
    await closeBench(first);
    const world = createWorld(scenario, random, observer, folder, passTime);
    while (!(await live(world))) world.crashesLeft -= 1;
    if (world.witness.violations.length === 0) checkEnd(world);
    const { witness, crashes, trace } = world;
    const statuses = observer.look().executions.map(({ status }) => status);
    return { violations: witness.violations, crashes, trace, statuses };
  } finally {
    observer.close();
    folder.remove();
  }
}

function checkEnd({ witness, observer, scenario }: World): void {
  witness.ends();
  witness.violations.push(...endComplaints(observer.look(), witness.calledJobs, scenario.failsUnreported));
}

function describeFault(fault: unknown): string {
  return fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
}

/** What outlives a crash: what the outside knows, and what is still to come. */
interface World extends Stage {
  readonly observer: Observer;
  readonly folder: ReturnType<typeof createBenchFolder>;
  readonly witness: Witness;
  readonly crashes: (Moment | "between")[];
  readonly trace: string[];
  readonly steps: Step[];
  crashesLeft: number;
  /** Grows with everything that goes on. */
  activity: number;
  /** Calls of the client that are not answered. */
  openCalls: number;
  turnsToStep: number;
  /** How often in a row there was nothing to wait for. */
  standstills: number;
  before: Rows | undefined;
  passTime(ms: number): void;
}

function createWorld(
  scenario: Scenario,
  random: Random,
  observer: Observer,
  folder: World["folder"],
  passTime: World["passTime"],
): World {
  const world: World = {
    scenario,
    random,
    observer,
    folder,
    passTime,
    witness: createWitness(observer, scenario.timing.tickMs > 0),
    crashes: [],
    trace: [],
    steps: [...scenario.steps],
    crashesLeft: scenario.crashesCount,
    activity: 0,
    openCalls: 0,
    turnsToStep: 0,
    standstills: 0,
    before: undefined,
    async pause(turns) {
      for (let left = turns; left > 0; left -= 1) {
        await turn();
        world.activity += 1;
      }
    },
  };
  return world;
}

/** More turns of the event loop than any life of a run needs. */
const TURNS_MAX = 20_000;
/** So many turns without anything mean that everything waits for time to pass. */
const IDLE_TURNS = 12;

/** One life of the process. Answers whether all has ended; else it was killed. */
async function live(world: World): Promise<boolean> {
  const { random, crashes, folder, witness } = world;
  const fate = planCrash(random.fork(`life ${crashes.length}`), world.crashesLeft > 0);
  if (crashes.length > 0) setClockBack(world);
  witness.comesUp();
  const bench: Bench = folder.open({
    scripts: scriptFunctions(world),
    timing: world.scenario.timing,
    failsUnreported: world.scenario.failsUnreported,
    source: createSource(world),
    onStory: witness.tells,
    onMoment: (moment) => note(moment, world, fate, () => bench),
  });
  try {
    await bench.engine.recover();
    repeatReports(bench, world);
    for (let count = 0, idle = 0; count < TURNS_MAX; count += 1) {
      const { activity } = world;
      if (count === fate.turn) kill(bench, world, "between");
      if (bench.crashed) return false;
      if (witness.violations.length > 0) return true;
      takeStep(bench, world);
      await turn();
      idle = world.activity === activity ? idle + 1 : 0;
      for (const fault of bench.faults.splice(0)) witness.violations.push(`a fault: ${describeFault(fault)}`);
      if (idle > IDLE_TURNS && !bench.crashed) {
        if (isOver(world)) return true;
        letTimePass(bench, world);
      }
    }
    witness.violations.push(`S1 a life had no end in ${TURNS_MAX} turns`);
    return true;
  } finally {
    await closeBench(bench);
  }
}

/** Every moment at which these runs can be killed; `dropWork` and `deletePipeline` are not in them. */
export const MOMENTS: readonly [Moment, ...Moment[]] = [
  "savePipeline.written",
  "savePipeline.committed",
  "startExecution.written",
  "startExecution.committed",
  "stopExecution.written",
  "stopExecution.committed",
  "finishAction.written",
  "finishAction.committed",
  "takeReport.written",
  "takeReport.committed",
  "advanceJob.written",
  "advanceJob.committed",
  "failJob.written",
  "failJob.committed",
  "timeOutJob.written",
  "timeOutJob.committed",
  "action.done",
  "invocation.begin",
  "invocation.end",
];

/** When a life ends: at one of the moments of a name or of all, or at a turn of the event loop, counted from its beginning. */
interface Fate {
  readonly name?: Moment;
  momentsLeft: number;
  readonly turn: number;
}

function planCrash(random: Random, crashes: boolean): Fate {
  const never = Number.POSITIVE_INFINITY;
  if (!crashes) return { momentsLeft: never, turn: never };
  const turn = random.int(60);
  if (random.chance(0.3)) return { momentsLeft: never, turn };
  if (random.chance(0.4)) return { name: random.pick(MOMENTS), momentsLeft: 1 + random.int(3), turn: never };
  return { momentsLeft: 1 + random.int(30), turn: never };
}

function note(moment: Moment, world: World, fate: Fate, bench: () => Bench): void {
  world.activity += 1;
  world.trace.push(moment);
  if (moment.endsWith(".committed")) {
    const rows = world.observer.look();
    world.witness.violations.push(...complaints(rows, world.before));
    world.before = rows;
  }
  if (fate.name === undefined || fate.name === moment) fate.momentsLeft -= 1;
  if (fate.momentsLeft === 0) kill(bench(), world, moment);
}

function kill(bench: Bench, world: World, moment: Moment | "between"): void {
  world.crashes.push(moment);
  world.trace.push(`killed: ${moment}`);
  bench.crash();
}

/** The machine's clock may be set while the process is down. */
function setClockBack({ random, crashes, folder }: World): void {
  const dice = random.fork(`clock ${crashes.length}`);
  if (dice.chance(0.15)) folder.clock.advance(-dice.int(3_600_000));
}

/** Who is not sure of an answer asks again, and others just say things twice. */
function repeatReports(bench: Bench, world: World): void {
  const dice = world.random.fork(`repeat ${world.crashes.length}`);
  for (const said of world.witness.said.slice()) {
    if (dice.chance(0.2)) call(world, () => sayReport(bench, said, world));
  }
}

/** Something from outside. A crash may take its answer. */
function call(world: World, work: () => Promise<void>): void {
  world.openCalls += 1;
  work()
    .catch((error: unknown) => {
      if (!(error instanceof Crashed)) world.witness.violations.push(`a call threw ${String(error)}`);
    })
    .finally(() => {
      world.openCalls -= 1;
      world.activity += 1;
    });
}

function takeStep(bench: Bench, world: World): void {
  const step = world.steps[0];
  if (!step) return;
  world.activity += 1;
  world.turnsToStep += 1;
  if (world.turnsToStep <= step.afterTurns) return;
  world.turnsToStep = 0;
  world.steps.shift();
  call(world, () => take(step, bench, world));
}

async function take(step: Step, bench: Bench, world: World): Promise<void> {
  switch (step.type) {
    case "start":
      return await start(bench, step, world);
    case "stop":
      return await stop(bench, step, world);
    case "update":
      return await update(bench, world);
  }
}

/** What UpdatePipeline does to executions in flight. */
async function update({ engine }: Bench, { trace }: World): Promise<void> {
  await engine.commit("savePipeline", (tx, happened) => engine.outdateIn(tx, PIPELINE, happened));
  trace.push("update");
}

async function start(bench: Bench, step: Extract<Step, { type: "start" }>, world: World): Promise<void> {
  const { executionId, token } = step;
  const request = { pipeline: PIPELINE, executionId, trigger: { triggerType: "StartPipelineExecution" } };
  try {
    const answer = await bench.engine.start({ ...request, ...(token !== undefined && { clientRequestToken: token }) });
    world.trace.push(`start ${executionId}: ${answer}`);
    world.witness.startAnswered(executionId, token, answer);
  } catch (error) {
    // Only a client with a token may ask again: the same execution twice would be refused.
    if (error instanceof Crashed && token !== undefined)
      world.steps.push({ ...step, executionId: `${executionId}again` });
    throw error;
  }
}

async function stop(bench: Bench, { abandon }: Extract<Step, { type: "stop" }>, world: World): Promise<void> {
  const [first, ...others] = world.witness.starts;
  if (first === undefined) return;
  const executionId = world.random.fork(`stop ${world.trace.length}`).pick([first, ...others]);
  const rejection = await bench.engine.stop(executionId, abandon, "enough");
  world.trace.push(`stop ${executionId}: ${rejection?.reason}`);
  world.witness.stopAnswered(executionId, abandon, rejection);
}

/** How long the store keeps a write that nobody waits for. Unit: milliseconds. */
const DEFERRED_MS = 50;
/** A first look at a standstill may only bring out what was deferred. */
const STANDSTILLS_MAX = 2;

/** Everything waits: perhaps deferred writes are due, and then whatever a timer waits for. */
function letTimePass({ clock }: Bench, world: World): void {
  const dice = world.random.fork(`time ${world.trace.length} ${clock.now()}`);
  const next = clock.nextWakeAt();
  if (next === undefined || dice.chance(0.5)) world.passTime(DEFERRED_MS);
  world.standstills = next === undefined ? world.standstills + 1 : 0;
  if (world.standstills > STANDSTILLS_MAX) world.witness.violations.push("S1 something runs and nothing is to come");
  if (next === undefined) return;
  clock.advance(Math.max(0, next - clock.now()) + (dice.chance(0.3) ? dice.int(30_000) : 0));
}

function isOver({ steps, openCalls, observer }: World): boolean {
  if (steps.length > 0 || openCalls > 0) return false;
  const { executions, work, jobs } = observer.look();
  return executions.every(hasEnded) && work.length === 0 && jobs.every(({ status }) => status !== "Dispatched");
}

/** The source action, without objects: it takes its time, and sometimes finds nothing or meets a fault. */
function createSource(world: World): RunningProvider {
  return {
    type: "run",
    async run({ id, input }) {
      const dice = world.random.fork(`source ${id} ${world.crashes.length}`);
      if (!world.observer.action(id)) world.witness.violations.push(`S14 ${id} is run and not on record`);
      await world.pause(dice.int(6));
      if (dice.chance(world.scenario.trouble / 3)) throw new Error("the disk is away");
      if (dice.chance(world.scenario.trouble / 3)) return failed("ConfigurationError", "there is no source");
      const outputArtifacts = input.outputArtifacts.map((place) => ({ ...place, revision: "v1" }));
      return { status: "Succeeded", output: { outputArtifacts, revisionId: "v1", summary: "version v1" } };
    },
  };
}
