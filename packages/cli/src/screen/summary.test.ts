import { expect, test } from "vitest";
import { paintLine, plainPaint } from "./line.ts";
import { reportDocument } from "./report.ts";
import { type SummaryOptions, summaryLines } from "./summary.ts";
import { DEMO_DIAGNOSES, DEMO_PIPELINE, demoView } from "./testing/demo-story.ts";
import { reduceView, startView } from "./view.ts";

const sizeOf: SummaryOptions["sizeOf"] = ({ name }) => ({ Source: 2048, Build: 5_000_000 })[name];
const text = (view: ReturnType<typeof demoView>, options: Partial<SummaryOptions> = {}) =>
  `\n${summaryLines(view, { sizeOf, diagnoses: DEMO_DIAGNOSES, ...options })
    .map((line) => paintLine(line, plainPaint))
    .join("\n")}\n`;

test("a failed execution: results, artifacts, variables, and what to do", () => {
  expect(text(demoView(), { artifactsNote: "They go." })).toMatchInlineSnapshot(`
    "

    Functions
      Build/Reference  raised TypeError: unsupported operand type(s) for |: 'str' and 'str' (lambda_function.py:16), 2 times; it had reported success, which counts
      Build/Transform  returned {"rows":40}
      Deploy/Publish   timed out

    Artifacts
      Source     2.0 KB  s3://store/demo/Source/abc1234.zip
      Build      4.8 MB  s3://store/demo/Build/def5678
      Site    unwritten  s3://store/demo/Site/ghi9012
      They go.

    Output variables
      Source/Fetch     VersionId = v1
      Build/Transform  Rows = 40

    What went wrong
      Deploy/Publish failed: JobFailed: The AWS Lambda function publish failed to return a result.
        It was denied codepipeline:PutJobSuccessResult.
        Add this statement to a policy of role publish-role:
          {"Effect":"Allow","Action":"codepipeline:PutJobSuccessResult","Resource":"*"}
        The function timed out after 3 s.

    demo, execution e1 took 4.3s
    Failed
    "
  `);
});

test("only one stage, where only one is of interest", () => {
  expect(text(demoView(1215), { only: { stage: "Build" } })).toMatchInlineSnapshot(`
    "

    Functions
      Reference  raised TypeError: unsupported operand type(s) for |: 'str' and 'str' (lambda_function.py:16), 2 times; it had reported success, which counts
      Transform  returned null

    Artifacts
      Build     4.8 MB  s3://store/demo/Build/def5678

    Output variables
      Transform  Rows = 40

    demo, execution e1 took 0ms
    InProgress
    "
  `);
});

test("the last line is the bare status, even of what never began", () => {
  expect(text(startView(DEMO_PIPELINE)).trimEnd().split("\n").at(-1)).toBe("NotStarted");
  const stopped = reduceView(demoView(100), {
    type: "executionFinished",
    status: "Stopped",
    at: 5,
    pipeline: "demo",
    executionId: "e1",
  });
  expect(text(stopped).trimEnd().split("\n").at(-1)).toBe("Stopped");
  const cancelled = text({ ...stopped, status: "Cancelled" })
    .trimEnd()
    .split("\n");
  expect(cancelled.slice(-2)).toEqual([expect.stringContaining("The pipeline was updated while it ran"), "Cancelled"]);
});

test("the JSON document says all of it, with null for what is not known", () => {
  const document = JSON.parse(JSON.stringify(reportDocument(demoView(), { sizeOf, diagnoses: DEMO_DIAGNOSES })));
  expect(document).toMatchObject({
    pipeline: "demo",
    executionId: "e1",
    status: "Failed",
    startedAt: "2026-11-24T12:00:00.000Z",
    durationMs: 4302,
  });
  expect(document.stages[1].actions[1]).toMatchObject({
    name: "Transform",
    continuations: 1,
    outputVariables: { Rows: "40" },
    error: null,
  });
  expect(document.stages[2].actions[0]).toMatchObject({
    error: { code: "JobFailed" },
    artifacts: [{ name: "Site", sizeBytes: null }],
    findings: [{ cause: "denied" }, { cause: "timedOut" }, { cause: "outOfRetries" }],
    missingStatements: [
      {
        role: "publish-role",
        statement: { Effect: "Allow", Action: "codepipeline:PutJobSuccessResult", Resource: "*" },
      },
    ],
  });
  expect(JSON.parse(JSON.stringify(reportDocument(startView(DEMO_PIPELINE), { sizeOf })))).toMatchObject({
    executionId: null,
    startedAt: null,
    durationMs: null,
  });
});
