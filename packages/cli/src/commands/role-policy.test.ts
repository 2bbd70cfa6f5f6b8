import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { penstock } from "../capture/testing/penstock.ts";

const PIPELINE = { pipeline: { name: "web", roleArn: "arn:aws:iam::123456789012:role/pipe", stages: [] } };

function project(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "penstock-policy-"));
  const all = {
    "app.py": "def handler(event, context): pass\n",
    "penstock.yaml": "functions: { build: { handler: app.handler, code: . } }\n",
    ...files,
  };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(folder, name), text);
  return folder;
}

test("a function of penstock.yaml is in the account of the pipeline beside it, and without one in the default account", async () => {
  const beside = await penstock(["policy", "build"], project({ "pipeline.json": JSON.stringify(PIPELINE) }));
  expect(beside.stdout).toContain("arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/build");
  const alone = await penstock(["policy", "build"], project({}));
  expect(alone.stdout).toContain("arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/build");
});
