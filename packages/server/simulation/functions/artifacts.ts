import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { CodePipelineJobEvent } from "@penstock/toolkit";

type Job = CodePipelineJobEvent["CodePipeline.job"];

/** The text of a job's only input artifact, read with the job's credentials. */
export async function readInput({ data }: Job): Promise<string> {
  const { Body: body } = await clientOf(data).send(new GetObjectCommand(placeOf(data.inputArtifacts)));
  return (await body?.transformToString()) ?? "";
}

/** Makes a text the job's only output artifact, with the job's credentials. */
export async function writeOutput({ data }: Job, text: string): Promise<void> {
  await clientOf(data).send(new PutObjectCommand({ ...placeOf(data.outputArtifacts), Body: text }));
}

function clientOf({ artifactCredentials }: Job["data"]): S3Client {
  const { accessKeyId, secretAccessKey, sessionToken } = artifactCredentials;
  return new S3Client({ credentials: { accessKeyId, secretAccessKey, sessionToken }, forcePathStyle: true });
}

function placeOf([artifact]: Job["data"]["inputArtifacts"]): { Bucket: string; Key: string } {
  if (!artifact) throw new Error("The action has no artifact.");
  const { bucketName, objectKey } = artifact.location.s3Location;
  return { Bucket: bucketName, Key: objectKey };
}
