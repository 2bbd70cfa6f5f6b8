import { expect, test } from "vitest";
import { plainPaint } from "./line.ts";
import { jsonScreen, liveScreen, plainScreen, type Screen } from "./screen.ts";
import { DEMO_PIPELINE, DEMO_STORY } from "./testing/demo-story.ts";
import { noteOnRun, type RunView, reduceView, startView } from "./view.ts";

/** Shows the whole story, and answers what was written. */
function play(
  make: (out: { write(text: string): void }) => Screen,
  end: (screen: Screen, view: RunView) => void,
): string {
  let written = "";
  const screen = make({ write: (text) => (written += text) });
  let view = noteOnRun(startView(DEMO_PIPELINE), "made up a role");
  screen.note("made up a role", view);
  for (const entry of DEMO_STORY) {
    view = reduceView(view, entry);
    screen.show(entry, view);
  }
  end(screen, view);
  return written;
}

const finish = (screen: Screen, view: RunView) => screen.finish(view, { sizeOf: () => 1 });

test("with --json there is one document and nothing else", () => {
  expect(JSON.parse(play(jsonScreen, finish))).toMatchObject({ status: "Failed", notes: ["made up a role"] });
});

test("without a terminal there are plain lines, and nothing that moves a cursor", () => {
  const written = play((out) => plainScreen(out, plainPaint), finish);
  expect(written).toContain("note: made up a role\n");
  expect(written).not.toContain("\u001b");
  expect(written.endsWith("\nFailed\n")).toBe(true);
});

test("where only one stage is of interest, the others are left out, but not their failures", () => {
  const only = { stage: "Build" };
  const written = play(
    (out) => plainScreen(out, plainPaint, only),
    (screen, view) => screen.finish(view, { sizeOf: () => 1, only }),
  );
  expect(written).toContain("invoked transform");
  expect(written).not.toMatch(/started S3|VersionId|invoked publish|stage started/);
  expect(written).toContain("  Failed: JobFailed: The AWS Lambda function publish failed");
  expect(written).toContain("  Deploy/Publish failed: JobFailed");
});

test("a live screen leaves the whole tree and the summary behind, and the cursor as it was", () => {
  const written = play((out) => liveScreen(out, plainPaint), finish);
  const left = written.slice(written.lastIndexOf("\u001b[?25h"));
  expect(left).toContain("✗ Publish");
  expect(left.endsWith("\nFailed\n")).toBe(true);
  expect(left.split("\u001b")).toHaveLength(2);
});

test("a live screen that is closed by a failure shows the cursor again", () => {
  expect(
    play(
      (out) => liveScreen(out, plainPaint),
      (screen) => screen.close(),
    ).endsWith("\u001b[?25h"),
  ).toBe(true);
});
