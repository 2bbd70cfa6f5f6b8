import { expect, test } from "vitest";
import { checkProject } from "./check-project.ts";
import type { Project } from "./project.ts";

const project: Project = {
  pipeline: {
    name: "p",
    roleArn: "arn:aws:iam::123456789012:role/Pipe",
    artifactStore: { type: "S3", location: "store" },
    stages: [],
  },
  functions: {},
  roles: {},
  buckets: {},
  inputs: {},
  account: "123456789012",
  region: "us-east-1",
  origin: "pipeline.json",
  notes: [],
};

test("a broken structural rule is told in the service's words, with the file", () => {
  expect(() => checkProject(project)).toThrowError(
    expect.objectContaining({
      exitCode: 2,
      message: expect.stringMatching(/^pipeline\.json: InvalidStructureException: Pipeline has only 0 stage/),
    }),
  );
});
