import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Client } from "../../../../conformance/client.ts";
import {
  allow,
  BUCKET,
  createFunction,
  lambdaAction,
  layGround,
  pipeline,
  REPORTING_POLICY,
  sourceAction,
  zipOf,
} from "../../../../conformance/ground.ts";
import { javascript } from "../../../../conformance/javascript.ts";
import { type Penstock, startPenstock } from "../../../../conformance/server.ts";
import { listZip } from "../../../server/src/index.ts";

/*
 * Artifacts in a real store: a function in a process of its own, with the job's credentials, under a KMS key.
 */

let server: Penstock;
let client: Client;
let keyArn = "";

beforeAll(async () => {
  server = await startPenstock();
  client = javascript(server);
  await layGround(client, await zipOf({ "readme.txt": "hello\n", "sub/run.sh": "#!/bin/sh\n" }));
  const { KeyMetadata } = await client.kms.createKey({});
  keyArn = KeyMetadata?.Arn ?? "";
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("copying.scripted.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    external: ["@aws-sdk/*"],
  });
  const code = await zipOf({ "index.mjs": outputFiles[0]?.contents ?? "" });
  const declared = { runtime: "nodejs24.x", handler: "index.handler", code, policy: REPORTING_POLICY } as const;
  await createFunction(client, { ...declared, name: "copying" });
  await createFunction(client, { ...declared, name: "later-denied", handler: "index.later" });
  const renewing = allow([
    "codepipeline:PutJobSuccessResult",
    "codepipeline:PutJobFailureResult",
    "codepipeline:GetJobDetails",
  ]);
  await createFunction(client, { ...declared, name: "later", handler: "index.later", policy: renewing });
  await createFunction(client, { ...declared, name: "keeping-denied", handler: "index.keeping" });
  const states = {
    Effect: "Allow",
    Action: ["s3:PutObject", "s3:GetObject"],
    Resource: `arn:aws:s3:::${BUCKET}/states/*`,
  };
  const { Statement: reporting, ...policy } = JSON.parse(REPORTING_POLICY);
  const keeping = JSON.stringify({ ...policy, Statement: [...reporting, states] });
  await createFunction(client, { ...declared, name: "keeping", handler: "index.keeping", policy: keeping });
});
afterAll(() => server.stop());

/** Runs a function as the one action of a pipeline; answers how that action finished. */
async function finished(functionName: string, outputs: readonly string[]) {
  const name = `of-${functionName}`;
  const action = lambdaAction("Call", functionName, {
    inputArtifacts: [{ name: "Source" }],
    outputArtifacts: outputs.map((output) => ({ name: output })),
  });
  const { stages = [], ...declared } = pipeline(name, [action]);
  const source = { name: "Source", actions: [sourceAction({ outputArtifacts: [{ name: "Source" }] })] };
  const store = {
    type: "S3" as const,
    location: "penstock-conformance",
    encryptionKey: { id: keyArn, type: "KMS" as const },
  };
  await client.codePipeline.createPipeline({
    pipeline: { ...declared, artifactStore: store, stages: [source, ...stages.slice(1)] },
  });
  const { pipelineExecutionSummaries } = await client.codePipeline.listPipelineExecutions({ pipelineName: name });
  await server.settled(pipelineExecutionSummaries?.[0]?.pipelineExecutionId);
  const end = server.story.find(
    (entry) => entry.pipeline === name && entry.action === "Call" && entry.type === "actionFinished",
  );
  if (end?.type !== "actionFinished") throw new Error("The action has not finished.");
  return end;
}

test("a folder, a stream and raw bytes are copied, in parts, under the store's key, after a large state", async () => {
  const end = await finished("copying", ["Copy", "Raw"]);
  expect(end).toMatchObject({ status: "Succeeded", outputVariables: { Readme: "hello\n" } });
  const [copy, raw] = await Promise.all(
    end.outputArtifacts.map(({ bucket, key }) => client.s3.getObject({ Bucket: bucket, Key: key })),
  );
  expect(copy).toMatchObject({ ContentType: "application/zip", ServerSideEncryption: "aws:kms", SSEKMSKeyId: keyArn });
  expect(copy?.ETag).toMatch(/-3"$/); // three parts
  const listed = await listZip(Buffer.from((await copy?.Body?.transformToByteArray()) ?? []));
  expect(listed.map(({ path, mode, sizeBytes }) => `${path} ${mode.toString(8)} ${sizeBytes}`)).toEqual([
    "large.bin 644 20971520",
    "readme.txt 644 6",
    "streamed.txt 644 6",
    "sub/run.sh 644 10",
  ]);
  expect(raw).toMatchObject({ ContentType: "text/plain", SSEKMSKeyId: keyArn });
  expect(await raw?.Body?.transformToString()).toBe("as it is");
});

test("credentials that have ended are renewed by GetJobDetails", async () => {
  expect(await finished("later", [])).toMatchObject({ status: "Succeeded", outputVariables: { Readme: "hello\n" } });
});

test("a role that may not renew them is told so", async () => {
  const { error } = await finished("later-denied", []);
  expect(error?.code).toBe("PermissionError");
  expect(error?.message).toMatch(/^The job's artifact credentials have ended, and new ones were denied\./);
  expect(error?.message).toContain("needs codepipeline:GetJobDetails");
});

test("a large state lies in the bucket that the author names, with the function's own rights", async () => {
  expect(await finished("keeping", [])).toMatchObject({ status: "Succeeded", outputVariables: { Kept: "5011" } });
  const { Contents = [] } = await client.s3.listObjectsV2({ Bucket: BUCKET, Prefix: "states/" });
  expect(Contents.map(({ Key }) => Key)).toEqual([expect.stringMatching(/^states\/[0-9a-f-]{36}\.json$/)]);
});

test("without those rights that is a matter of permission", async () => {
  const { error } = await finished("keeping-denied", []);
  expect(error).toMatchObject({ code: "PermissionError", message: expect.stringContaining("s3:PutObject") });
});
