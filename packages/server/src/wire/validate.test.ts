import { expect, test } from "vitest";
import { model as codepipeline } from "../services/codepipeline/model.generated.ts";
import { model as iam } from "../services/iam/model.generated.ts";
import { model as kms } from "../services/kms/model.generated.ts";
import { model as lambda } from "../services/lambda/model.generated.ts";
import { model as s3 } from "../services/s3/model.generated.ts";
import { model as sts } from "../services/sts/model.generated.ts";
import type { ServiceModel } from "./model.ts";
import { findViolations, violationText, wholePattern } from "./validate.ts";

function textOf(
  shape: string,
  input: object,
  model: ServiceModel = codepipeline,
  style: "echo" | "silent" = "silent",
): string {
  return violationText(findViolations(model, shape, input), style);
}

const actionTypeId = { category: "Build", owner: "AWS", provider: "Lambda", version: "1" };

function pipelineWith(action: object, more: object = {}): object {
  const actions = [
    { name: "ok", actionTypeId },
    { name: "ok", actionTypeId, ...action },
  ];
  const stage = { name: "Source", actions };
  return {
    pipeline: {
      name: "p",
      roleArn: "arn:aws:iam::000000000000:role/r",
      stages: [stage, { ...stage, name: "Build" }],
      ...more,
    },
  };
}

test("paths count lists from one and name their members", () => {
  expect(textOf("CreatePipelineInput", pipelineWith({ name: "no blanks" }))).toBe(
    "2 validation errors detected: Value at 'pipeline.stages.1.member.actions.2.member.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [A-Za-z0-9.@\\-_]+; Value at 'pipeline.stages.2.member.actions.2.member.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [A-Za-z0-9.@\\-_]+",
  );
});

test("each kind of constraint has the service's text", () => {
  const artifactStore = { type: "S3", location: "bucket", encryptionKey: { id: "k", type: "AES" } };
  const rows: (readonly [object, string])[] = [
    [{}, "'jobId' failed to satisfy constraint: Member must not be null"],
    [
      { jobId: "0", continuationToken: "" },
      "'continuationToken' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      { jobId: "0", executionDetails: { percentComplete: 101 } },
      "'executionDetails.percentComplete' failed to satisfy constraint: Member must have value less than or equal to 100",
    ],
    [
      { jobId: "0", outputVariables: { "a b": "1" } },
      "'outputVariables' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [A-Za-z0-9@\\-_]+]",
    ],
  ];
  for (const [input, text] of rows) expect(textOf("PutJobSuccessResultInput", input)).toContain(text);
  expect(textOf("CreatePipelineInput", pipelineWith({ runOrder: 0 }))).toContain(
    "Member must have value greater than or equal to 1",
  );
  expect(textOf("CreatePipelineInput", pipelineWith({}, { artifactStore }))).toBe(
    "1 validation error detected: Value at 'pipeline.artifactStore.encryptionKey.type' failed to satisfy constraint: Member must satisfy enum value set: [KMS]",
  );
  const variables = Array.from({ length: 51 }, (_, index) => ({ name: `v${index}` }));
  expect(textOf("CreatePipelineInput", pipelineWith({}, { variables }))).toContain(
    "'pipeline.variables' failed to satisfy constraint: Member must have length less than or equal to 50",
  );
});

test("a pattern holds for the whole value", () => {
  const id = "11111111-2222-4333-8444-555555555555";
  expect(findViolations(codepipeline, "GetJobDetailsInput", { jobId: id })).toEqual([]);
  for (const jobId of [`${id}0`, `x${id}`, `${id}\n`, id.toUpperCase().replaceAll("1", "A")]) {
    expect(findViolations(codepipeline, "GetJobDetailsInput", { jobId })).toHaveLength(1);
  }
});

test("services that show values show none that is secret", () => {
  const input = { FunctionName: "f", Role: "nobody", Code: {}, Environment: { Variables: { "1 secret": "hush" } } };
  const text = textOf("CreateFunctionRequest", input, lambda, "echo");
  expect(text).toContain("Value 'nobody' at 'role' failed to satisfy constraint");
  expect(text).toContain("Value at 'environment.variables' failed to satisfy constraint: Map keys");
  expect(text).not.toMatch(/hush|1 secret/);
  expect(
    textOf("CreateFunctionRequest", { FunctionName: "f", Role: "arn:aws:iam::000000000000:role/r" }, lambda, "echo"),
  ).toBe("1 validation error detected: Value null at 'code' failed to satisfy constraint: Member must not be null");
});

test("thousands of violations make one error of bounded size", () => {
  const tags = Array.from({ length: 10_000 }, () => ({ key: "" }));
  expect(findViolations(codepipeline, "TagResourceInput", { resourceArn: "x", tags }).length).toBeLessThanOrEqual(50);
});

const models = [codepipeline, iam, kms, lambda, s3, sts];

test("every pattern of the models can be matched, and no shape holds itself", () => {
  let patterns = 0;
  for (const model of models) {
    for (const [name, shape] of Object.entries(model.shapes)) {
      if ("pattern" in shape && shape.pattern !== undefined) {
        expect(wholePattern(shape.pattern)).toBeInstanceOf(RegExp);
        patterns++;
      }
      expect(reaches(model, name, name, new Set())).toBe(false);
    }
  }
  expect(patterns).toBeGreaterThan(100);
});

function reaches(model: ServiceModel, from: string, goal: string, seen: Set<string>): boolean {
  const shape = model.shapes[from];
  const next =
    shape?.type === "structure"
      ? Object.values(shape.members)
      : shape?.type === "list"
        ? [shape.member]
        : shape?.type === "map"
          ? [shape.value]
          : [];
  return next.some((member) => {
    if (member.shape === goal) return true;
    if (seen.has(member.shape)) return false;
    seen.add(member.shape);
    return reaches(model, member.shape, goal, seen);
  });
}
