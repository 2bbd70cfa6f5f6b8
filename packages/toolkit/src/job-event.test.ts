import { expect, test } from "vitest";
import { jobEventSchema, withoutCredentials } from "./job-event.ts";
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

test("the schema takes an event and says what is wrong with anything else", async () => {
  const { validate } = jobEventSchema["~standard"];
  const event = jobEvent();
  expect(await validate(event)).toEqual({ value: event });
  expect(await validate({ Records: [] })).toMatchObject({
    issues: [{ message: expect.stringContaining("CodePipeline.job is missing") }],
  });
});
