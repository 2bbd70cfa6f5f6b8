import { expect, test } from "vitest";
import type { Screen } from "../screen/screen.ts";
import { DEMO_PIPELINE, DEMO_STORY } from "../screen/testing/demo-story.ts";
import { createViewer } from "./viewer.ts";

/** A screen that writes down what it is told. */
function notebook(): Screen & { readonly told: string[] } {
  const told: string[] = [];
  return {
    told,
    show: ({ type, executionId }) => told.push(`${executionId} ${type}`),
    note: (message) => told.push(`note ${message}`),
    finish: () => told.push("finish"),
    close: () => {},
  };
}

test("entries from before the execution was known are shown once it is, those of others never", () => {
  const screen = notebook();
  const viewer = createViewer(DEMO_PIPELINE, screen);
  const [first, second] = DEMO_STORY;
  if (!first || !second) throw new Error("the story is empty");
  viewer.take({ ...first, executionId: "other" });
  viewer.take(first);
  expect(screen.told).toEqual([]);
  viewer.follow("e1");
  viewer.take({ ...second, executionId: "other" });
  viewer.take(second);
  expect(screen.told).toEqual(["e1 executionStarted", "e1 stageStarted"]);
});

test("the end is awaited, and what comes after closing is shown to nobody", async () => {
  const screen = notebook();
  const viewer = createViewer(DEMO_PIPELINE, screen);
  viewer.follow("e1");
  for (const entry of DEMO_STORY) viewer.take(entry);
  await viewer.finished;
  expect(viewer.view().status).toBe("Failed");
  viewer.close();
  const before = screen.told.length;
  viewer.note("the function was killed");
  for (const entry of DEMO_STORY) viewer.take(entry);
  expect(screen.told).toHaveLength(before);
});
