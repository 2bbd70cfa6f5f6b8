import { expect, test } from "vitest";
import { fitLine, type Line, paintLine, plainPaint } from "./line.ts";
import { DEMO_BEGIN, DEMO_PIPELINE, demoView } from "./testing/demo-story.ts";
import { textWidth } from "./text-width.ts";
import { treeLines, treeToFit } from "./tree.ts";
import { noteOnRun, startView } from "./view.ts";

const text = (lines: readonly Line[], width = 200) =>
  `\n${lines.map((line) => paintLine(fitLine(line, width), plainPaint)).join("\n")}\n`;

test("before it began", () => {
  expect(text(treeLines(startView(DEMO_PIPELINE), { now: DEMO_BEGIN, logLines: 5 }))).toMatchInlineSnapshot(`
    "
    demo  NotStarted
    · Source
      · Fetch             S3 s3://in/source.zip
    · Build
      · Reference         Lambda invoke-lambda
      · Transform         Lambda transform
    · Deploy
      · Publish           Lambda publish
    "
  `);
});

test("while it runs", () => {
  expect(text(treeLines(demoView(1200), { now: DEMO_BEGIN + 1250, logLines: 5 }))).toMatchInlineSnapshot(`
    "
    demo  e1  InProgress 1.3s
    ✓ Source      31ms
      ✓ Fetch     30ms    S3 s3://in/source.zip
    ⠴ Build       1.2s
      ✓ Reference 38ms    Lambda invoke-lambda  attempt 2
          raised TypeError: unsupported operand type(s) for |: 'str' and 'str' (lambda_function.py:16), 2 times
      ⠴ Transform 1.2s    Lambda transform  continued 1×
          │ reading 日本語.csv
          │ wrote 40 rows
    · Deploy
      · Publish           Lambda publish
    "
  `);
});

test("when it failed, with a note of the server", () => {
  const view = noteOnRun(demoView(), "the disk is nearly full");
  expect(text(treeLines(view, { now: DEMO_BEGIN + 9000, logLines: 1 }))).toMatchInlineSnapshot(`
    "
    demo  e1  Failed 4.3s
    ✓ Source      31ms
      ✓ Fetch     30ms    S3 s3://in/source.zip
    ✓ Build       1.2s
      ✓ Reference 38ms    Lambda invoke-lambda  attempt 2
          raised TypeError: unsupported operand type(s) for |: 'str' and 'str' (lambda_function.py:16), 2 times
      ✓ Transform 1.2s    Lambda transform  continued 1×
          │ … 1 line before
          │ wrote 40 rows
    ✗ Deploy      3.1s
      ✗ Publish   3.1s    Lambda publish
          python3.9 is not here; python3.11 runs it
          timed out
          was denied codepipeline:PutJobSuccessResult
          JobFailed: The AWS Lambda function publish failed to return a result.
    ! the disk is nearly full
    "
  `);
});

test("in a narrow terminal every line is cut to its width", () => {
  const lines = treeLines(demoView(), { now: DEMO_BEGIN + 9000, logLines: 5 }).map((line) => fitLine(line, 30));
  expect(text(lines)).toMatchInlineSnapshot(`
    "
    demo  e1  Failed 4.3s
    ✓ Source      31ms
      ✓ Fetch     30ms    S3 s3:/…
    ✓ Build       1.2s
      ✓ Reference 38ms    Lambda …
          raised TypeError: unsup…
      ✓ Transform 1.2s    Lambda …
          │ reading 日本語.csv
          │ wrote 40 rows
    ✗ Deploy      3.1s
      ✗ Publish   3.1s    Lambda …
          python3.9 is not here; …
          timed out
          was denied codepipeline…
          JobFailed: The AWS Lamb…
    "
  `);
  for (const line of lines) expect(textWidth(paintLine(line, plainPaint))).toBeLessThanOrEqual(30);
});

test("where there is little room, log lines go first, then finished stages, then the top", () => {
  const fit = (height: number) => treeToFit(demoView(1200), { now: DEMO_BEGIN + 1250, height });
  for (let height = 1; height < 20; height++) expect(fit(height).length).toBeLessThanOrEqual(height);
  expect(text(fit(12))).toContain("日本語");
  expect(text(fit(9))).not.toContain("日本語");
  expect(text(fit(7))).not.toContain("Fetch");
  expect(text(fit(3))).toMatchInlineSnapshot(`
    "
    … 5 lines above
      ⠴ Transform 1.2s    Lambda transform  continued 1×
    · Deploy
    "
  `);
});
