import { expect, test } from "vitest";
import { givenSources } from "./deploy-sources.ts";
import type { Project } from "./project.ts";

function withInputs(inputs: Project["inputs"], provider = "S3"): Project {
  const fetch = {
    name: "Fetch",
    actionTypeId: { category: "Source", owner: "AWS", provider, version: "1" },
    configuration: { S3Bucket: "in", S3ObjectKey: "in.zip" },
    outputArtifacts: [{ name: "Source" }],
  };
  const pipeline = { name: "p", roleArn: "", stages: [{ name: "S", actions: [fetch] }] };
  return {
    pipeline,
    inputs,
    functions: {},
    roles: {},
    buckets: {},
    account: "",
    region: "",
    origin: "p.json",
    notes: [],
  };
}

test("an input goes to the S3 source that has its artifact, or its name", () => {
  const here = process.cwd();
  const place = { from: here, bucket: "in", key: "in.zip" };
  expect(givenSources(withInputs({ Source: here }))).toEqual([place]);
  expect(givenSources(withInputs({ Fetch: here }))).toEqual([place]);
});

test("an input that goes nowhere, or comes from nowhere, is refused", () => {
  const refused = (project: Project, message: string, remedy: string) =>
    expect(() => givenSources(project)).toThrowError(
      expect.objectContaining({
        exitCode: 2,
        message: expect.stringContaining(message),
        remedy: expect.stringContaining(remedy),
      }),
    );
  refused(withInputs({ Sorce: process.cwd() }), "no S3 source of p.json", 'Did you mean "Source"?');
  refused(withInputs({ Source: "/no/such/place" }), "there is no /no/such/place", "folder or a zip");
  refused(withInputs({ Source: process.cwd() }, "CodeCommit"), "no S3 source", "the pipeline has none");
});
