import { expect, test } from "vitest";
import { startGround } from "./testing/ground.ts";

const CODE = `
import { CodePipelineClient, PutJobSuccessResultCommand } from "@aws-sdk/client-codepipeline";
import { S3Client, PutObjectCommand } from "@aws-sdk/client-s3";
const pipeline = new CodePipelineClient({ maxAttempts: 1 });
export const handler = async (event) => {
  const { id, data } = event["CodePipeline.job"];
  if (data.continuationToken === undefined && CONTINUES) {
    await pipeline.send(new PutJobSuccessResultCommand({ jobId: id, continuationToken: "more" }));
    return;
  }
  if (WRITES) {
    const { bucketName: Bucket, objectKey: Key } = data.outputArtifacts[0].location.s3Location;
    const s3 = new S3Client({ credentials: data.artifactCredentials, forcePathStyle: true });
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: "result" }));
  }
  await pipeline.send(new PutJobSuccessResultCommand({ jobId: id }));
};`;

const code = (writes: boolean, continues: boolean) => `const [WRITES, CONTINUES] = [${writes}, ${continues}];${CODE}`;

test("strict outputs: a missing one fails the action at once, and names bucket and key", async () => {
  const ground = await startGround({ strictOutputs: true });
  try {
    const page = await ground.page({ name: "missing", code: code(false, false), outputs: ["Build"] });
    expect(page.diagnosis).toMatchObject({ state: "failed", cause: "noDeclaredOutput" });
    expect(page.diagnosis.error).toEqual({
      code: "ConfigurationError",
      message: expect.stringMatching(
        /^the declared output artifact Build was not written: there is no object missing\/Build\/\w{7} in bucket artifacts$/,
      ),
    });
    expect(page.diagnosis.findings).toHaveLength(1);
    expect(page.jobs).toMatchObject([{ status: "Succeeded" }]); // its report was right, and is not asked for again
    expect(page.timeline.filter(({ type }) => type === "invoked")).toHaveLength(1);
    const written = await ground.page({ name: "written", code: code(true, true), outputs: ["Build"] });
    expect(written.diagnosis).toMatchObject({ state: "succeeded", findings: [] });
  } finally {
    await ground.stop();
  }
});
