import { Readable } from "node:stream";
import { afterEach, expect, test } from "vitest";
import {
  ACCOUNT,
  type Bench,
  type BenchOptions,
  closeBench,
  createBenchFolder,
  createPipeline,
  declare,
  fail,
  PIPELINE,
  REGION,
  runPipeline,
  type Script,
  succeed,
  waitForEnd,
} from "../../simulation/bench.ts";
import { type ActionOutput, listActionsOfExecution } from "../store/action-execution.ts";
import { listWork } from "../store/work.ts";
import { awsTiming } from "./timing.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

test("a function's success ends its action, and the raise that follows only shows in the story", async () => {
  const bench = open({
    scripts: {
      f: async (event) => {
        expect(await succeed(bench, event)).toBeUndefined();
        return "raised";
      },
    },
  });
  await createPipeline(bench, declare([[{ name: "Call", function: "f" }]]));
  expect(await runPipeline(bench, "e1")).toBe("Succeeded");
  expect(new Set(bench.calls).size).toBe(1);
  expect(bench.calls).toHaveLength(3); // Lambda's two retries, with an identical result each
  expect(bench.story.filter(({ type }) => type === "reported")).toHaveLength(1);
  expect(bench.story.filter(({ type }) => type === "attemptEnded")).toHaveLength(3);
});

test("a continuation makes a new job of the same action with the token and the same places", async () => {
  const seen: { id: string; token: string | undefined; key: string | undefined }[] = [];
  const bench = open({
    scripts: {
      f: async (event) => {
        const { id, data } = event["CodePipeline.job"];
        seen.push({ id, token: data.continuationToken, key: data.outputArtifacts[0]?.location.s3Location.objectKey });
        const more =
          data.continuationToken === "two" ? {} : { continuationToken: data.continuationToken ? "two" : "one" };
        await succeed(bench, event, more);
        return "returned";
      },
    },
  });
  await createPipeline(bench, declare([[{ name: "Call", function: "f", inputs: ["Source"], outputs: ["Out"] }]]));
  expect(await runPipeline(bench, "e1")).toBe("Succeeded");
  expect(seen.map(({ token }) => token)).toEqual([undefined, "one", "two"]);
  expect(new Set(seen.map(({ id }) => id)).size).toBe(3);
  expect(new Set(seen.map(({ key }) => key)).size).toBe(1);
  expect(seen[0]?.key).toMatch(/^p\/Out\/[A-Za-z0-9]{7}$/);
});

test("output variables reach a later action's parameters, and an unknown one fails it with what there is", async () => {
  const parameters: (string | undefined)[] = [];
  const bench = open({
    scripts: {
      first: async (event) => {
        await succeed(bench, event, { outputVariables: { Rows: "42" } });
        return "returned";
      },
      second: async (event) => {
        parameters.push(event["CodePipeline.job"].data.actionConfiguration.configuration.UserParameters);
        await succeed(bench, event);
        return "returned";
      },
    },
  });
  const stages = [
    [{ name: "A", function: "first", namespace: "Build" }],
    [{ name: "B", function: "second", parameters: "rows=#{Build.Rows} of #{codepipeline.PipelineExecutionId}" }],
    [{ name: "C", function: "second", parameters: "#{Build.Columns}" }],
  ];
  await createPipeline(bench, declare(stages));
  expect(await runPipeline(bench, "e1")).toBe("Failed");
  expect(parameters).toEqual(["rows=42 of e1"]);
  expect((await outputsOf(bench, "e1"))["C"]?.error).toEqual({
    code: "ConfigurationError",
    message: "#{Build.Columns} has no value: Build has no variable Columns. It has Rows.",
  });
});

test("a failure report fails the action with its type and message", async () => {
  const bench = open({
    scripts: {
      f: async (event) => {
        await fail(bench, event, "ConfigurationError", "no such column");
        return "returned";
      },
    },
  });
  await createPipeline(bench, declare([[{ name: "Call", function: "f" }]]));
  expect(await runPipeline(bench, "e1")).toBe("Failed");
  const call = (await outputsOf(bench, "e1"))["Call"];
  expect(call?.error).toEqual({ code: "ConfigurationError", message: "no such column" });
  expect(call?.externalExecutionId).toBe("f");
});

test("second reports: the same again is fine, another or the opposite is refused", async () => {
  const answers: unknown[] = [];
  const bench = open({
    scripts: {
      f: async (event) => {
        answers.push(await succeed(bench, event, { outputVariables: { A: "1" }, continuationToken: "t" }));
        answers.push(await succeed(bench, event, { outputVariables: { A: "1", B: "2" } }));
        answers.push(await succeed(bench, event, { outputVariables: { B: "2", A: "1" } }));
        answers.push(await succeed(bench, event));
        answers.push(await fail(bench, event, "JobFailed", "changed my mind"));
        return "returned";
      },
    },
  });
  await createPipeline(bench, declare([[{ name: "Call", function: "f" }]]));
  expect(await runPipeline(bench, "e1")).toBe("Succeeded");
  const reasons = answers.map((answer) => (answer as { reason?: string } | undefined)?.reason);
  expect(reasons).toEqual(["tokenWithVariables", undefined, undefined, "sameStatusOtherResult", "alreadyTerminated"]);
});

test("a report for a job of another region, or of nobody, finds no job", async () => {
  const answers: unknown[] = [];
  const bench = open({
    scripts: {
      f: async (event) => {
        const jobId = event["CodePipeline.job"].id;
        const report = { type: "success" } as const;
        answers.push(await bench.engine.report({ jobId, account: ACCOUNT, region: "eu-west-1", report }));
        answers.push(await bench.engine.report({ jobId: "nobody", account: ACCOUNT, region: REGION, report }));
        answers.push(await bench.engine.report({ jobId, account: "999999999999", region: REGION, report }));
        await succeed(bench, event);
        return "returned";
      },
    },
  });
  await createPipeline(bench, declare([[{ name: "Call", function: "f" }]]));
  expect(await runPipeline(bench, "e1")).toBe("Succeeded");
  expect(answers).toEqual([{ reason: "jobNotFound" }, { reason: "jobNotFound" }, { reason: "jobNotFound" }]);
});

test("a function that does not exist fails its action at once, with no external execution", async () => {
  const bench = open({ scripts: {} });
  await createPipeline(bench, declare([[{ name: "Call", function: "nobody" }]]));
  expect(await runPipeline(bench, "e1")).toBe("Failed");
  expect((await outputsOf(bench, "e1"))["Call"]).toEqual({
    error: { code: "ConfigurationError", message: "The AWS Lambda function nobody does not exist." },
  });
});

test("a function that ends without a report fails its action with the service's text", async () => {
  const bench = open({ scripts: { f: async () => "returned" } });
  await createPipeline(bench, declare([[{ name: "Call", function: "f" }]]));
  expect(await runPipeline(bench, "e1")).toBe("Failed");
  expect((await outputsOf(bench, "e1"))["Call"]?.error?.message).toMatch(
    /^The AWS Lambda function f failed to return a result\. Check the function/,
  );
  expect(bench.calls).toHaveLength(1);
});

test("where a report may still come from elsewhere, the action waits 20 minutes from the last word", async () => {
  let first: Parameters<Script>[0] | undefined;
  const bench = open({
    failsUnreported: false,
    scripts: {
      f: async (event) => {
        first ??= event;
        return "returned";
      },
    },
  });
  await createPipeline(bench, declare([[{ name: "Call", function: "f" }]]));
  await bench.engine.start({
    pipeline: PIPELINE,
    executionId: "e1",
    trigger: { triggerType: "StartPipelineExecution" },
  });
  await until(() => first !== undefined);
  bench.clock.advance(19 * 60_000);
  if (first) expect(await succeed(bench, first, { continuationToken: "more" })).toBeUndefined();
  await until(() => bench.calls.length === 2);
  bench.clock.advance(19 * 60_000);
  await bench.store.transact(async () => {});
  expect(bench.story.some(({ type }) => type === "executionFinished")).toBe(false);
  bench.clock.advance(60_000);
  expect(await waitForEnd(bench, "e1")).toBe("Failed");
});

test("in the service's rhythm a report is acted on at the next look, 30 seconds after the dispatch", async () => {
  const bench = open({
    timing: awsTiming,
    failsUnreported: false,
    scripts: {
      f: async (event) => {
        await succeed(bench, event);
        return "returned";
      },
    },
  });
  await createPipeline(bench, declare([[{ name: "Call", function: "f" }]]));
  await bench.engine.start({
    pipeline: PIPELINE,
    executionId: "e1",
    trigger: { triggerType: "StartPipelineExecution" },
  });
  await until(() => bench.story.some(({ type }) => type === "attemptEnded"));
  bench.clock.advance(29_999);
  await bench.store.transact(async () => {});
  expect(bench.story.some(({ type }) => type === "executionFinished")).toBe(false);
  bench.clock.advance(1);
  expect(await waitForEnd(bench, "e1")).toBe("Succeeded");
});

test("in the service's rhythm Lambda tries a raising function again after one and two minutes", async () => {
  const bench = open({ timing: awsTiming, failsUnreported: false, scripts: { f: async () => "raised" } });
  await createPipeline(bench, declare([[{ name: "Call", function: "f" }]]));
  await bench.engine.start({
    pipeline: PIPELINE,
    executionId: "e1",
    trigger: { triggerType: "StartPipelineExecution" },
  });
  for (const [calls, waitMs] of [
    [1, 60_000],
    [2, 120_000],
    [3, 0],
  ] as const) {
    await until(() => bench.story.filter(({ type }) => type === "attemptEnded").length === calls);
    await bench.store.transact(async () => {});
    bench.clock.advance(waitMs - 1);
    await bench.store.transact(async () => {});
    expect(bench.calls).toHaveLength(calls);
    bench.clock.advance(1);
  }
});

test("an abandoned execution is stopped, and a first result after it is taken but moves nothing", async () => {
  let event: Parameters<Script>[0] | undefined;
  const bench = open({
    failsUnreported: false,
    scripts: {
      f: async (given) => {
        event = given;
        return "returned";
      },
    },
  });
  await createPipeline(bench, declare([[{ name: "Call", function: "f" }], [{ name: "Next", function: "f" }]]));
  await bench.engine.start({
    pipeline: PIPELINE,
    executionId: "e1",
    trigger: { triggerType: "StartPipelineExecution" },
  });
  await until(() => event !== undefined);
  expect(await bench.engine.stop("e1", true, "enough")).toBeUndefined();
  expect(await waitForEnd(bench, "e1")).toBe("Stopped");
  if (event) expect(await succeed(bench, event)).toBeUndefined();
  const rows = await bench.store.read.all(listActionsOfExecution, { execution_id: "e1" });
  expect(rows.map(({ action, status }) => `${action} ${status}`)).toEqual(["Fetch Succeeded", "Call Abandoned"]);
});

test("nothing is left in the outbox when all is done", async () => {
  const bench = open({
    scripts: {
      f: async (event) => {
        await succeed(bench, event);
        return "returned";
      },
    },
  });
  await createPipeline(
    bench,
    declare([
      [
        { name: "A", function: "f" },
        { name: "B", function: "f" },
      ],
    ]),
  );
  expect(await runPipeline(bench, "e1")).toBe("Succeeded");
  await bench.store.transact(async () => {});
  expect(await bench.store.read.all(listWork, {})).toEqual([]);
});

test("the same start token answers the same execution and starts nothing more", async () => {
  const bench = open({
    scripts: {
      f: async (event) => {
        await succeed(bench, event);
        return "returned";
      },
    },
  });
  await createPipeline(bench, declare([[{ name: "Call", function: "f" }]]));
  const start = { pipeline: PIPELINE, trigger: { triggerType: "StartPipelineExecution" }, clientRequestToken: "t" };
  expect(await bench.engine.start({ ...start, executionId: "e1" })).toBe("e1");
  expect(await bench.engine.start({ ...start, executionId: "e2" })).toBe("e1");
  expect(await waitForEnd(bench, "e1")).toBe("Succeeded");
  expect(bench.calls).toHaveLength(1);
});

test("a warm action costs one commit: that of the report, which also makes the next action durable", async () => {
  const commits: string[] = [];
  const bench = open({
    onMoment: (moment) => void (moment.endsWith(".committed") && commits.push(moment)),
    scripts: {
      f: async (event) => {
        await succeed(bench, event);
        return "returned";
      },
    },
  });
  const names = ["A", "B", "C", "D", "E"];
  await createPipeline(bench, declare(names.map((name) => [{ name, function: "f" }])));
  expect(await runPipeline(bench, "e1")).toBe("Succeeded");
  const reports = names.map(() => "takeReport.committed");
  expect(commits).toEqual(["startExecution.committed", "finishAction.committed", ...reports]);
});

test("a start that names a version of the source takes that one, not the newest", async () => {
  const bench = open({
    scripts: {
      f: async (event) => {
        await succeed(bench, event);
        return "returned";
      },
    },
  });
  await createPipeline(bench, declare([[{ name: "Call", function: "f" }]]));
  const first = await bench.objects.head({ bucket: "sources", key: "source.zip" });
  await bench.objects.put({ bucket: "sources", key: "source.zip", body: Readable.from([Buffer.from("newer")]) });
  const revisionType = "S3_OBJECT_VERSION_ID";
  const overrides = [{ actionName: "Fetch", revisionType, revisionValue: first.versionId ?? "" }] as const;
  await bench.engine.start({ pipeline: PIPELINE, executionId: "e1", trigger: { triggerType: "x" }, overrides });
  expect(await waitForEnd(bench, "e1")).toBe("Succeeded");
  const fetched = (await outputsOf(bench, "e1"))["Fetch"];
  expect(fetched?.revisionId).toBe(first.versionId);
  const { bucket = "", key = "" } = fetched?.outputArtifacts?.[0] ?? {};
  expect((await bench.objects.get({ bucket, key })).object.sizeBytes).toBe(3);
});

function open(options: BenchOptions): Bench {
  const folder = createBenchFolder();
  cleanUps.push(folder.remove);
  const bench = folder.open(options);
  cleanUps.push(() => closeBench(bench));
  return bench;
}

async function outputsOf(bench: Bench, executionId: string): Promise<Record<string, ActionOutput>> {
  const rows = await bench.store.read.all(listActionsOfExecution, { execution_id: executionId });
  return Object.fromEntries(rows.map(({ action, output }) => [action, JSON.parse(output) as ActionOutput])); // the engine wrote it
}

/** Waits, turn by turn, for what the event loop will bring about. */
async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100_000 && !condition(); turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(condition()).toBe(true);
}
