/**
 * A function of another account than its pipeline's. Reads its input and an object of its own account, writes both as
 * its output, with the account of the job, and reports with a role of the pipeline's account, because a job is known there alone.
 */
import { CodePipeline } from "@aws-sdk/client-codepipeline";
import { S3 } from "@aws-sdk/client-s3";
import { STS } from "@aws-sdk/client-sts";

export async function handler(event) {
  const { id: jobId, accountId, data } = event["CodePipeline.job"];
  const reporter = await reporterOf();
  try {
    await work(data, `, for ${accountId}`);
  } catch (error) {
    const failureDetails = { type: "JobFailed", message: `${error.name}: ${error.message}` };
    await reporter.putJobFailureResult({ jobId, failureDetails });
    return;
  }
  await reporter.putJobSuccessResult({ jobId });
}

/** Without a role to report with, the function's own. */
async function reporterOf() {
  if (!process.env.REPORTER_ROLE) return new CodePipeline();
  const { Credentials } = await new STS().assumeRole({
    RoleArn: process.env.REPORTER_ROLE,
    RoleSessionName: "reporter",
  });
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = Credentials;
  return new CodePipeline({ credentials: { accessKeyId, secretAccessKey, sessionToken } });
}

async function work({ artifactCredentials, inputArtifacts, outputArtifacts, encryptionKey }, end) {
  const { accessKeyId, secretAccessKey, sessionToken } = artifactCredentials;
  const artifacts = new S3({ credentials: { accessKeyId, secretAccessKey, sessionToken }, forcePathStyle: true });
  const input = await bytesOf(artifacts, place(inputArtifacts[0]));
  const own = await bytesOf(new S3({ forcePathStyle: true }), { Bucket: process.env.OWN_BUCKET, Key: "own" });
  const encryption = encryptionKey ? { ServerSideEncryption: "aws:kms", SSEKMSKeyId: encryptionKey.id } : {};
  await artifacts.putObject({
    ...place(outputArtifacts[0]),
    Body: Buffer.concat([input, own, Buffer.from(end)]),
    ...encryption,
  });
}

const bytesOf = async (s3, from) => (await s3.getObject(from)).Body.transformToByteArray();

function place({ location: { s3Location } }) {
  return { Bucket: s3Location.bucketName, Key: s3Location.objectKey };
}
