import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, expect, test } from "vitest";
import { startServer } from "../src/main.ts";
import type { Server } from "../src/server.ts";

/*
 * An approval over a restart: what waits goes on waiting, and not a moment longer.
 */

const ROLE = "arn:aws:iam::000000000000:role/pipeline";
const WEEK_MS = 7 * 24 * 3_600_000;
const dataDir = mkdtempSync(join(tmpdir(), "penstock-approval-"));
let server: Server | undefined;

afterEach(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test("an approval outlives a restart, and its time goes on where it was", async () => {
  const first = await start();
  const needed = new Promise((resolve) => {
    first.watch((entry) => entry.type === "approvalNeeded" && resolve(entry.token));
  });
  await lay(first);
  const token = await needed;
  await first.stop();

  const second = await start();
  expect(await latest(second)).toMatchObject({ status: "InProgress", token });
  await second.advanceClock(WEEK_MS - 60_000);
  expect(await latest(second)).toMatchObject({ status: "InProgress", token });
  await second.advanceClock(60_000);
  expect(await latest(second)).toMatchObject({ status: "Failed", summary: "The approval action has timed out." });
});

async function start(): Promise<Server> {
  server = await startServer({ dataDir, timing: "fast" });
  return server;
}

/** A pipeline of a source and an approval, and one execution of it. */
async function lay(on: Server): Promise<void> {
  const trust = { Effect: "Allow", Principal: { Service: "codepipeline.amazonaws.com" }, Action: "sts:AssumeRole" };
  const all = { Effect: "Allow", Action: "*", Resource: "*" };
  const document = (statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  await on.call("iam", "CreateRole", { RoleName: "pipeline", AssumeRolePolicyDocument: document(trust) });
  await on.call("iam", "PutRolePolicy", { RoleName: "pipeline", PolicyName: "all", PolicyDocument: document(all) });
  await on.call("s3", "CreateBucket", { Bucket: "approvals" });
  await on.objects.setVersioning("approvals", "Enabled");
  await on.objects.put({ bucket: "approvals", key: "source.zip", body: Readable.from([Buffer.from("source")]) });
  const actionTypeId = (category: string, provider: string) => ({ category, owner: "AWS", provider, version: "1" });
  const fetch = {
    name: "Fetch",
    actionTypeId: actionTypeId("Source", "S3"),
    configuration: { S3Bucket: "approvals", S3ObjectKey: "source.zip" },
    outputArtifacts: [{ name: "Source" }],
  };
  const ask = { name: "Ask", actionTypeId: actionTypeId("Approval", "Manual") };
  await on.deployPipeline({
    name: "asks",
    roleArn: ROLE,
    artifactStore: { type: "S3", location: "approvals" },
    stages: [
      { name: "Source", actions: [fetch] },
      { name: "Stage", actions: [ask] },
    ],
  });
  await on.call("codepipeline", "StartPipelineExecution", { name: "asks" });
}

async function latest(on: Server): Promise<unknown> {
  // Output of GetPipelineState, as the model has it.
  const { stageStates } = (await on.call("codepipeline", "GetPipelineState", { name: "asks" })) as {
    stageStates: { actionStates: { latestExecution?: object }[] }[];
  };
  return stageStates[1]?.actionStates[0]?.latestExecution;
}
