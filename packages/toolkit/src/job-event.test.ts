import { expect, test } from "vitest";
import { withoutCredentials } from "./job-event.ts";
import { jobEventSchema } from "./job-event-schema.ts";
import { issuesText } from "./standard-schema.ts";
import { jobEvent } from "./testing/testing.ts";

test("an event can be logged without its credentials, and stays what it was", () => {
  const event = jobEvent({ parameters: "p", inputs: ["Source"], outputs: ["Report"] });
  const before = structuredClone(event);
  const text = JSON.stringify(withoutCredentials(event));
  expect(text).not.toMatch(/ASIATESTED|the-secret-access-key|the-session-token/);
  expect(text).toContain('"UserParameters":"p"');
  expect(event).toEqual(before);
});

test("what does not apply is absent from an event, and an output has no revision", () => {
  const { data } = jobEvent({ outputs: ["Report"] })["CodePipeline.job"];
  expect(Object.keys(data)).toEqual([
    "actionConfiguration",
    "inputArtifacts",
    "outputArtifacts",
    "artifactCredentials",
  ]);
  expect(data.actionConfiguration.configuration).toEqual({ FunctionName: "tested" });
  expect(data.outputArtifacts[0]?.revision).toBeNull();
});

const { validate } = jobEventSchema["~standard"];
const full = jobEvent({ parameters: "p", inputs: ["A"], outputs: ["B"], continuationToken: "t", kmsKeyId: "k" });

test.each([
  ["as small as it can be", jobEvent()],
  ["with all that there can be", full],
  ["with members that came later", { "CodePipeline.job": { ...full["CodePipeline.job"], later: 1 } }],
])("the schema takes an event %s", async (_, event) => {
  expect(await validate(event)).toEqual({ value: event });
});

test.each<[string, (data: Record<string, unknown>) => unknown, string]>([
  [
    "no credentials",
    (data) => delete data["artifactCredentials"],
    "artifactCredentials: expected an object, not nothing",
  ],
  [
    "an input that is none",
    (data) => (data["inputArtifacts"] = ["A"]),
    "inputArtifacts.0: expected an object, not string",
  ],
  [
    "outputs that are no list",
    (data) => (data["outputArtifacts"] = {}),
    "outputArtifacts: expected a list, not object",
  ],
  [
    "a token that is null",
    (data) => (data["continuationToken"] = null),
    "continuationToken: expected a text, not null",
  ],
  [
    "an end of its credentials in words",
    (data) =>
      (data["artifactCredentials"] = { ...full["CodePipeline.job"].data.artifactCredentials, expirationTime: "soon" }),
    "artifactCredentials.expirationTime: expected a number, not string",
  ],
])("the schema refuses an event with %s, by its path", async (_, spoil, expected) => {
  const event = structuredClone(full);
  spoil(event["CodePipeline.job"].data as unknown as Record<string, unknown>); // to make it wrong
  const { issues = [] } = await validate(event);
  expect(issuesText(issues)).toBe(`CodePipeline.job.data.${expected}`);
});

test.each([[undefined], [null], ["text"], [{ Records: [] }]])("the schema refuses %j", async (value) => {
  const { issues = [] } = await validate(value);
  expect(issuesText(issues)).toMatch(/expected an object, not/);
});
