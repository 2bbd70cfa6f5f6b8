import { afterAll, describe, expect, test } from "vitest";
import {
  BUCKET,
  createFunction,
  type DeclaredFunction,
  lambdaAction,
  layGround,
  PIPELINE_ROLE,
  pipeline,
  REPORTING_POLICY,
  sourceAction,
  zipOf,
  zipOfFunctions,
} from "./ground.ts";
import { javascript } from "./javascript.ts";
import { openMailbox, type ReceivedArtifact, type ReceivedJob } from "./mailbox.ts";
import { startPenstock } from "./server.ts";

/*
 * Artifacts from the source through a function that works with them to one that passes its job on to the test. The
 * functions' roles have the reference function's policy and nothing more: what they read and write, they do with
 * the job's own credentials.
 */

const server = await startPenstock({ unreported: "wait" });
afterAll(server.stop);
const root = javascript(server);
const SOURCE = await zipOf({ "orders.csv": "id,amount\n1,42\n" });
await layGround(root, SOURCE);
const mailbox = await openMailbox(root, server);
const { KeyMetadata: key } = await root.kms.createKey({ Description: "of the artifact store" });

const FUNCTIONS: readonly DeclaredFunction[] = [
  {
    name: "reverse-in-python",
    runtime: "python3.12",
    handler: "reverse.handler",
    code: await zipOfFunctions("reverse.py"),
    policy: REPORTING_POLICY,
  },
  {
    name: "reverse-in-node",
    runtime: "nodejs22.x",
    handler: "reverse.handler",
    code: await zipOfFunctions("reverse.mjs"),
    policy: REPORTING_POLICY,
  },
];

describe.each(FUNCTIONS)("$name", (declared) => {
  test("reads, writes and reports; a later action uses its artifact and its variables; nothing else is allowed", async () => {
    await createFunction(root, declared);
    const { job, reversed } = await run(declared.name, `${declared.name}-and-pass-on`, {
      id: key?.Arn ?? "",
      type: "KMS",
    });
    expect(Buffer.from(await read(job, reversed)).equals(Buffer.from(SOURCE).reverse())).toBe(true);

    const session = String.raw`arn:aws:sts::000000000000:assumed-role/pipeline/\d{13}`;
    const refused = (code: string, action: string, resource: string) =>
      new RegExp(
        `^${code}: User: ${session} is not authorized to perform: ${action}${resource} because no session policy allows the ${action} action$`,
      );
    const told = JSON.parse(job.data.actionConfiguration.configuration["UserParameters"] ?? "");
    expect(told).toEqual({
      size: String(SOURCE.length),
      otherKey: expect.stringMatching(
        refused("AccessDenied", "s3:GetObject", ` on resource: "?arn:aws:s3:::${BUCKET}/source.zip"?`),
      ),
      list: expect.stringMatching(refused("AccessDenied", "s3:ListBucket", ` on resource: "?arn:aws:s3:::${BUCKET}"?`)),
      overwrite: expect.stringMatching(/^AccessDenied: .* because no session policy allows the s3:PutObject action$/),
      report: expect.stringMatching(
        /^AccessDeniedException: .* is not authorized to perform: codepipeline:PutJobSuccessResult/,
      ),
    });
    await root.codePipeline.putJobSuccessResult({ jobId: job.id });
  });
});

test("keys are the first 20 characters of the pipeline, the first 10 of the artifact, and 7 random ones", async () => {
  const more = [
    { name: "Short", key: "Short" },
    { name: "ExactlyTen", key: "ExactlyTen" },
    { name: "ElevenChars", key: "ElevenChar" },
  ];
  const call = lambdaAction("Call", "pass-on", {
    inputArtifacts: [{ name: "SourceZip" }],
    outputArtifacts: more.map(({ name }) => ({ name })),
  });
  await root.codePipeline.createPipeline({ pipeline: pipeline("named-with-exactly-30-letters", [call]) });
  const { data } = await mailbox.nextJob();
  const keys = [...data.inputArtifacts, ...data.outputArtifacts].map(
    (artifact) => artifact.location.s3Location.objectKey,
  );
  const patterns = ["SourceZip/\\w{7}\\.zip", ...more.map(({ key }) => `${key}/\\w{7}`)];
  expect(keys).toEqual(
    patterns.map((pattern) => expect.stringMatching(new RegExp(`^named-with-exactly-3/${pattern}$`))),
  );
  expect(data.outputArtifacts.map(({ revision }) => revision)).toEqual([null, null, null]);
  expect(data.inputArtifacts[0]?.revision).toMatch(/^[\w.-]{32}$/);
});

test("a source key without an extension gives none to the artifact, and each execution has places of its own", async () => {
  await root.s3.putObject({ Bucket: BUCKET, Key: "folder.d/plain", Body: SOURCE });
  const source = sourceAction({
    configuration: { S3Bucket: BUCKET, S3ObjectKey: "folder.d/plain", PollForSourceChanges: "false" },
  });
  const call = lambdaAction("Call", "pass-on", { inputArtifacts: [{ name: "SourceZip" }] });
  const declared = pipeline("plain", [call], { pipelineType: "V2", executionMode: "PARALLEL" });
  const stages = declared.stages?.map((stage) => (stage.name === "Source" ? { ...stage, actions: [source] } : stage));
  await root.codePipeline.createPipeline({ pipeline: { ...declared, stages } });
  const first = await mailbox.nextJob();
  await root.codePipeline.startPipelineExecution({ name: "plain" });
  const second = await mailbox.nextJob();
  const keys = [first, second].map(({ data }) => data.inputArtifacts[0]?.location.s3Location.objectKey);
  for (const each of keys) expect(each).toMatch(/^plain\/SourceZip\/\w{7}$/);
  expect(new Set(keys).size).toBe(2);
});

test("without a key of its own the store's source copies are encrypted with the account's, and jobs name none", async () => {
  await root.codePipeline.createPipeline({
    pipeline: pipeline("no-key", [lambdaAction("Call", "pass-on", { inputArtifacts: [{ name: "SourceZip" }] })]),
  });
  const job = await mailbox.nextJob();
  expect(job.data).not.toHaveProperty("encryptionKey");
  const { bucketName, objectKey } = job.data.inputArtifacts[0]?.location.s3Location ?? {};
  const head = await root.s3.headObject({ Bucket: bucketName, Key: objectKey });
  expect(head).toMatchObject({ ServerSideEncryption: "aws:kms", ContentType: "binary/octet-stream", Metadata: {} });
  expect(head.SSEKMSKeyId).toMatch(/^arn:aws:kms:us-east-1:000000000000:key\//);
});

test("with a key of its own the store's artifacts are encrypted with it, and jobs name it", async () => {
  const encryptionKey = { id: key?.KeyId ?? "", type: "KMS" } as const;
  const call = lambdaAction("Call", "pass-on", { inputArtifacts: [{ name: "SourceZip" }] });
  const artifactStore = { type: "S3", location: BUCKET, encryptionKey } as const;
  await root.codePipeline.createPipeline({ pipeline: pipeline("with-key", [call], { artifactStore }) });
  const job = await mailbox.nextJob();
  expect(job.data.encryptionKey).toEqual(encryptionKey);
  expect((await root.codePipeline.getJobDetails({ jobId: job.id })).jobDetails?.data?.encryptionKey).toEqual(
    encryptionKey,
  );
  const { bucketName, objectKey } = job.data.inputArtifacts[0]?.location.s3Location ?? {};
  const head = await root.s3.headObject({ Bucket: bucketName, Key: objectKey });
  expect(head).toMatchObject({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: key?.Arn });
});

test("a declared output that was never written fails nothing, but cannot be read", async () => {
  const produce = lambdaAction("Produce", "pass-on", { outputArtifacts: [{ name: "Never" }] });
  const consume = lambdaAction("Consume", "pass-on", { inputArtifacts: [{ name: "Never" }] });
  await root.codePipeline.createPipeline({ pipeline: pipeline("never", [produce, consume]) });
  await root.codePipeline.putJobSuccessResult({ jobId: (await mailbox.nextJob()).id });
  const job = await mailbox.nextJob();
  // Who may not list a bucket is told so instead of that there is no such key, by S3's rule.
  await expect(read(job, job.data.inputArtifacts[0])).rejects.toMatchObject({
    name: "AccessDenied",
    message: expect.stringMatching(
      / is not authorized to perform: s3:ListBucket .* because no session policy allows the s3:ListBucket action$/,
    ),
  });
});

/** Runs a pipeline of a function and of one that passes on what it made of it. */
async function run(functionName: string, name: string, encryptionKey: { id: string; type: "KMS" }) {
  const told = { size: "Size", otherKey: "OtherKey", list: "List", overwrite: "Overwrite", report: "Report" };
  const references = Object.entries(told).map(
    ([member, variable]) => `${JSON.stringify(member)}:"#{Reversed.${variable}}"`,
  );
  const work = lambdaAction("Reverse", functionName, {
    namespace: "Reversed",
    inputArtifacts: [{ name: "SourceZip" }],
    outputArtifacts: [{ name: "ReversedZip" }],
  });
  const pass = lambdaAction("PassOn", "pass-on", {
    inputArtifacts: [{ name: "ReversedZip" }],
    configuration: { UserParameters: `{${references.join(",")}}` },
  });
  const artifactStore = { type: "S3", location: BUCKET, encryptionKey } as const;
  await root.codePipeline.createPipeline({
    pipeline: pipeline(name, [work, pass], { artifactStore, roleArn: PIPELINE_ROLE }),
  });
  const job = await mailbox.nextJob();
  return { job, reversed: job.data.inputArtifacts[0] };
}

/** Reads an artifact of a job with the job's own credentials. */
async function read({ data }: ReceivedJob, artifact: ReceivedArtifact | undefined): Promise<Uint8Array> {
  const { s3 } = javascript(server, { credentials: data.artifactCredentials });
  const { bucketName, objectKey } = artifact?.location.s3Location ?? {};
  const { Body: body } = await s3.getObject({ Bucket: bucketName, Key: objectKey });
  return (await body?.transformToByteArray()) ?? new Uint8Array();
}
