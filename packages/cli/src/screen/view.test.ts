import { expect, test } from "vitest";
import type { StoryEntry } from "../server-port.ts";
import { DEMO_BEGIN, DEMO_PIPELINE, demoView } from "./testing/demo-story.ts";
import { LOG_LINES_KEPT_MAX, NOTES_KEPT_MAX, noteOnRun, reduceView, startView } from "./view.ts";

const actionOf = (view: ReturnType<typeof demoView>, stage: number, action: number) =>
  view.stages[stage]?.actions[action];
const entry = (event: object): StoryEntry =>
  ({ at: DEMO_BEGIN, pipeline: "demo", executionId: "e1", ...event }) as StoryEntry; // each test gives a whole event

test("before it began, everything of the declaration is there", () => {
  const view = startView(DEMO_PIPELINE);
  expect(view.status).toBe("NotStarted");
  expect(view.stages.flatMap(({ actions }) => actions.map(({ name, subject }) => `${name} ${subject}`))).toEqual([
    "Fetch s3://in/source.zip",
    "Reference invoke-lambda",
    "Transform transform",
    "Publish publish",
  ]);
});

test("continuations are counted, and the last attempt knows how it ended", () => {
  const transform = actionOf(demoView(), 1, 1);
  expect(transform?.continuations).toBe(1);
  expect(transform?.attempts.map(({ outcome, returned }) => [outcome, returned])).toEqual([
    ["returned", "null"],
    ["returned", '{"rows":40}'],
  ]);
});

test("what a function does after its action is over is seen, and changes nothing of the action", () => {
  const reference = actionOf(demoView(), 1, 0);
  expect(reference?.status).toBe("Succeeded");
  expect(reference?.attempts.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
    [1, "raised"],
    [2, "raised"],
  ]);
});

test("the first result counts, a second one does not take its place", () => {
  const late = entry({ type: "reported", stage: "Build", action: "Reference", result: "failure", message: "late" });
  expect(actionOf(reduceView(demoView(), late), 1, 0)?.reported).toEqual({ result: "success" });
});

test("a retried action begins anew", () => {
  const again = entry({
    type: "actionStarted",
    stage: "Deploy",
    action: "Publish",
    actionExecutionId: "a5",
    provider: "Lambda",
    configuration: {},
  });
  const publish = actionOf(reduceView(demoView(), again), 2, 0);
  expect(publish).toMatchObject({
    status: "InProgress",
    attempts: [],
    error: undefined,
    refused: [],
    actionExecutionId: "a5",
  });
});

test("logs and notes are bounded, and what was dropped is counted", () => {
  let view = startView(DEMO_PIPELINE);
  for (let line = 0; line < LOG_LINES_KEPT_MAX + 50; line++) {
    view = reduceView(
      view,
      entry({ type: "logLine", stage: "Build", action: "Transform", requestId: "r", line: `${line}` }),
    );
    view = noteOnRun(view, `${line}`);
  }
  const transform = actionOf(view, 1, 1);
  expect(transform?.log).toHaveLength(LOG_LINES_KEPT_MAX);
  expect(transform?.log.at(-1)).toBe(`${LOG_LINES_KEPT_MAX + 49}`);
  expect(transform?.logLinesDropped).toBe(50);
  expect(view.notes).toHaveLength(NOTES_KEPT_MAX);
});

test("entries of places and attempts that are not known change nothing", () => {
  const view = demoView();
  const strange = [
    entry({ type: "stageStarted", stage: "Nowhere" }),
    entry({ type: "logLine", stage: "Build", action: "Nobody", requestId: "r", line: "x" }),
    entry({
      type: "attemptEnded",
      stage: "Build",
      action: "Transform",
      requestId: "r9",
      attempt: 1,
      outcome: "returned",
      durationMs: 1,
    }),
    entry({ type: "apiCall", stage: "Build", action: "Transform", service: "s3", operation: "GetObject" }),
  ];
  for (const one of strange) expect(reduceView(view, one)).toEqual(view);
});

test("the view that was there before is not changed", () => {
  const view = demoView(100);
  const copy = structuredClone(view);
  reduceView(view, entry({ type: "logLine", stage: "Build", action: "Transform", requestId: "r", line: "x" }));
  expect(view).toEqual(copy);
});
