import type { Readable } from "node:stream";
import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import {
  type ArtifactCredentials,
  type ArtifactLimits,
  type ByteStream,
  type CodePipelineJob,
  type CodePipelineJobData,
  type CodePipelineJobEvent,
  type ConfigurationError,
  defineJob,
  type FailureType,
  failureTypeOf,
  type InputArtifact,
  InvalidJobEvent,
  InvalidZip,
  type InvalidZipReason,
  type Job,
  type JobArtifact,
  type JobDefinition,
  JobFailed,
  type JobFailure,
  type JobHandler,
  type JobReport,
  type JobRevision,
  jobEventSchema,
  type LambdaContext,
  type Outcome,
  type OutputArtifact,
  type PermissionError,
  type ReportNotSent,
  type RevisionOutOfSync,
  type RevisionUnavailable,
  readJobEvent,
  type SchemaIssue,
  type SchemaResult,
  type StandardSchema,
  type Success,
  type SystemUnavailable,
  withoutCredentials,
} from "./index.ts";
import {
  type FailingCall,
  type JobEventOptions,
  type JobRun,
  jobEvent,
  type RunJobOptions,
  runJob,
} from "./testing/testing.ts";

/*
 * The types of everything that is exported, one by one. `tsc` is the judge, in `npm run check`: an expectation that does
 * not hold is an error, and so is a `@ts-expect-error` that is not needed.
 */

test("the event is exact where it is easily wrong: what may be absent, what may be null, what is a number", () => {
  expectTypeOf<CodePipelineJobEvent>().toHaveProperty("CodePipeline.job").toEqualTypeOf<CodePipelineJob>();
  expectTypeOf<CodePipelineJob["data"]>().toEqualTypeOf<CodePipelineJobData>();
  type Configuration = CodePipelineJobData["actionConfiguration"]["configuration"];
  expectTypeOf<Configuration["UserParameters"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<CodePipelineJobData["continuationToken"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<NonNullable<CodePipelineJobData["encryptionKey"]>["type"]>().toEqualTypeOf<"KMS">();
  expectTypeOf<JobArtifact["revision"]>().toEqualTypeOf<string | null>();
  expectTypeOf<ArtifactCredentials["expirationTime"]>().toEqualTypeOf<number>();
  // @ts-expect-error: what does not apply is absent, not undefined, in an event
  const data: CodePipelineJobData = { ...jobEvent()["CodePipeline.job"].data, continuationToken: undefined };
  // @ts-expect-error: an event is only read
  jobEvent()["CodePipeline.job"].id = "another";
  expect(data).toBeDefined();
});

test("what reads an event takes anything, and what shows it only an event", () => {
  expectTypeOf(readJobEvent).toEqualTypeOf<(event: unknown) => CodePipelineJob>();
  expectTypeOf(withoutCredentials).toEqualTypeOf<(event: CodePipelineJobEvent) => CodePipelineJobEvent>();
  expectTypeOf(jobEventSchema).toEqualTypeOf<StandardSchema<CodePipelineJobEvent>>();
  // @ts-expect-error: a job is not its event
  expect(() => withoutCredentials(jobEvent()["CodePipeline.job"])).toThrow(InvalidJobEvent);
});

test("failures are errors with a type each; the base class makes none", () => {
  expectTypeOf(new JobFailed("no")).toExtend<JobFailure & Error & { readonly type: "JobFailed" }>();
  expectTypeOf<ConfigurationError["type"]>().toEqualTypeOf<"ConfigurationError">();
  expectTypeOf<PermissionError["type"]>().toEqualTypeOf<"PermissionError">();
  expectTypeOf<RevisionOutOfSync["type"]>().toEqualTypeOf<"RevisionOutOfSync">();
  expectTypeOf<RevisionUnavailable["type"]>().toEqualTypeOf<"RevisionUnavailable">();
  expectTypeOf<SystemUnavailable["type"]>().toEqualTypeOf<"SystemUnavailable">();
  expectTypeOf<JobFailure["type"]>().toEqualTypeOf<FailureType>();
  expectTypeOf(failureTypeOf).toEqualTypeOf<(error: unknown) => FailureType>();
  expectTypeOf<ReportNotSent["name"]>().toEqualTypeOf<"ReportNotSent">();
  expectTypeOf<InvalidZip["reason"]>().toEqualTypeOf<InvalidZipReason>();
  expectTypeOf<"escapes">().toExtend<InvalidZipReason>();
  // @ts-expect-error: a zip is not refused for that
  expect(new InvalidZip("ugly", "no").reason).toBe("ugly");
});

test("a report tells its members by its status", () => {
  const report = { status: "Succeeded" } as JobReport;
  if (report.status === "Failed") expectTypeOf(report.type).toEqualTypeOf<FailureType>();
  if (report.status === "Continued") expectTypeOf(report.continuationToken).toEqualTypeOf<string>();
  if (report.status === "Succeeded") expectTypeOf(report.revision).toEqualTypeOf<JobRevision | undefined>();
  // @ts-expect-error: a success has no message
  expect(report.message).toBeUndefined();
});

test("a job without schemas has unknown parameters and state, and variables that are texts", () => {
  expectTypeOf<Job["parameters"]>().toEqualTypeOf<unknown>();
  expectTypeOf<Job["continuation"]>().toEqualTypeOf<unknown>();
  expectTypeOf<Job["input"]>().toEqualTypeOf<(name: string) => InputArtifact>();
  expectTypeOf<Job["output"]>().toEqualTypeOf<(name: string) => OutputArtifact>();
  expectTypeOf<Job["signal"]>().toEqualTypeOf<AbortSignal>();
  expectTypeOf<Job["fail"]>().toEqualTypeOf<(message: string, type?: FailureType) => Outcome>();
  expectTypeOf<Success<{ Rows: string }>["variables"]>().toEqualTypeOf<{ Rows: string }>();
  // @ts-expect-error: an outcome is made by a word of the job
  const outcome: Outcome = {};
  expect(outcome).toEqual({});
});

test("artifacts give streams, texts and what schemas make; outputs take whatever comes in pieces", () => {
  expectTypeOf<InputArtifact["extract"]>().toEqualTypeOf<(dir?: string) => Promise<string>>();
  expectTypeOf<ReturnType<InputArtifact["file"]>>().toEqualTypeOf<Promise<Readable>>();
  expectTypeOf<ReturnType<InputArtifact["files"]>>().toEqualTypeOf<Promise<readonly string[]>>();
  expectTypeOf<Readable>().toExtend<ByteStream>();
  expectTypeOf<ReadableStream<Uint8Array>>().toExtend<ByteStream>();
  expectTypeOf<Parameters<OutputArtifact["raw"]>[0]>().toEqualTypeOf<ByteStream | Uint8Array | string>();
  const limits: Partial<ArtifactLimits> = { symlinks: "skip" };
  // @ts-expect-error: links are refused or skipped, never followed
  const wrong: Partial<ArtifactLimits> = { symlinks: "follow" };
  expect([limits, wrong]).toHaveLength(2);
});

test("a definition must have a run, and only members that are known", () => {
  expectTypeOf(defineJob({ run() {} })).toEqualTypeOf<JobHandler>();
  expectTypeOf<JobHandler>().toEqualTypeOf<
    (event: CodePipelineJobEvent, context?: LambdaContext) => Promise<JobReport>
  >();
  // @ts-expect-error: what should it do?
  expect(defineJob({})).toBeTypeOf("function");
  // @ts-expect-error: it is written resumable
  expect(defineJob({ resumeable: true, run() {} })).toBeTypeOf("function");
  // @ts-expect-error: a schema is of Standard Schema
  expect(defineJob({ parameters: { table: "string" }, run() {} })).toBeTypeOf("function");
  // @ts-expect-error: output variables are texts
  expect(defineJob({ variables: z.object({ Rows: z.number() }), run() {} })).toBeTypeOf("function");
  const definition: JobDefinition = { run: (job) => job.succeed() };
  expect(definition).toBeDefined();
});

test("schemas say what they take and what they make, or what is wrong and where", () => {
  const table = z.object({ table: z.string(), limit: z.coerce.number() });
  expectTypeOf(table).toExtend<StandardSchema>();
  expectTypeOf<SchemaResult<number>>().toExtend<{ readonly issues?: readonly SchemaIssue[] | undefined }>();
  expectTypeOf<SchemaIssue["message"]>().toEqualTypeOf<string>();
  expect(table["~standard"].version).toBe(1);
});

test("a run in memory takes folders, files and bytes, and gives reports and artifacts", async () => {
  expectTypeOf(runJob).toEqualTypeOf<(handler: JobHandler, options?: RunJobOptions) => Promise<JobRun>>();
  expectTypeOf(jobEvent).toEqualTypeOf<(options?: JobEventOptions) => CodePipelineJobEvent>();
  expectTypeOf<JobRun["report"]>().toEqualTypeOf<JobReport>();
  expectTypeOf<ReturnType<JobRun["output"]>>().toEqualTypeOf<InputArtifact>();
  expectTypeOf<ReturnType<JobRun["again"]>>().toEqualTypeOf<Promise<JobRun>>();
  expectTypeOf<Parameters<NonNullable<RunJobOptions["faultOf"]>>[0]>().toEqualTypeOf<FailingCall>();
  const inputs: RunJobOptions["inputs"] = {
    A: "./folder",
    B: { "a.txt": "text", "b.bin": Buffer.of(1) },
    C: Buffer.of(2),
  };
  // @ts-expect-error: the names of inputs come with their content
  const options: RunJobOptions = { inputs: ["Source"] };
  // @ts-expect-error: there is no such call
  const faultOf: RunJobOptions["faultOf"] = (call) => (call === "HeadObject" ? new Error("no") : undefined);
  expect([inputs, options, faultOf]).toHaveLength(3);
});
