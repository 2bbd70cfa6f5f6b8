/** A story with everything in it: continuations, an error after the report, a denial, an abandoned artifact. */
import type { Diagnosis, StoryEntry } from "../../server-port.ts";
import { type RunView, reduceView, startView } from "../view.ts";

/** The pipeline that the story is of, as far as a view looks at it. */
export const DEMO_PIPELINE = {
  name: "demo",
  stages: [
    { name: "Source", actions: [action("Fetch", "S3", { S3Bucket: "in", S3ObjectKey: "source.zip" })] },
    {
      name: "Build",
      actions: [
        action("Reference", "Lambda", { FunctionName: "invoke-lambda" }),
        action("Transform", "Lambda", { FunctionName: "transform" }),
      ],
    },
    { name: "Deploy", actions: [action("Publish", "Lambda", { FunctionName: "publish" })] },
  ],
};

function action(name: string, provider: string, configuration: Readonly<Record<string, string>>) {
  return { name, actionTypeId: { provider }, configuration };
}

/** Epoch milliseconds of the first entry. */
export const DEMO_BEGIN = Date.UTC(2026, 10, 24, 12, 0, 0);

type Event = StoryEntry extends infer Entry
  ? Entry extends StoryEntry
    ? Omit<Entry, "at" | "pipeline" | "executionId">
    : never
  : never;

const at = (ms: number, event: Event): StoryEntry => ({
  at: DEMO_BEGIN + ms,
  pipeline: "demo",
  executionId: "e1",
  ...event,
});

const FETCH = { stage: "Source", action: "Fetch", actionExecutionId: "a1" };
const REFERENCE = { stage: "Build", action: "Reference", actionExecutionId: "a2", jobId: "j1" };
const TRANSFORM = { stage: "Build", action: "Transform", actionExecutionId: "a3", jobId: "j2" };
const PUBLISH = { stage: "Deploy", action: "Publish", actionExecutionId: "a4", jobId: "j4" };

const TYPE_ERROR = {
  errorType: "TypeError",
  errorMessage: "unsupported operand type(s) for |: 'str' and 'str'",
  stackTrace: [
    "  File \"/var/task/lambda_function.py\", line 16, in lambda_handler\n    'type': 'JobFailed'|'ConfigurationError'\n",
  ],
  place: "lambda_function.py:16",
};

const DENIED = {
  code: "AccessDeniedException",
  message:
    "User: arn:aws:sts::123456789012:assumed-role/publish-role/publish is not authorized to perform: codepipeline:PutJobSuccessResult because no identity-based policy allows the codepipeline:PutJobSuccessResult action",
};

export const DEMO_STORY: readonly StoryEntry[] = [
  at(0, { type: "executionStarted" }),
  at(1, { type: "stageStarted", stage: "Source" }),
  at(1, {
    type: "actionStarted",
    ...FETCH,
    provider: "S3",
    configuration: { S3Bucket: "in", S3ObjectKey: "source.zip" },
  }),
  at(31, {
    type: "actionFinished",
    ...FETCH,
    status: "Succeeded",
    outputArtifacts: [{ name: "Source", bucket: "store", key: "demo/Source/abc1234.zip" }],
    outputVariables: { VersionId: "v1" },
  }),
  at(32, { type: "stageFinished", stage: "Source", status: "Succeeded" }),
  at(33, { type: "stageStarted", stage: "Build" }),
  at(33, { type: "actionStarted", ...REFERENCE, provider: "Lambda", configuration: { FunctionName: "invoke-lambda" } }),
  at(33, { type: "jobCreated", ...REFERENCE, number: 1 }),
  at(34, { type: "actionStarted", ...TRANSFORM, provider: "Lambda", configuration: { FunctionName: "transform" } }),
  at(34, { type: "jobCreated", ...TRANSFORM, number: 1 }),
  at(40, { type: "invoked", ...REFERENCE, functionName: "invoke-lambda", requestId: "r1", attempt: 1 }),
  at(41, { type: "invoked", ...TRANSFORM, functionName: "transform", requestId: "r2", attempt: 1 }),
  at(60, { type: "logLine", ...TRANSFORM, requestId: "r2", line: "START RequestId: r2 Version: $LATEST" }),
  at(61, { type: "logLine", ...TRANSFORM, requestId: "r2", line: "\u001b[32mreading\u001b[0m 日本語.csv" }),
  at(70, { type: "apiCall", ...REFERENCE, service: "codepipeline", operation: "PutJobSuccessResult" }),
  at(70, { type: "reported", ...REFERENCE, result: "success" }),
  at(71, { type: "actionFinished", ...REFERENCE, status: "Succeeded", outputArtifacts: [], outputVariables: {} }),
  at(75, {
    type: "attemptEnded",
    ...REFERENCE,
    requestId: "r1",
    attempt: 1,
    outcome: "raised",
    durationMs: 35,
    error: TYPE_ERROR,
  }),
  at(80, { type: "reported", ...TRANSFORM, result: "continuation" }),
  at(81, {
    type: "attemptEnded",
    ...TRANSFORM,
    requestId: "r2",
    attempt: 1,
    outcome: "returned",
    durationMs: 40,
    returned: "null",
  }),
  at(82, { type: "jobCreated", ...TRANSFORM, jobId: "j3", number: 2, continuationToken: '{"rows":20}' }),
  at(83, { type: "invoked", ...TRANSFORM, jobId: "j3", functionName: "transform", requestId: "r3", attempt: 1 }),
  at(85, { type: "invoked", ...REFERENCE, functionName: "invoke-lambda", requestId: "r1", attempt: 2 }),
  at(95, {
    type: "attemptEnded",
    ...REFERENCE,
    requestId: "r1",
    attempt: 2,
    outcome: "raised",
    durationMs: 10,
    error: TYPE_ERROR,
  }),
  at(1200, { type: "logLine", ...TRANSFORM, jobId: "j3", requestId: "r3", line: "wrote 40 rows" }),
  at(1210, { type: "reported", ...TRANSFORM, jobId: "j3", result: "success" }),
  at(1211, {
    type: "actionFinished",
    ...TRANSFORM,
    status: "Succeeded",
    outputArtifacts: [{ name: "Build", bucket: "store", key: "demo/Build/def5678" }],
    outputVariables: { Rows: "40" },
  }),
  at(1212, { type: "stageFinished", stage: "Build", status: "Succeeded" }),
  at(1220, {
    type: "attemptEnded",
    ...TRANSFORM,
    jobId: "j3",
    requestId: "r3",
    attempt: 1,
    outcome: "returned",
    durationMs: 1137,
    returned: '{"rows":40}',
  }),
  at(1221, { type: "stageStarted", stage: "Deploy" }),
  at(1221, { type: "actionStarted", ...PUBLISH, provider: "Lambda", configuration: { FunctionName: "publish" } }),
  at(1222, { type: "note", ...PUBLISH, message: "python3.9 is not here; python3.11 runs it" }),
  at(1223, { type: "invoked", ...PUBLISH, functionName: "publish", requestId: "r4", attempt: 1 }),
  at(1230, { type: "apiCall", ...PUBLISH, service: "codepipeline", operation: "PutJobSuccessResult", error: DENIED }),
  at(1240, { type: "attemptEnded", ...PUBLISH, requestId: "r4", attempt: 1, outcome: "timedOut", durationMs: 3000 }),
  at(4300, {
    type: "actionFinished",
    ...PUBLISH,
    status: "Failed",
    error: { code: "JobFailed", message: "The AWS Lambda function publish failed to return a result." },
    outputArtifacts: [{ name: "Site", bucket: "store", key: "demo/Site/ghi9012" }],
    outputVariables: {},
  }),
  at(4301, { type: "stageFinished", stage: "Deploy", status: "Failed" }),
  at(4302, { type: "executionFinished", status: "Failed" }),
];

const STATEMENT = { Effect: "Allow", Action: "codepipeline:PutJobSuccessResult", Resource: "*" } as const;

/** What the server says of the action that failed. */
export const DEMO_DIAGNOSES: readonly Diagnosis[] = [
  {
    pipeline: "demo",
    executionId: "e1",
    ...PUBLISH,
    state: "failed",
    error: { code: "JobFailed", message: "The AWS Lambda function publish failed to return a result." },
    cause: "denied",
    sentence: "It was denied codepipeline:PutJobSuccessResult.",
    evidence: [
      { at: DEMO_BEGIN + 1230, text: "codepipeline:PutJobSuccessResult was refused: AccessDeniedException: User…" },
    ],
    remedy: `Add this statement to a policy of role publish-role:\n  ${JSON.stringify(STATEMENT)}`,
    findings: [
      {
        cause: "denied",
        sentence: "It was denied codepipeline:PutJobSuccessResult.",
        evidence: [],
        remedy: `Add this statement to a policy of role publish-role:\n  ${JSON.stringify(STATEMENT)}`,
        missing: { role: "publish-role", statement: STATEMENT },
      },
      { cause: "timedOut", sentence: "The function timed out after 3 s.", evidence: [], remedy: "Raise it." },
      { cause: "outOfRetries", sentence: "Ran out of retries.", evidence: [], remedy: "Mend it.", isConsequence: true },
    ],
  },
];

/** The view after the entries up to `ms` after the beginning. */
export function demoView(ms = Number.POSITIVE_INFINITY): RunView {
  return DEMO_STORY.filter((entry) => entry.at <= DEMO_BEGIN + ms).reduce(reduceView, startView(DEMO_PIPELINE));
}
