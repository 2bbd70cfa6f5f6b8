/**
 * Writes its input artifact backwards as its output, with the job's credentials. Tries on the way what these do
 * not allow, and tells in output variables how that was refused.
 */
import { CodePipeline } from "@aws-sdk/client-codepipeline";
import { S3 } from "@aws-sdk/client-s3";

const codePipeline = new CodePipeline();

export async function handler(event) {
  const { id: jobId, data } = event["CodePipeline.job"];
  const { accessKeyId, secretAccessKey, sessionToken } = data.artifactCredentials;
  const credentials = { accessKeyId, secretAccessKey, sessionToken };
  const s3 = new S3({ credentials, forcePathStyle: true });
  const source = place(data.inputArtifacts[0]);
  const target = place(data.outputArtifacts[0]);
  const content = await (await s3.getObject(source)).Body.transformToByteArray();
  const refusals = {
    OtherKey: await refusal(() => s3.getObject({ Bucket: source.Bucket, Key: "source.zip" })),
    List: await refusal(() => s3.listObjectsV2({ Bucket: source.Bucket })),
    Overwrite: await refusal(() => s3.putObject({ ...source, Body: "" })),
    Report: await refusal(() => new CodePipeline({ credentials }).putJobSuccessResult({ jobId })),
  };
  const key = data.encryptionKey;
  const encryption = key ? { ServerSideEncryption: "aws:kms", SSEKMSKeyId: key.id } : {};
  await s3.putObject({ ...target, Body: content.reverse(), ...encryption });
  await codePipeline.putJobSuccessResult({ jobId, outputVariables: { Size: String(content.length), ...refusals } });
}

function place({ location: { s3Location } }) {
  return { Bucket: s3Location.bucketName, Key: s3Location.objectKey };
}

async function refusal(call) {
  try {
    await call();
    return "allowed";
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}
