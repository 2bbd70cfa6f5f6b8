import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

test("the reference function is the documentation's sample, byte for byte", () => {
  const bytes = readFileSync(new URL("./lambda_function.py", import.meta.url));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  expect(sha256).toBe("b08595704a6f55becd69fb78396c8a40c0ad7c47d12eb4f59e848a5d43338903");
});

test("its role may report results and nothing else", () => {
  const policy = JSON.parse(readFileSync(new URL("./policy.json", import.meta.url), "utf8"));
  expect(policy.Statement).toEqual([
    {
      Sid: "VisualEditor0",
      Effect: "Allow",
      Action: ["codepipeline:PutJobFailureResult", "codepipeline:PutJobSuccessResult"],
      Resource: "*",
    },
  ]);
});
