import { type InputArtifact, inputArtifact } from "../artifacts/input-artifact.ts";
import { type OpenOutput, outputArtifact } from "../artifacts/output-artifact.ts";
import { type JobHandler, runHandlerIn } from "../define-job.ts";
import type { CodePipelineJobEvent } from "../event.ts";
import type { JobReport, Surroundings } from "../surroundings.ts";
import { ARTIFACT_LIMITS } from "../zip/read-directory.ts";
import { type JobEventOptions, jobEvent } from "./job-event.ts";
import { type FailingCall, type MemoryObjects, memoryCodePipeline, memoryObjects } from "./memory.ts";

/**
 * What a job is run with. Everything has a default.
 *
 * @example
 * ```ts
 * const options: RunJobOptions = { inputs: { Source: { "orders.csv": "1,Ada\n" } }, outputs: ["Report"] };
 * ```
 */
export interface RunJobOptions extends Omit<JobEventOptions, "inputs" | "continuationToken"> {
  /** Input artifacts by name: a folder, files by their names, or the bytes of the object itself. */
  readonly inputs?: Readonly<Record<string, string | Readonly<Record<string, string | Uint8Array>> | Uint8Array>>;
  /** The state of the job before, as it was given to `job.continue`. */
  readonly continuation?: unknown;
  /** The token of the job before, instead of `continuation`. */
  readonly continuationToken?: string | undefined;
  /** Lets the deadline come so long after the start. Unit: milliseconds. Without it there is none. */
  readonly deadlineMs?: number;
  /** Lets the deadline come when `job.save` was called so often: the same on every machine. Unit: calls. */
  readonly deadlineAfterSaves?: number;
  /**
   * Lets calls fail, each time that it gives an error.
   *
   * Errors: none; what it gives is thrown where the call is made.
   *
   * @example
   * ```ts
   * const denied = Object.assign(new Error("no"), { name: "AccessDenied" });
   * const options: RunJobOptions = { faultOf: (call) => (call === "GetObject" ? denied : undefined) };
   * ```
   */
  faultOf?(call: FailingCall): Error | undefined;
  /**
   * What time it is. Unit: epoch milliseconds. Default: the clock of the machine.
   *
   * Errors: none.
   *
   * @example
   * ```ts
   * const later: RunJobOptions = { now: () => Date.now() + 16 * 60_000 }; // the credentials have ended
   * ```
   */
  now?(): number;
}

/**
 * What became of a job.
 *
 * @example
 * ```ts
 * const run: JobRun = await runJob(handler);
 * expect(run.reports).toEqual([run.report]);
 * ```
 */
export interface JobRun {
  /** What the handler returned. */
  readonly report: JobReport;
  /** Every report that CodePipeline took; one, unless something is wrong. */
  readonly reports: readonly JobReport[];
  /** The state that the next job gets; undefined unless the job continued with one that fits its token. */
  readonly state: unknown;
  /** What the handler was called with. */
  readonly event: CodePipelineJobEvent;
  /**
   * An output artifact that was written, to be read like an input.
   *
   * Errors: `Error` when the job declares none of that name; when it is read, `RevisionUnavailable` if it was not written.
   *
   * @example
   * ```ts
   * expect(await run.output("Report").files()).toEqual(["summary.txt"]);
   * ```
   */
  output(name: string): InputArtifact;
  /**
   * The key with which an output artifact was encrypted, and its type; undefined when it was not written.
   *
   * Errors: `Error` when the job declares none of that name.
   *
   * @example
   * ```ts
   * expect(run.written("Report")?.contentType).toBe("application/zip");
   * ```
   */
  written(name: string): { readonly contentType: string; readonly kmsKeyId?: string | undefined } | undefined;
  /**
   * Delivers the same event again, as Lambda does after an error.
   *
   * Errors: those of the handler.
   *
   * @example
   * ```ts
   * expect((await run.again()).report).toEqual(run.report);
   * ```
   */
  again(): Promise<JobRun>;
  /**
   * Runs the job that follows a continuation, with the same artifacts.
   *
   * Errors: `Error` when the job did not continue; those of the handler.
   *
   * @example
   * ```ts
   * const first = await runJob(continuing);
   * expect((await first.next()).report.status).toBe("Succeeded");
   * ```
   */
  next(options?: Pick<RunJobOptions, "deadlineMs" | "deadlineAfterSaves" | "faultOf">): Promise<JobRun>;
}

/**
 * Runs a handler of `defineJob` in memory: no AWS, no network, artifacts are folders.
 *
 * Errors: those of the handler, such as `ReportNotSent` when `faultOf` lets reports fail.
 *
 * @example
 * ```ts
 * const run = await runJob(handler, {
 *   parameters: { table: "orders" },
 *   inputs: { Source: { "orders.csv": "1,Ada\n2,Grace\n" } },
 *   outputs: ["Report"],
 * });
 * expect(run.report).toEqual({ status: "Succeeded", variables: { Rows: "2" } });
 * ```
 */
export async function runJob(handler: JobHandler, options: RunJobOptions = {}): Promise<JobRun> {
  const faults = { of: (_call: FailingCall): Error | undefined => undefined };
  const objects = memoryObjects((call) => faults.of(call));
  const token = options.continuationToken ?? JSON.stringify(options.continuation);
  const event = jobEvent({ ...options, inputs: Object.keys(options.inputs ?? {}), continuationToken: token });
  await layInputs(objects, event, options.inputs ?? {});
  if (options.faultOf) faults.of = options.faultOf;
  return await deliver({ handler, options, objects, event, codePipeline: codePipelineOf(options) });
}

const codePipelineOf = (options: RunJobOptions) =>
  memoryCodePipeline((call) => options.faultOf?.(call), options.now ?? Date.now);

interface Bench {
  readonly handler: JobHandler;
  readonly options: RunJobOptions;
  readonly objects: MemoryObjects;
  readonly event: CodePipelineJobEvent;
  readonly codePipeline: ReturnType<typeof memoryCodePipeline>;
}

async function deliver(bench: Bench): Promise<JobRun> {
  const { handler, options, objects, event, codePipeline } = bench;
  const context = { awsRequestId: "request-1", getRemainingTimeInMillis: () => options.deadlineMs ?? LONG_MS };
  const report = await runHandlerIn(handler, surroundingsOf(bench), event, context);
  const { data } = event["CodePipeline.job"];
  const artifactOf = (name: string) => {
    const artifact = data.outputArtifacts.find((each) => each.name === name);
    if (!artifact) throw new Error(`The job has no artifact '${name}'.`);
    return artifact;
  };
  return {
    report,
    reports: codePipeline.reports,
    state: report.status === "Continued" ? parsed(report.continuationToken) : undefined,
    event,
    output: (name) => inputArtifact(artifactOf(name), async () => objects, ARTIFACT_LIMITS, []),
    written(name) {
      const { bucketName, objectKey } = artifactOf(name).location.s3Location;
      const object = objects.objects.get(`${bucketName}/${objectKey}`);
      return object && { contentType: object.contentType, kmsKeyId: object.kmsKeyId };
    },
    again: () => deliver(bench),
    async next(more = {}) {
      if (report.status !== "Continued") throw new Error(`The job did not continue: ${report.status}.`);
      const { deadlineMs: _ms, deadlineAfterSaves: _saves, jobId: _id, ...kept } = options;
      const changed = { ...kept, ...more };
      const following = jobEvent({
        ...changed,
        inputs: data.inputArtifacts.map(({ name }) => name),
        continuationToken: report.continuationToken,
      });
      return await deliver({ ...bench, options: changed, event: following, codePipeline: codePipelineOf(changed) });
    },
  };
}

const LONG_MS = 15 * 60_000;

function surroundingsOf({ options, objects, codePipeline }: Bench): Surroundings {
  let saves = 0;
  let onLastSave = () => {};
  return {
    ...codePipeline,
    artifacts: (credentials) => async () => {
      await credentials(); // as the SDK does before each call
      return objects;
    },
    own: async () => objects,
    now: options.now ?? Date.now,
    watchDeadline(act) {
      onLastSave = act;
      if (options.deadlineMs === undefined) return () => {};
      const timer = setTimeout(act, options.deadlineMs);
      return () => clearTimeout(timer);
    },
    onSave() {
      saves += 1;
      if (saves === options.deadlineAfterSaves) onLastSave();
    },
  };
}

async function layInputs(
  objects: MemoryObjects,
  event: CodePipelineJobEvent,
  inputs: NonNullable<RunJobOptions["inputs"]>,
): Promise<void> {
  for (const artifact of event["CodePipeline.job"].data.inputArtifacts) {
    const content = inputs[artifact.name] ?? {};
    const open = outputArtifact(artifact, async () => objects);
    await fill(open, content);
    await open.artifact.close();
  }
}

async function fill({ artifact }: OpenOutput, content: NonNullable<RunJobOptions["inputs"]>[string]): Promise<void> {
  if (typeof content === "string") return await artifact.addFolder(content);
  if (content instanceof Uint8Array) return await artifact.raw(content);
  for (const [name, file] of Object.entries(content)) await artifact.addStream(name, oneOf(file));
}

async function* oneOf<T>(value: T): AsyncGenerator<T> {
  yield value;
}

function parsed(token: string): unknown {
  try {
    return JSON.parse(token);
  } catch {
    return undefined; // it lies elsewhere
  }
}
