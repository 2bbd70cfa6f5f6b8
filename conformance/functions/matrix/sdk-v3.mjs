import { CodePipelineClient, PutJobSuccessResultCommand } from "@aws-sdk/client-codepipeline";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";

const at = (service) => {
  const endpoint = process.env[`MATRIX_${service}`];
  return endpoint ? { endpoint } : {};
};

export const report = async (event) => {
  const client = new CodePipelineClient(at("CODEPIPELINE"));
  await client.send(new PutJobSuccessResultCommand({ jobId: event["CodePipeline.job"].id }));
};

export const copy = async (event) => {
  const { artifactCredentials: credentials, inputArtifacts, outputArtifacts } = event["CodePipeline.job"].data;
  const s3 = new S3Client({ ...at("S3"), credentials, forcePathStyle: process.env.MATRIX_S3 !== undefined });
  const [source, target] = [inputArtifacts, outputArtifacts].map(([{ location }]) => location.s3Location);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: source.bucketName, Key: source.objectKey }));
  const content = await Body.transformToByteArray();
  await s3.send(new PutObjectCommand({ Bucket: target.bucketName, Key: target.objectKey, Body: content }));
  await report(event);
};
