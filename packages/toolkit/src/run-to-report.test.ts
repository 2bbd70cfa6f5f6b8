import { inspect } from "node:util";
import { expect, test } from "vitest";
import { defineJob } from "./define-job.ts";
import type { StandardSchema } from "./standard-schema.ts";
import { jobEvent, type RunJobOptions, runJob } from "./testing/testing.ts";

/** As they are before any run of this file. */
const untouched = [process.listeners("unhandledRejection"), process.exit];

const named = (name: string, message = "no") => Object.assign(new Error(message), { name });

/** Lets one call fail so many times. */
function failing(call: string, error: Error, times = Number.POSITIVE_INFINITY): RunJobOptions["faultOf"] {
  let left = times;
  return (asked) => {
    if (asked !== call || left === 0) return undefined;
    left -= 1;
    return error;
  };
}

test("the same event again is answered the same, without another run or report", async () => {
  let count = 0;
  const handler = defineJob({
    run(job) {
      count += 1;
      return job.succeed({ variables: { Count: String(count) } });
    },
  });
  const first = await runJob(handler);
  const second = await first.again();
  expect(second.report).toEqual({ status: "Succeeded", variables: { Count: "1" } });
  expect([count, second.reports.length]).toEqual([1, 1]);
});

test("a report that could not be sent is sent again by the next delivery, the same, without another run", async () => {
  let count = 0;
  const handler = defineJob({
    run(job) {
      count += 1;
      return job.succeed({ variables: { Count: String(count) } });
    },
  });
  const sent: string[] = [];
  const faultOf = (call: string) => {
    sent.push(call);
    return sent.length === 1 ? named("ThrottlingException") : undefined;
  };
  const options = { jobId: "11111111-2222-4333-8444-555555555555", faultOf };
  await expect(runJob(handler, options)).rejects.toMatchObject({
    name: "ReportNotSent",
    message: "The result of job 11111111-2222-4333-8444-555555555555 could not be reported: ThrottlingException: no",
  });
  expect((await runJob(handler, options)).report).toEqual({ status: "Succeeded", variables: { Count: "1" } });
  expect(sent).toEqual(["PutJobSuccessResult", "PutJobSuccessResult"]);
});

test("two deliveries at once are one run and one report", async () => {
  let count = 0;
  const handler = defineJob({
    async run() {
      count += 1;
      await new Promise((resolve) => setImmediate(resolve));
    },
  });
  const jobId = "21111111-2222-4333-8444-555555555555";
  const runs = await Promise.all([runJob(handler, { jobId }), runJob(handler, { jobId })]);
  expect([count, runs.flatMap((run) => run.reports).length]).toEqual([1, 1]);
});

test.each([
  ["AccessDeniedException", "PermissionError", "AccessDeniedException: no"],
  ["ValidationException", "JobFailed", "ValidationException: no"],
])("a success that is refused by %s becomes a failure that says so", async (name, type, text) => {
  const faultOf = failing("PutJobSuccessResult", named(name));
  const run = await runJob(defineJob({ run() {} }), { ...(faultOf && { faultOf }) });
  expect(run.reports).toEqual([run.report]);
  expect(run.report).toEqual({
    status: "Failed",
    type,
    message: `The success of the job could not be reported: ${text} (Lambda request request-1)`,
  });
});

test("a result that is on record already is left alone", async () => {
  const faultOf = failing("PutJobSuccessResult", named("InvalidJobStateException"));
  const run = await runJob(defineJob({ run() {} }), { ...(faultOf && { faultOf }) });
  expect([run.report, run.reports]).toEqual([{ status: "Succeeded" }, []]);
});

test("a failure that may not be reported is an error that names the missing rights", async () => {
  const faultOf = (call: string) => (call.startsWith("PutJob") ? named("AccessDeniedException") : undefined);
  await expect(runJob(defineJob({ run() {} }), { faultOf })).rejects.toThrow(
    "needs codepipeline:PutJobSuccessResult and codepipeline:PutJobFailureResult",
  );
});

test("what is no job is an error of the call", async () => {
  const handler = defineJob({ run() {} });
  const call = handler as (event: unknown) => Promise<unknown>; // as anything may call a function
  await expect(call({ Records: [] })).rejects.toMatchObject({ name: "InvalidJobEvent" });
  await expect(call(undefined)).rejects.toThrow("CodePipeline.job is missing");
  await expect(call({ "CodePipeline.job": { id: "1", data: {} } })).rejects.toThrow("data.inputArtifacts is missing");
});

test("the deadline continues with the state that was saved last, and the next job goes on from it", async () => {
  const handler = defineJob({
    resumable: true,
    async run(job) {
      const { page = 0 } = (job.continuation ?? {}) as { page?: number }; // what is saved below
      for (let next = page + 1; next <= 5; next += 1) await job.save({ page: next });
      return job.succeed({ variables: { From: String(page) } });
    },
  });
  const first = await runJob(handler, { deadlineAfterSaves: 3 });
  expect(first.state).toEqual({ page: 3 });
  const second = await first.next();
  expect(second.report).toEqual({ status: "Succeeded", variables: { From: "3" } });
});

async function over(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
}

test("what is late changes nothing: the run goes on after its deadline, is told, and cannot write", async () => {
  const seen: unknown[] = [];
  let late: Promise<unknown> = Promise.resolve();
  const handler = defineJob({
    resumable: true,
    run: async (job) => {
      const output = job.output("Report");
      await output.addText("a", "a");
      await job.save({ page: 1 });
      late = over(job.signal).then(async () => {
        seen.push(await output.addText("b", "b").catch((error: Error) => error.message));
      });
      await late;
      return job.succeed();
    },
  });
  const run = await runJob(handler, { deadlineAfterSaves: 1, outputs: ["Report"] });
  await late;
  expect(run.report.status).toBe("Continued");
  expect(seen).toEqual(["The output artifact 'Report' is given up: the job is over."]);
  expect([run.reports.length, run.written("Report")]).toEqual([1, undefined]);
});

test("without a declaration that it is resumable, a saved state does not help", async () => {
  const handler = defineJob({
    async run(job) {
      await job.save(1);
      await new Promise(() => {});
    },
  });
  const { report } = await runJob(handler, { deadlineAfterSaves: 1 });
  expect(report).toMatchObject({ status: "Failed", message: expect.stringContaining("declare the job resumable") });
});

const large = { text: "x".repeat(3000) };

test("a large state lies in the output artifact until that is written", async () => {
  const handler = defineJob({
    async run(job) {
      if (!job.continuation) return await job.continue(large);
      expect(job.continuation).toEqual(large);
      await job.output("Report").addText("a.txt", "a");
      return job.succeed();
    },
  });
  const first = await runJob(handler, { outputs: ["Report"], kmsKeyId: "key-1" });
  expect(first.written("Report")).toEqual({ contentType: "application/json", kmsKeyId: "key-1" });
  const second = await first.next();
  expect(second.report).toEqual({ status: "Succeeded" });
  expect(await second.output("Report").files()).toEqual(["a.txt"]);
});

test("a state is never left in the place of an artifact, nor put over one", async () => {
  const forgets = defineJob({ run: async (job) => (job.continuation ? job.succeed() : await job.continue(large)) });
  const forgotten = await (await runJob(forgets, { outputs: ["Report"] })).next();
  expect(forgotten.report).toMatchObject({ message: expect.stringContaining("'Report' was never written") });
  const overwrites = defineJob({
    async run(job) {
      await job.output("Report").addText("a", "a");
      return await job.continue(large);
    },
  });
  const { report } = await runJob(overwrites, { outputs: ["Report"] });
  expect(report).toMatchObject({ message: expect.stringContaining("has content already") });
});

test("a large state goes to the bucket that the author names, and nowhere without one", async () => {
  const definition = {
    run: async (job: Parameters<Parameters<typeof defineJob>[0]["run"]>[0]) =>
      job.continuation ? job.succeed({ summary: "fine" }) : await job.continue(large),
  };
  const named = await runJob(defineJob({ ...definition, stateBucket: "states/of/mine" }));
  expect(named.report).toMatchObject({
    continuationToken: expect.stringMatching(/^penstock-state:states\/of\/mine\/[0-9a-f-]{36}\.json$/),
  });
  expect((await named.next()).report).toEqual({ status: "Succeeded", summary: "fine" });
  const nowhere = await runJob(defineJob(definition));
  expect(nowhere.report).toMatchObject({
    type: "ConfigurationError",
    message: expect.stringContaining("'stateBucket'"),
  });
});

test("a large state that the artifact has replaced is not gone on with", async () => {
  const handler = defineJob({
    resumable: true,
    async run(job) {
      await job.save(large);
      await job.output("Report").addText("a", "a");
      await job.output("Report").close();
      await new Promise(() => {});
    },
  });
  const run = await runJob(handler, { outputs: ["Report"], deadlineMs: 600 });
  expect(run.report).toMatchObject({ status: "Failed", message: expect.stringContaining("timeout came") });
  expect(await run.output("Report").files()).toEqual(["a"]);
});

test("a state that is larger than any needs to be fails the job", async () => {
  const handler = defineJob({ run: async (job) => await job.continue("x".repeat(16 * 1024 * 1024)) });
  expect((await runJob(handler, { outputs: ["Report"] })).report).toMatchObject({
    type: "JobFailed",
    message: expect.stringContaining("16777218 bytes of JSON; at most 16777216 are stored"),
  });
});

test("a state whose place is not declared any more is a matter of configuration", async () => {
  const handler = defineJob({ run: async (job) => (job.continuation ? job.succeed() : await job.continue(large)) });
  const { report } = await runJob(handler, { outputs: ["Report"] });
  const continuationToken = report.status === "Continued" ? report.continuationToken : "";
  expect((await runJob(handler, { continuationToken })).report).toMatchObject({
    type: "ConfigurationError",
    message: expect.stringContaining("lies in an output artifact; there is none"),
  });
});

test("a state of exactly 2048 characters is the token itself", async () => {
  const state = "x".repeat(2046);
  const { report } = await runJob(defineJob({ run: async (job) => await job.continue(state) }));
  expect(report).toEqual({ status: "Continued", continuationToken: JSON.stringify(state) });
});

/** A schema by hand: `{ page: <number> }`. */
const paged: StandardSchema<{ page: number }, { page: number }> = {
  "~standard": {
    version: 1,
    vendor: "by-hand",
    validate: (value) =>
      typeof (value as { page?: unknown } | undefined)?.page === "number"
        ? { value: value as { page: number } } // as was just seen
        : { issues: [{ message: "expected a page" }] },
  },
};

test("a state that is not what was declared fails where it is made, and where it comes from elsewhere", async () => {
  const handler = defineJob({
    continuation: paged,
    run: async (job) => await job.continue({ page: "2" as unknown as number }), // as a program without types would
  });
  expect((await runJob(handler)).report).toMatchObject({
    type: "JobFailed",
    message: expect.stringMatching(/^The state to continue with is not as declared: expected a page/),
  });
  expect((await runJob(handler, { continuationToken: "of another program" })).report).toMatchObject({
    type: "ConfigurationError",
  });
});

test("output variables are what their schema makes of them, and what it refuses fails the job", async () => {
  const variables: StandardSchema<Record<string, string>> = {
    "~standard": {
      version: 1,
      vendor: "by-hand",
      validate: (value) =>
        (value as Record<string, string>)["Rows"] === "many"
          ? { issues: [{ message: "expected a number", path: ["Rows"] }] }
          : { value: { ...(value as Record<string, string>), Made: "by the schema" } },
    },
  };
  const handlerOf = (rows: string) =>
    defineJob({ variables, run: (job) => job.succeed({ variables: { Rows: rows } }) });
  expect((await runJob(handlerOf("42"))).report).toEqual({
    status: "Succeeded",
    variables: { Rows: "42", Made: "by the schema" },
  });
  expect((await runJob(handlerOf("many"))).report).toMatchObject({
    type: "JobFailed",
    message: expect.stringMatching(/^The output variables are not as declared: Rows: expected a number/),
  });
});

test("a summary is cut, also that of a revision", async () => {
  const summary = "x".repeat(3000);
  const revision = { revision: "1a2b3c", changeIdentifier: "1a2b3c", summary };
  const { report } = await runJob(defineJob({ run: (job) => job.succeed({ revision, summary }) }));
  const cut = `${"x".repeat(2047)}…`;
  expect(report).toEqual({ status: "Succeeded", revision: { ...revision, summary: cut }, summary: cut });
});

test("credentials that are about to end are renewed; old ones are used while they last; then it is a matter of permission", async () => {
  const handler = defineJob({ run: async (job) => void (await job.input("Source").text("a")) });
  const inputs = { Source: { a: "a" } };
  const denied = (call: string) => (call === "GetJobDetails" ? named("AccessDeniedException") : undefined);
  const soon = { credentialsEndAt: 1_000_000 + 30_000, now: () => 1_000_000 };
  const ended = { ...soon, credentialsEndAt: 1_000_000 };
  expect((await runJob(handler, { inputs, ...ended })).report.status).toBe("Succeeded");
  expect((await runJob(handler, { inputs, ...soon, faultOf: denied })).report.status).toBe("Succeeded");
  expect((await runJob(handler, { inputs, ...ended, faultOf: denied })).report).toMatchObject({
    type: "PermissionError",
    message: expect.stringMatching(/^The job's artifact credentials have ended, .* needs codepipeline:GetJobDetails/),
  });
});

test("a job can be logged: no way of looking at it shows its credentials", async () => {
  const { artifactCredentials } = jobEvent()["CodePipeline.job"].data;
  const secrets = [
    artifactCredentials.accessKeyId,
    artifactCredentials.secretAccessKey,
    artifactCredentials.sessionToken,
  ];
  let shown = "";
  const handler = defineJob({
    run(job) {
      const parts = [job, job.input("Source"), job.output("Report"), { job }];
      shown = parts.map((part) => `${inspect(part, { depth: null, showHidden: true })}${JSON.stringify(part)}`).join();
      shown += JSON.stringify(Object.entries(job)) + String(job);
    },
  });
  await runJob(handler, { inputs: { Source: { a: "a" } }, outputs: ["Report"], parameters: "seen" });
  expect(shown).toContain("seen");
  for (const secret of secrets) expect(shown).not.toContain(secret);
});

test("a secret that gets into a message is masked before it is reported", async () => {
  const { sessionToken } = jobEvent()["CodePipeline.job"].data.artifactCredentials;
  const handler = defineJob({
    run() {
      throw new Error(`Request with ${sessionToken} failed`);
    },
  });
  expect((await runJob(handler)).report).toMatchObject({
    message: "Request with *** failed (Lambda request request-1)",
  });
});

test("the listeners of the process and its exit are back after a run", async () => {
  await runJob(defineJob({ run() {} }));
  await runJob(defineJob({ run: () => Promise.reject(new Error("no")) }));
  expect([process.listeners("unhandledRejection"), process.exit]).toEqual(untouched);
});
