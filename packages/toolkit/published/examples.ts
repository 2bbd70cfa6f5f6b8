/*
 * The examples of the doc comments as one module, so that the compiler sees them, and each run in a job in memory, with
 * what the pages say that is taken for granted.
 */

import { expect } from "vitest";
import { z } from "zod";
import { defineJob, InvalidZip, type JobReport } from "../src/index.ts";
import { type JobRun, jobEvent, runJob, startPenstock } from "../src/testing/testing.ts";
import { exampleProject } from "./example-project.ts";

/** Writes the module: one function for each example, under its place. */
export function examplesModule(root: string, examples: ReadonlyMap<string, string>): string {
  const from = (path: string) => JSON.stringify(root + path);
  const bodies = [...examples].map(
    ([place, code]) => `  ${JSON.stringify(place)}: async (${TAKEN}) => {\n    {\n${local(code)}\n    }\n  },`,
  );
  return `
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { expect } from ${from("node_modules/vitest/dist/index.js")};
import { z } from ${from("node_modules/zod/index.js")};
import { ${NAMES} } from ${from("packages/toolkit/src/index.ts")};
import type { ${TYPES} } from ${from("packages/toolkit/src/index.ts")};
import { jobEvent, runJob, startPenstock } from ${from("packages/toolkit/src/testing/testing.ts")};
import type { ${TESTING_TYPES} } from ${from("packages/toolkit/src/testing/testing.ts")};

interface Taken {
  job: Job<{ table: string }>; event: CodePipelineJobEvent; error: unknown; report: JobReport; cursor: string | undefined;
  pages: readonly { cursor: string }[]; copyPage(page: unknown): Promise<void>;
  handler: JobHandler; continuing: JobHandler; run: JobRun;
  project: string; penstock: Penstock; execution: Execution; settled: SettledExecution;
}

export const examples: Record<string, (taken: Taken) => Promise<unknown>> = {
${bodies.join("\n")}
};
`;
}

const TAKEN =
  "{ job, event, error, report, cursor, pages, copyPage, handler, continuing, run, project, penstock, execution, settled }";
const NAMES =
  "ConfigurationError, defineJob, failureTypeOf, InvalidJobEvent, InvalidZip, JobFailed, JobFailure, jobEventSchema, PermissionError, ReportNotSent, readJobEvent, RevisionOutOfSync, RevisionUnavailable, SystemUnavailable, withoutCredentials";
const TYPES =
  "ArtifactCredentials, ArtifactLimits, ByteStream, CodePipelineJob, CodePipelineJobData, CodePipelineJobEvent, FailureType, InputArtifact, InvalidZipReason, Job, JobArtifact, JobDefinition, JobHandler, JobReport, JobRevision, LambdaContext, Outcome, OutputArtifact, SchemaIssue, SchemaResult, StandardSchema, Success";
const TESTING_TYPES =
  "ActionDiagnosis, ActionResult, ActionStatus, ArtifactLocation, CreatedJob, Execution, ExecutionStatus, FailingCall, JobEventOptions, JobRun, Penstock, PenstockClientConfiguration, PenstockClock, RunJobOptions, SettledExecution, StartPenstockOptions, WaitOptions";

/** Inside a function nothing is exported. */
const local = (code: string) => code.replace(/^export /gm, "");

const inputs = {
  Source: {
    "orders.csv": "1,Ada\n2,Grace\n",
    "data.csv": "1\n",
    "schema.sql": "create table orders ()",
    "settings.json": "{}",
    "package.json": '{ "version": "1.0.0" }',
    "report.html": "<p>fine</p>",
    "a.yaml": "a: 1",
  },
};
const parameters = { table: "orders" };
const options = { parameters, inputs, outputs: ["Report"] };

const handler = defineJob({
  parameters: z.object({ table: z.string() }),
  async run(job) {
    const rows = await job.input("Source").text(`${job.parameters.table}.csv`);
    await job.output("Report").addText("summary.txt", "all is well");
    return job.succeed({ variables: { Rows: String(rows.trimEnd().split("\n").length) } });
  },
});
const continuing = defineJob({
  run: async (job) => (job.continuation ? job.succeed() : await job.continue({ page: 1 })),
});

/** Runs one example inside a job. Errors: when it fails otherwise than by the failure that it shows. */
export async function runExample(file: string, place: string, code: string): Promise<void> {
  const { examples } = (await import(file)) as { examples: Record<string, (taken: object) => Promise<unknown>> }; // made above
  const run: JobRun = await runJob(handler, options);
  const example = defineJob({
    parameters: z.object({ table: z.string() }),
    run: async (job) =>
      void (await examples[place]?.({
        job,
        event: jobEvent({ ...options, inputs: ["Source"] }),
        error: new InvalidZip("tooLarge", "for example"),
        report: run.report,
        cursor: "page-2",
        pages: [{ cursor: "page-1" }],
        copyPage: async () => {},
        handler,
        continuing,
        run,
        ...(/\b(project|penstock|execution|settled)\b/.test(code) && (await wholePenstock())),
      })),
  });
  const { report } = await runJob(example, options);
  expect(endOf(report), report.status === "Failed" ? report.message : "").toBe(expectedEnd(code));
}

let started: ReturnType<typeof startWhole> | undefined;

/** The same for all examples; it ends with this process. An execution of its own each, because waits remember. */
async function wholePenstock() {
  started ??= startWhole();
  const { project, penstock, id } = await started;
  const execution = penstock.execution(id);
  return { project, penstock, execution, settled: await execution.settled() };
}

async function startWhole() {
  const project = exampleProject();
  const penstock = await startPenstock({ project });
  const { id } = await penstock.start("count-words");
  return { project, penstock, id };
}

const endOf = (report: JobReport) => (report.status === "Failed" ? report.type : report.status);

function expectedEnd(code: string): string {
  const thrown = /^throw new (\w+)\(/m.exec(code)?.[1] ?? /^return job\.fail\(.*"(\w+)"\)/m.exec(code)?.[1];
  return thrown ?? (/job\.continue\(/.test(code) && !/remainingMs/.test(code) ? "Continued" : "Succeeded");
}
