import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { normaliseDefinition, type PipelineDeclaration } from "@penstock/pipeline";
import type { CodePipelineJobEvent } from "@penstock/toolkit";
import type { Clock } from "../src/clock.ts";
import { createDeclarations } from "../src/engine/declarations.ts";
import { createEngine, type Engine, type Moment } from "../src/engine/engine.ts";
import { pipelinePlace } from "../src/engine/place.ts";
import type { CalledFunction } from "../src/engine/providers/attempts.ts";
import { createInvocationQueue, type InvocationQueue } from "../src/engine/providers/invocation-queue.ts";
import { createLambdaInvoke, unreportedError } from "../src/engine/providers/lambda-invoke.ts";
import type { RunningProvider } from "../src/engine/providers/provider.ts";
import { createS3Source } from "../src/engine/providers/s3-source.ts";
import { createStoryTeller } from "../src/engine/story-teller.ts";
import { fastTiming, type Timing } from "../src/engine/timing.ts";
import type { FunctionHost, FunctionSpec, InvocationEnd } from "../src/functions/host.ts";
import { createIdentity } from "../src/identity/create-identity.ts";
import { createMasterKey } from "../src/identity/master-key.ts";
import { createKeys } from "../src/keys/create-keys.ts";
import type { ObjectStore } from "../src/objects/object-store.ts";
import { openObjects } from "../src/objects/open-objects.ts";
import { insertPipeline, insertPipelineVersion } from "../src/store/pipeline.ts";
import { openSqliteStore } from "../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../src/store/store.ts";
import type { StoryEntry } from "../src/story.ts";
import { createLife, type Life, mortalClock, mortalMoments, mortalStore } from "./life.ts";

/*
 * A bench for the engine: the real store, the real objects, a clock that one sets, and functions that are
 * scripts in this process. `crash` leaves the data as a killed process would; `open` goes on with it.
 */

export const ACCOUNT = "111122223333";
export const REGION = "us-east-1";
export const PIPELINE = pipelinePlace(ACCOUNT, REGION, "p");

/** What a scripted function does with an attempt; what it answers is how the attempt ends. */
export type Script = (event: CodePipelineJobEvent, bench: Bench, attempt: number) => Promise<InvocationEnd["outcome"]>;

export interface BenchOptions {
  readonly scripts: Readonly<Record<string, Script>>;
  readonly timing?: Timing;
  /** What functions have beside their script, by name. */
  readonly functions?: Readonly<Record<string, Partial<CalledFunction>>>;
  /** Whether a job whose function has ended without a report fails at once. */
  readonly failsUnreported?: boolean;
  readonly onMoment?: (moment: Moment) => void;
  /** Told of every entry of the story as it is told. */
  readonly onStory?: (entry: StoryEntry) => void;
  /** Runs S3 source actions in place of the real one: without the disk, so that a seed always gives the same run. */
  readonly source?: RunningProvider;
}

export interface Bench {
  readonly store: Store;
  readonly engine: Engine;
  readonly queue: InvocationQueue;
  readonly objects: ObjectStore;
  readonly clock: SetClock;
  /** Every entry of the story since the first opening. */
  readonly story: StoryEntry[];
  /** Job ids in the order in which functions were called, one an attempt. */
  readonly calls: string[];
  readonly faults: unknown[];
  /** The process is killed: what is not committed is lost, and nothing of this bench has an effect any more. */
  crash(): void;
  readonly crashed: boolean;
  /** Objects are opened when somebody needs them. */
  closeObjects(): Promise<void>;
}

/** A clock that stands until it is moved. */
export interface SetClock extends Clock {
  advance(ms: number): void;
  /** When the next sleeper is due; nothing if nobody sleeps. */
  nextWakeAt(): number | undefined;
}

export function setClock(start = Date.UTC(2026, 0, 1)): SetClock {
  let now = start;
  let sleepers: { at: number; wake: () => void }[] = [];
  const wakeDue = () => {
    const due = sleepers.filter(({ at }) => at <= now);
    sleepers = sleepers.filter(({ at }) => at > now);
    for (const { wake } of due) wake();
  };
  return {
    now: () => now,
    wakeAt(at, wake) {
      const sleeper = { at, wake };
      sleepers.push(sleeper);
      if (at <= now) queueMicrotask(wakeDue);
      return () => {
        sleepers = sleepers.filter((other) => other !== sleeper);
      };
    },
    advance(ms) {
      now += ms;
      wakeDue();
    },
    nextWakeAt: () => (sleepers.length > 0 ? Math.min(...sleepers.map(({ at }) => at)) : undefined),
  };
}

/** A folder with data, and how to open it again and again. `parent` is where it is made. */
export function createBenchFolder(parent = tmpdir()) {
  const dir = mkdtempSync(join(parent, "penstock-bench-"));
  const masterKey = createMasterKey(randomBytes(32));
  const clock = setClock();
  const story: StoryEntry[] = [];
  const calls: string[] = [];
  return {
    dir,
    clock,
    story,
    calls,
    open: (options: BenchOptions) => openBench(dir, { masterKey, clock, story, calls }, options),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

function openBench(
  dir: string,
  kept: Kept,
  { scripts, timing = fastTiming, failsUnreported = true, onMoment, ...options }: BenchOptions,
): Bench {
  const { story, calls } = kept;
  const life = createLife();
  const { clock, store, identity, keys, objects, closeObjects } = openGround(dir, kept, life);
  const teller = createStoryTeller(store);
  teller.watch((entry) => {
    if (life.ended) return;
    story.push(entry);
    options.onStory?.(entry);
  });
  const faults: unknown[] = [];
  const source =
    options.source ??
    createS3Source({
      ...{ objects: objects(), keys, identity, now: clock.now },
      authorize: (caller, access) => identity.authorize({ caller, ...access }),
    });
  const lambda = createLambdaInvoke(() => queue, clock.now);
  const declarations = createDeclarations();
  const moment = onMoment ? { onMoment: mortalMoments(onMoment, life) } : {};
  const onFault = (error: unknown) => void (life.ended || faults.push(error));
  const engine = createEngine({
    ...moment,
    store,
    clock,
    timing,
    story: teller,
    declarations,
    providerOf: ({ input }) => (input.actionTypeId.provider === "S3" ? source : lambda),
    unreportedError,
    invoke: (work) => queue.begin(work),
    onFault,
  });
  const queue = createInvocationQueue({
    ...moment,
    store,
    clock,
    timing,
    story: teller,
    host: scriptedHost(scripts, () => bench, calls, life),
    identity,
    declarations,
    findFunction: async (name) => (scripts[name] ? { ...specOf(name), ...options.functions?.[name] } : undefined),
    failJob: engine.failJob,
    onExhausted: async (jobId) => void (failsUnreported && (await engine.timeOut(jobId))),
    wakeAt: engine.wakeAt,
    onFault,
  });
  const bench: Bench = {
    store,
    engine,
    queue,
    get objects() {
      return objects();
    },
    clock,
    story,
    calls,
    faults,
    crash: life.end,
    get crashed() {
      return life.ended;
    },
    closeObjects,
  };
  return bench;
}

/** What outlives a crash. */
type Kept = Pick<Bench, "clock" | "story" | "calls"> & { readonly masterKey: ReturnType<typeof createMasterKey> };

/** What the engine stands on. Objects are opened when somebody needs them. */
function openGround(dir: string, { masterKey, ...kept }: Kept, life: Life) {
  const clock = mortalClock(kept.clock, life);
  const { now } = clock;
  const path = join(dir, "penstock.db");
  const store = mortalStore(openSqliteStore({ path, onCommit: (at) => at === "before" && life.check() }), life);
  const log = { warn: () => {} };
  const identity = createIdentity({ store, masterKey, rootKeys: [], mode: "off", log, now });
  const keys = createKeys({ store, masterKey, now });
  const sealing = masterKey.derive("objects");
  const place = { dir: join(dir, "objects"), store, keys, masterKey: sealing, account: ACCOUNT, now };
  let opened: ObjectStore | undefined;
  const objects = () => {
    opened ??= openObjects(place);
    return opened;
  };
  return { clock, store, identity, keys, objects, closeObjects: async () => await opened?.close() };
}

/** Runs functions as scripts in this process. */
function scriptedHost(scripts: BenchOptions["scripts"], bench: () => Bench, calls: string[], life: Life): FunctionHost {
  return {
    async invoke(spec, { payload }) {
      life.check();
      const event = JSON.parse(payload.toString()) as CodePipelineJobEvent; // the engine made it
      const jobId = event["CodePipeline.job"].id;
      calls.push(jobId);
      const attempt = calls.filter((id) => id === jobId).length;
      const outcome = (await scripts[spec.name]?.(event, bench(), attempt)) ?? "returned";
      life.check();
      return { outcome, payload: Buffer.from("null"), durationMs: 1 };
    },
    invocationOf: () => undefined,
    prestart: () => {},
    retire: async () => {},
    stop: async () => {},
  };
}

function specOf(name: string): FunctionSpec {
  const arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
  const where = { arn, name, region: REGION, account: ACCOUNT, version: "$LATEST", codeDir: "/", revisionId: "1" };
  return {
    ...where,
    runtime: "provided",
    handler: "h",
    environment: {},
    timeoutSeconds: 3,
    memoryMb: 128,
    roleArn: "r",
  };
}

/** Puts a pipeline and its source object on record. `actions` are stages of Lambda actions: function names, or name and more. */
export async function createPipeline(bench: Bench, declaration: PipelineDeclaration): Promise<void> {
  await bench.objects.createBucket("sources", REGION);
  await bench.objects.setVersioning("sources", "Enabled");
  await bench.objects.createBucket("artifacts", REGION);
  await bench.objects.put({ bucket: "sources", key: "source.zip", body: Readable.from([Buffer.from("zip")]) });
  const now = bench.clock.now();
  await bench.store.transact(async (tx) => {
    await tx.run(insertPipeline, { ...PIPELINE, version: 1, created_at: now, updated_at: now, transitions: "[]" });
    const stored = JSON.stringify({ ...normaliseDefinition(declaration), version: 1 });
    await tx.run(insertPipelineVersion, { arn: PIPELINE.arn, version: 1, declaration: stored });
  });
}

/** A pipeline of an S3 source and a stage for each list of Lambda actions. */
export function declare(
  stages: readonly (readonly LambdaAction[])[],
  more: Partial<PipelineDeclaration> = {},
): PipelineDeclaration {
  return {
    name: "p",
    roleArn: `arn:aws:iam::${ACCOUNT}:role/pipeline`,
    artifactStore: { type: "S3", location: "artifacts" },
    stages: [
      {
        name: "Source",
        actions: [
          {
            name: "Fetch",
            actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" },
            configuration: { S3Bucket: "sources", S3ObjectKey: "source.zip" },
            outputArtifacts: [{ name: "Source" }],
          },
        ],
      },
      ...stages.map((actions, index) => ({ name: `Stage${index + 1}`, actions: actions.map(lambdaAction) })),
    ],
    ...more,
  };
}

export interface LambdaAction {
  readonly name: string;
  readonly function: string;
  readonly parameters?: string;
  readonly runOrder?: number;
  readonly namespace?: string;
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
}

function lambdaAction(action: LambdaAction) {
  return {
    name: action.name,
    actionTypeId: { category: "Invoke", owner: "AWS", provider: "Lambda", version: "1" } as const,
    ...(action.runOrder !== undefined && { runOrder: action.runOrder }),
    configuration: {
      FunctionName: action.function,
      ...(action.parameters !== undefined && { UserParameters: action.parameters }),
    },
    inputArtifacts: (action.inputs ?? []).map((name) => ({ name })),
    outputArtifacts: (action.outputs ?? []).map((name) => ({ name })),
    ...(action.namespace !== undefined && { namespace: action.namespace }),
  };
}

/** Starts an execution and waits until it has ended and nothing of it runs. */
export async function runPipeline(bench: Bench, executionId: string): Promise<string> {
  const ended = waitForEnd(bench, executionId);
  const trigger = { triggerType: "StartPipelineExecution" };
  await bench.engine.start({ pipeline: PIPELINE, executionId, trigger });
  return await ended;
}

/** Resolves with an execution's status once it has ended and nothing of it runs. */
export async function waitForEnd(bench: Bench, executionId: string): Promise<string> {
  for (let turn = 0; turn < TURNS_MAX; turn += 1) {
    for (const entry of bench.story) {
      if (entry.type !== "executionFinished" || entry.executionId !== executionId) continue;
      await bench.queue.idle(executionId);
      return entry.status;
    }
    if (bench.faults.length > 0) throw bench.faults[0];
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`Execution ${executionId} did not end in ${TURNS_MAX} turns of the event loop.`);
}

/** More turns than any execution of these tests can need. */
const TURNS_MAX = 200_000;

/** Reports success for a job, as its function would. */
export async function succeed(bench: Bench, event: CodePipelineJobEvent, more: object = {}): Promise<unknown> {
  const jobId = event["CodePipeline.job"].id;
  return await bench.engine.report({ jobId, account: ACCOUNT, region: REGION, report: { type: "success", ...more } });
}

/** Reports failure for a job, as its function would. */
export async function fail(bench: Bench, event: CodePipelineJobEvent, failureType: string, message: string) {
  const report = { type: "failure", failureType, message } as const;
  return await bench.engine.report({ jobId: event["CodePipeline.job"].id, account: ACCOUNT, region: REGION, report });
}

export async function closeBench(bench: Bench): Promise<void> {
  bench.queue.close();
  bench.engine.close();
  await bench.closeObjects();
  await bench.store.close();
}
