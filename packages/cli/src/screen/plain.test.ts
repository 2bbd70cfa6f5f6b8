import { expect, test } from "vitest";
import { paintLine, plainPaint } from "./line.ts";
import { plainLines } from "./plain.ts";
import { DEMO_BEGIN, DEMO_STORY } from "./testing/demo-story.ts";

const told = (withoutPlace: boolean) => {
  const lines = DEMO_STORY.flatMap((entry) => plainLines(entry, { startedAt: DEMO_BEGIN, withoutPlace }));
  return `\n${lines.map((line) => paintLine(line, plainPaint)).join("\n")}\n`;
};

test("the whole story, line by line", () => {
  expect(told(false)).toMatchInlineSnapshot(`
    "
    +  0.000s  execution e1 of pipeline demo started
    +  0.001s  Source  stage started
    +  0.001s  Source/Fetch  started S3
    +  0.031s  Source/Fetch  Succeeded
    +  0.032s  Source  stage Succeeded
    +  0.033s  Build  stage started
    +  0.033s  Build/Reference  started Lambda invoke-lambda
    +  0.033s  Build/Reference  job j1 created
    +  0.034s  Build/Transform  started Lambda transform
    +  0.034s  Build/Transform  job j2 created
    +  0.040s  Build/Reference  invoked invoke-lambda
    +  0.041s  Build/Transform  invoked transform
    +  0.061s  Build/Transform  | reading 日本語.csv
    +  0.070s  Build/Reference  reported success
    +  0.071s  Build/Reference  Succeeded
    +  0.075s  Build/Reference  raised TypeError: unsupported operand type(s) for |: 'str' and 'str' (lambda_function.py:16) after 35ms
    +  0.080s  Build/Transform  reported continuation
    +  0.081s  Build/Transform  returned null after 40ms
    +  0.082s  Build/Transform  job j3 created: continues with token {"rows":20} (job 2)
    +  0.083s  Build/Transform  invoked transform
    +  0.085s  Build/Reference  invoked invoke-lambda, again after an error (attempt 2)
    +  0.095s  Build/Reference  raised TypeError: unsupported operand type(s) for |: 'str' and 'str' (lambda_function.py:16) after 10ms
    +  1.200s  Build/Transform  | wrote 40 rows
    +  1.210s  Build/Transform  reported success
    +  1.211s  Build/Transform  Succeeded
    +  1.212s  Build  stage Succeeded
    +  1.220s  Build/Transform  returned {"rows":40} after 1.1s
    +  1.221s  Deploy  stage started
    +  1.221s  Deploy/Publish  started Lambda publish
    +  1.222s  Deploy/Publish  python3.9 is not here; python3.11 runs it
    +  1.223s  Deploy/Publish  invoked publish
    +  1.230s  Deploy/Publish  called codepipeline:PutJobSuccessResult, refused: AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/publish-role/publish is not authorized to perform: codepipeline:PutJobSuccessResult because no identity-based policy allows the codepipeline:PutJobSuccessResult action
    +  1.240s  Deploy/Publish  timed out after 3.0s
    +  4.300s  Deploy/Publish  Failed: JobFailed: The AWS Lambda function publish failed to return a result.
    +  4.301s  Deploy  stage Failed
    +  4.302s  execution Failed
    "
  `);
});

test("without places where there is only one", () => {
  expect(told(true)).not.toContain("Build/Transform");
});
