import { createHash } from "node:crypto";
import type { Declarations } from "../engine/declarations.ts";
import { readAction } from "../engine/jobs.ts";
import { buildJobEvent } from "../engine/providers/job-event.ts";
import { homeOfAction } from "../engine/providers/provider.ts";
import type { FunctionRegistry, StoredFunction } from "../functions/registry.ts";
import type { Objects } from "../objects/objects.ts";
import {
  type ActionExecutionRow,
  type ActionOutput,
  type ArtifactLocation,
  findActionExecution,
} from "../store/action-execution.ts";
import { findJob, type JobTable } from "../store/job.ts";
import type { Reader } from "../store/store.ts";
import { listStoryAroundJob } from "../store/story.ts";
import type { EntryOf, StoryEntry, StoryEvent } from "../story.ts";
import { ServiceError } from "../wire/error.ts";
import {
  CAPTURE_VERSION,
  type CapturedArtifact,
  type CapturedAttempt,
  type CapturedEvent,
  type CapturedFunction,
  type CapturedOutcome,
  EMBEDDED_BYTES_MAX,
  type JobCapture,
} from "./job-capture.ts";

/** What a capture is made from. */
export interface CaptureSource {
  readonly read: Reader;
  readonly declarations: Declarations;
  readonly objects: Pick<Objects, "get">;
  readonly registry: Pick<FunctionRegistry, "find">;
  now(): number;
}

export interface CaptureOptions {
  /** Puts artifacts of up to `EMBEDDED_BYTES_MAX` into the capture. */
  readonly embeds?: boolean;
  /** Tells the values of the function's environment variables, and not only their names. */
  readonly withValues?: boolean;
}

/** How many rows of a story are read at once, and how many entries of it are looked at. */
const ROWS_AT_ONCE = 200;
const ENTRIES_MAX = 20_000;

/**
 * What a job was given and what became of it. Holds no credential. Undefined when there is no such job.
 *
 * Errors: `InvalidJobException` for a job that is no Lambda action's: there is no event to run again.
 */
export async function captureJob(
  jobId: string,
  options: CaptureOptions,
  source: CaptureSource,
): Promise<JobCapture | undefined> {
  const job = await source.read.first(findJob, { id: jobId });
  const row = job && (await source.read.first(findActionExecution, { id: job.action_execution_id }));
  if (!row) return undefined;
  const action = await readAction(source.read, row, source.declarations);
  const { inputArtifacts, outputArtifacts, resolvedConfiguration, region, work } = action.input;
  if (work) throw notOfLambda(jobId);
  const token = job.continuation_token === null ? {} : { continuationToken: job.continuation_token };
  const story = await storyOf(jobId, source.read);
  const called = await source.registry.find(homeOfAction(action), resolvedConfiguration["FunctionName"] ?? "");
  return {
    penstockCapture: CAPTURE_VERSION,
    capturedAt: new Date(source.now()).toISOString(),
    source: "penstock",
    event: withoutCredentials(buildJobEvent({ jobId, action, ...token }, NO_CREDENTIALS)),
    artifacts: [
      ...(await captureAll("input", inputArtifacts, options, source.objects)),
      ...(await captureAll("output", outputArtifacts, options, source.objects)),
    ],
    job: {
      id: jobId,
      number: job.number,
      status: job.status,
      pipeline: action.pipelineName,
      region,
      executionId: action.executionId,
      stage: action.stage,
      action: action.name,
    },
    function: called ? describeFunction(called, options) : null,
    attempts: ofType(story, "attemptEnded").map(describeAttempt),
    outcome: describeOutcome(row, job, story),
  };
}

const notOfLambda = (jobId: string) =>
  new ServiceError(
    "InvalidJobException",
    `Job ${jobId} is of a custom action or of a partner's; only jobs of Lambda actions can be captured, to run their function again`,
  );

const NO_CREDENTIALS = { accessKeyId: "", secretAccessKey: "", sessionToken: "", expirationTime: 0 };

function withoutCredentials({ "CodePipeline.job": job }: ReturnType<typeof buildJobEvent>): CapturedEvent {
  const { artifactCredentials: _, ...data } = job.data;
  const { FunctionName, UserParameters } = data.actionConfiguration.configuration;
  const configuration = { FunctionName, ...(UserParameters !== undefined && { UserParameters }) };
  return { "CodePipeline.job": { ...job, data: { ...data, actionConfiguration: { configuration } } } };
}

async function captureAll(
  direction: CapturedArtifact["direction"],
  places: readonly ArtifactLocation[],
  options: CaptureOptions,
  objects: CaptureSource["objects"],
): Promise<CapturedArtifact[]> {
  const captured: CapturedArtifact[] = [];
  for (const place of places) captured.push(await captureArtifact(direction, place, options, objects)); // one at a time: each may be large
  return captured;
}

async function captureArtifact(
  direction: CapturedArtifact["direction"],
  { name, bucket, key }: ArtifactLocation,
  { embeds = false }: CaptureOptions,
  objects: CaptureSource["objects"],
): Promise<CapturedArtifact> {
  const place = { direction, name, bucket, key };
  const found = await objects.get({ bucket, key }).catch(absent);
  if (!found) return { ...place, versionId: null, sizeBytes: null, sha256: null };
  const { object, body } = found;
  const keeps = embeds && object.sizeBytes <= EMBEDDED_BYTES_MAX;
  const hash = createHash("sha256");
  const parts: Buffer[] = [];
  for await (const part of body as AsyncIterable<Buffer>) {
    hash.update(part);
    if (keeps) parts.push(part);
  }
  return {
    ...place,
    versionId: object.versionId,
    sizeBytes: object.sizeBytes,
    sha256: hash.digest("hex"),
    ...(keeps && { base64: Buffer.concat(parts).toString("base64") }),
  };
}

/** An output that was never written is no fault of the capture. */
function absent(error: unknown): undefined {
  if (error instanceof ServiceError && ["NoSuchKey", "NoSuchBucket", "NoSuchVersion"].includes(error.code)) return;
  throw error;
}

function describeFunction({ name, codeDir, settings }: StoredFunction, { withValues = false }: CaptureOptions) {
  const { runtime, handler, timeoutSeconds, memoryMb, environment } = settings;
  const described: CapturedFunction = {
    name,
    runtime,
    handler,
    codeDir,
    timeoutSeconds,
    memoryMb,
    environmentNames: Object.keys(environment),
    ...(withValues && { environment }),
  };
  return described;
}

function describeAttempt({ attempt, requestId, outcome, durationMs, error }: EntryOf<"attemptEnded">): CapturedAttempt {
  const { errorType, errorMessage } = error ?? {};
  const told = errorType === undefined || errorMessage === undefined ? null : { errorType, errorMessage };
  return { attempt, requestId, outcome, durationMs: Math.round(durationMs), error: told };
}

function describeOutcome(row: ActionExecutionRow, job: JobTable, story: readonly StoryEntry[]): CapturedOutcome {
  const { error } = JSON.parse(row.output) as ActionOutput; // we wrote it
  const report = job.report === null ? undefined : ofType(story, "reported").at(-1);
  return {
    actionStatus: row.status,
    reported: report ? { result: report.result, message: report.message ?? null } : null,
    error: error ? { code: error.code, message: error.message } : null,
  };
}

async function storyOf(jobId: string, read: Reader): Promise<readonly StoryEntry[]> {
  const entries: StoryEntry[] = [];
  for (let after = 0; entries.length < ENTRIES_MAX; ) {
    const rows = await read.all(listStoryAroundJob, { job_id: jobId, after, limit: ROWS_AT_ONCE });
    for (const row of rows) {
      const told = JSON.parse(row.entries) as StoryEntry[]; // the teller wrote them
      entries.push(...told.filter((entry) => entry.jobId === jobId));
    }
    const last = rows.at(-1);
    if (!last || rows.length < ROWS_AT_ONCE) break;
    after = last.seq;
  }
  return entries;
}

function ofType<T extends StoryEvent["type"]>(story: readonly StoryEntry[], type: T): readonly EntryOf<T>[] {
  return story.filter((entry): entry is EntryOf<T> => entry.type === type);
}
