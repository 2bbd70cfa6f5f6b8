import type { ArtifactStore, PipelineDeclaration } from "@aws-sdk/client-codepipeline";
import { afterAll, describe, expect, test } from "vitest";
import { BUCKET, lambdaAction, pipeline, sourceAction } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { openJobBench } from "./job-bench.ts";
import type { ReceivedArtifact, ReceivedJob } from "./mailbox.ts";

/*
 * The artifact store and the keys of artifacts in it. Pipelines are declared through each client.
 */

const bench = await openJobBench();
afterAll(bench.server.stop);
const root = bench.clients[0];
const { KeyMetadata: key } = await root.kms.createKey({ Description: "of the artifact store" });
await root.kms.createAlias({ AliasName: "alias/artifacts", TargetKeyId: key?.KeyId });
const ALIAS = "arn:aws:kms:us-east-1:000000000000:alias/artifacts";

const keyOf = (artifact: ReceivedArtifact | undefined) => artifact?.location.s3Location.objectKey ?? "";
const fetched = lambdaAction("Call", "pass-on", { inputArtifacts: [{ name: "SourceZip" }] });
const produce = lambdaAction("Call", "pass-on", { outputArtifacts: [{ name: "Produced" }] });

describe.each(bench.clients)("The artifact store by $name", ({ name: client, codePipeline, s3 }) => {
  const nameOf = (title: string) => `${title}-${client.replaceAll(" ", "-")}`;
  const create = async (title: string, ...rest: [Parameters<typeof pipeline>[1], Partial<PipelineDeclaration>?]) => {
    await codePipeline.createPipeline({ pipeline: pipeline(nameOf(title), ...rest) });
    return await bench.nextJob();
  };
  const headOf = ({ data }: ReceivedJob) => s3.headObject({ Bucket: BUCKET, Key: keyOf(data.inputArtifacts[0]) });

  test("both artifactStore and artifactStores, or neither, are refused", async () => {
    const store = { type: "S3", location: BUCKET } as const;
    const both = { artifactStore: store, artifactStores: { "us-east-1": store } };
    for (const stores of [both, { artifactStore: undefined }]) {
      await expect(
        codePipeline.createPipeline({ pipeline: pipeline("never", [produce], stores) }),
      ).rejects.toMatchObject({ name: expect.stringMatching(/^(InvalidStructure|Validation)Exception$/) });
    }
  });

  test("each region that has actions needs a store, and the one that is missing is named", async () => {
    const stores = {
      artifactStore: undefined,
      artifactStores: { "us-east-1": { type: "S3", location: BUCKET } },
    } as const;
    const there = { ...produce, region: "eu-west-1" };
    await expect(codePipeline.createPipeline({ pipeline: pipeline("never", [there], stores) })).rejects.toMatchObject({
      name: "ValidationException",
      message:
        "Your pipeline must have an artifact store, such as an artifact bucket, for each region where you have an action. The following region is missing in 'pipeline.artifactStores': eu-west-1.",
    });
  });

  test.each<[store: Partial<ArtifactStore>, place: string, rule: string]>([
    [{ location: "ab" }, "location", "have length greater than or equal to 3"],
    [{ location: "x".repeat(64) }, "location", "have length less than or equal to 63"],
    [{ type: "NFS" as "S3" }, "type", "satisfy enum value set: [S3]"],
    [
      { encryptionKey: { id: "x".repeat(401), type: "KMS" } },
      "encryptionKey.id",
      "have length less than or equal to 400",
    ],
    [{ encryptionKey: { id: "x", type: "AES" as "KMS" } }, "encryptionKey.type", "satisfy enum value set: [KMS]"],
  ])("the model's limit %#: %o is refused at %s, which must %s", async (more, place, rule) => {
    const artifactStore = { type: "S3", location: BUCKET, ...more } as ArtifactStore; // wrong on purpose
    await expect(
      codePipeline.createPipeline({ pipeline: pipeline("never", [produce], { artifactStore }) }),
    ).rejects.toMatchObject({
      name: "ValidationException",
      message: `1 validation error detected: Value at 'pipeline.artifactStore.${place}' failed to satisfy constraint: Member must ${rule}`,
    });
  });

  test.each([
    ["id", key?.KeyId ?? ""],
    ["ARN", key?.Arn ?? ""],
    ["alias ARN", ALIAS],
  ])(
    "its key may be named by %s: jobs name it as declared, and the source copy is encrypted with it",
    async (by, id) => {
      const artifactStore = { type: "S3", location: BUCKET, encryptionKey: { id, type: "KMS" } } as const;
      const job = await create(`key-by-${by.replace(" ", "-")}`, [fetched], { artifactStore });
      expect(job.data.encryptionKey).toEqual({ id, type: "KMS" });
      expect(await headOf(job)).toMatchObject({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: key?.Arn });
    },
  );

  test("without a key the source copy has the account's, binary/octet-stream and no metadata, even in a bucket of AES256", async () => {
    await s3.putBucketEncryption({
      Bucket: BUCKET,
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
      },
    });
    const head = await headOf(await create("no-key", [fetched]));
    expect(head).toMatchObject({ ServerSideEncryption: "aws:kms", ContentType: "binary/octet-stream", Metadata: {} });
    expect(head.SSEKMSKeyId).toMatch(/^arn:aws:kms:us-east-1:000000000000:key\//);
    await s3.deleteBucketEncryption({ Bucket: BUCKET });
  });

  test("source copies have the content type binary/octet-stream and no metadata, whatever their source has", async () => {
    const source = { Bucket: BUCKET, Key: "source.zip", Body: Buffer.from("content") };
    await s3.putObject({ ...source, ContentType: "application/zip", Metadata: { author: "somebody" } });
    const head = await headOf(await create("metadata", [fetched]));
    expect(head).toMatchObject({ ContentType: "binary/octet-stream", Metadata: {} });
  });

  test("with a key, source copies are encrypted with it", async () => {
    const encryptionKey = { id: key?.Arn ?? "", type: "KMS" } as const;
    const artifactStore = { type: "S3", location: BUCKET, encryptionKey } as const;
    const head = await headOf(await create("encrypted", [fetched], { artifactStore }));
    expect(head).toMatchObject({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: key?.Arn });
  });

  test("a key is pipeline, artifact, and 7 letters and digits", async () => {
    await codePipeline.createPipeline({ pipeline: pipeline(`p-${client.length}`, [produce]) });
    const [folder, artifact, random, ...more] = keyOf((await bench.nextJob()).data.outputArtifacts[0]).split("/");
    expect([folder, artifact, more]).toEqual([`p-${client.length}`, "Produced", []]);
    expect(random).toMatch(/^[A-Za-z0-9]{7}$/);
  });

  test("a key has the first 20 characters of the pipeline, the first 10 of the artifact, and 7 letters and digits", async () => {
    const artifacts = ["Short", "ExactlyTen", "ElevenChars"].map((name) => ({ name }));
    const job = await create("named-with-more-than-20-letters", [{ ...fetched, outputArtifacts: artifacts }]);
    const patterns = ["Short", "ExactlyTen", "ElevenChar"].map(
      (cut) => new RegExp(`^named-with-more-than/${cut}/[A-Za-z0-9]{7}$`),
    );
    expect(job.data.outputArtifacts.map(keyOf)).toEqual(patterns.map((pattern) => expect.stringMatching(pattern)));
  });

  test("nothing is trimmed after the cut: a folder may end in a hyphen", async () => {
    const job = await create("nineteen-letters-ab", [produce]);
    expect(keyOf(job.data.outputArtifacts[0])).toMatch(/^nineteen-letters-ab-\/Produced\/\w{7}$/);
  });

  test("pipelines with the same first 20 characters share a folder, and the random part keeps them apart", async () => {
    const jobs = [await create("share-20-characters--a", [produce]), await create("share-20-characters--b", [produce])];
    const [one = "", two = ""] = jobs.map(({ data }) => keyOf(data.outputArtifacts[0]));
    expect([one, two].map((each) => each.slice(0, -7))).toEqual(Array(2).fill("share-20-characters-/Produced/"));
    expect(one).not.toBe(two);
  });

  test("the copy of the source source.zip keeps .zip", async () => {
    expect(await randomPartOf("source.zip")).toMatch(/^[A-Za-z0-9]{7}\.zip$/);
  });

  test.each([
    ["folder.d/plain", ""],
    ["archive.tar.gz", ".gz"],
    [".hidden", ""],
  ])("the copy of the source %s has the extension %j", async (objectKey, extension) => {
    expect(await randomPartOf(objectKey)).toMatch(new RegExp(`^[A-Za-z0-9]{7}${extension.replace(".", "\\.")}$`));
  });

  /** What the key of the copy ends in, of a source of this key. */
  async function randomPartOf(objectKey: string): Promise<string | undefined> {
    await root.s3.putObject({ Bucket: BUCKET, Key: objectKey, Body: "content" });
    const configuration = { S3Bucket: BUCKET, S3ObjectKey: objectKey, PollForSourceChanges: "false" };
    const declared = pipeline(nameOf(`of-${objectKey.replaceAll("/", "-")}`), [fetched]);
    const stages = declared.stages?.map((stage, index) =>
      index === 0 ? { ...stage, actions: [sourceAction({ configuration })] } : stage,
    );
    await codePipeline.createPipeline({ pipeline: { ...declared, stages } });
    return keyOf((await bench.nextJob()).data.inputArtifacts[0])
      .split("/")
      .at(-1);
  }

  test("the output of a function has no extension, whatever its input has", async () => {
    const job = await create("no-extension", [{ ...fetched, outputArtifacts: [{ name: "Made_zip" }] }]);
    expect(keyOf(job.data.inputArtifacts[0])).toMatch(/\.zip$/);
    expect(keyOf(job.data.outputArtifacts[0])).toMatch(/\/Made_zip\/[A-Za-z0-9]{7}$/);
  });

  test("each execution has keys of its own", async () => {
    const { job: first } = await bench.startJob();
    const { job: second } = await bench.startJob();
    const keys = [first, second].flatMap(({ data }) => [...data.inputArtifacts, ...data.outputArtifacts].map(keyOf));
    expect(new Set(keys).size).toBe(4);
  });

  test("a declared output that nobody wrote: the action succeeds, its place is shown, and there is no such key", async () => {
    const { executionId, job } = await bench.startJob();
    await codePipeline.putJobSuccessResult({ jobId: job.id });
    expect(await bench.ended(executionId)).toBe("Succeeded");
    const { output } = await bench.history(executionId);
    const objectKey = keyOf(job.data.outputArtifacts[0]);
    expect(output?.outputArtifacts).toEqual([{ name: "ProducedZip", s3location: { bucket: BUCKET, key: objectKey } }]);
    await expect(s3.getObject({ Bucket: BUCKET, Key: objectKey })).rejects.toMatchObject({ name: "NoSuchKey" });
  });

  test("a job's credentials read its input and nothing else of the bucket, and the refusal names the session policy", async () => {
    const { job } = await bench.startJob();
    const { s3: limited } = javascript(bench.server, { credentials: job.data.artifactCredentials });
    const objectKey = keyOf(job.data.inputArtifacts[0]);
    expect((await limited.getObject({ Bucket: BUCKET, Key: objectKey })).ContentLength).toBeGreaterThan(0);
    await expect(limited.getObject({ Bucket: BUCKET, Key: "source.zip" })).rejects.toMatchObject({
      name: "AccessDenied",
      message: expect.stringMatching(/ because no session policy allows the s3:GetObject action$/),
    });
  });

  test("a job's credentials cannot report, though the function's own may", async () => {
    const { job } = await bench.startJob();
    const { codePipeline: limited } = javascript(bench.server, { credentials: job.data.artifactCredentials });
    await expect(limited.putJobSuccessResult({ jobId: job.id })).rejects.toMatchObject({
      name: "AccessDeniedException",
      $metadata: { httpStatusCode: 400 },
    });
    await codePipeline.putJobSuccessResult({ jobId: job.id });
  });

  test("a job's credentials write its output and read it again, and cannot overwrite its input", async () => {
    const { job } = await bench.startJob();
    const { s3: limited } = javascript(bench.server, { credentials: job.data.artifactCredentials });
    const output = { Bucket: BUCKET, Key: keyOf(job.data.outputArtifacts[0]) };
    await limited.putObject({ ...output, Body: Buffer.from("made") });
    expect(await (await limited.getObject(output)).Body?.transformToString()).toBe("made");
    const input = { Bucket: BUCKET, Key: keyOf(job.data.inputArtifacts[0]) };
    await expect(limited.putObject({ ...input, Body: new Uint8Array() })).rejects.toMatchObject({
      name: "AccessDenied",
    });
  });
});
