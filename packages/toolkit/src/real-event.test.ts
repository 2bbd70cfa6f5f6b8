import { afterAll, beforeAll, expect, test } from "vitest";
import { lambdaAction, layGround, pipeline, sourceAction, zipOf } from "../../../conformance/ground.ts";
import { javascript } from "../../../conformance/javascript.ts";
import { openMailbox } from "../../../conformance/mailbox.ts";
import { type Penstock, startPenstock } from "../../../conformance/server.ts";
import { jobEventSchema } from "./index.ts";
import { jobEvent } from "./testing/testing.ts";

/* The schema and the fixture, held against events as a function receives them. */

let server: Penstock;
const events: { readonly [member: string]: unknown }[] = [];

beforeAll(async () => {
  server = await startPenstock({ unreported: "wait" });
  const client = javascript(server);
  await layGround(client, await zipOf({ "readme.txt": "hello\n" }));
  const { nextJob, nextEvent } = await openMailbox(client, server);
  const { KeyMetadata } = await client.kms.createKey({});
  const encryptionKey = { id: KeyMetadata?.Arn ?? "", type: "KMS" as const };
  const full = lambdaAction("Call", "pass-on", {
    configuration: { UserParameters: '{"table":"orders"}' },
    inputArtifacts: [{ name: "Source" }],
    outputArtifacts: [{ name: "Report" }],
  });
  const source = sourceAction({ outputArtifacts: [{ name: "Source" }] });
  const { stages: _none, ...declared } = pipeline("full", []);
  const stages = [
    { name: "Source", actions: [source] },
    { name: "Work", actions: [full] },
  ];
  const artifactStore = { type: "S3" as const, location: "penstock-conformance", encryptionKey };
  await client.codePipeline.createPipeline({ pipeline: { ...declared, stages, artifactStore } });
  const { id } = await nextJob();
  await client.codePipeline.putJobSuccessResult({ jobId: id, continuationToken: "page-2" });
  events.push((await nextEvent()) as Record<string, unknown>); // of the job that goes on
  await client.codePipeline.createPipeline({ pipeline: pipeline("bare", [lambdaAction("Call", "pass-on")]) });
  events.push((await nextEvent()) as Record<string, unknown>); // of an action with nothing but a function
});
afterAll(() => server.stop());

test("the schema takes what a function receives", async () => {
  for (const event of events) expect(await jobEventSchema["~standard"].validate(event)).toEqual({ value: event });
});

test("the fixture has the members and kinds of what a function receives, and no others", () => {
  const full = { parameters: { table: "orders" }, inputs: ["Source"], outputs: ["Report"] };
  expect(kindsOf(jobEvent({ ...full, continuationToken: "page-2", kmsKeyId: "key" }))).toEqual(kindsOf(events[0]));
  expect(kindsOf(jobEvent())).toEqual(kindsOf(events[1]));
});

/** The same with kinds instead of values, but for what is part of the shape. */
function kindsOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(kindsOf);
  if (typeof value !== "object" || value === null) return value === null ? null : typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .sort()
      .map(([key, member]) => [key, kindsOf(member)]),
  );
}
