/** Artifacts of a job: zips in S3, read and written with the credentials that the job brings. */
import { buffer, text } from "node:stream/consumers";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { fromBufferPromise } from "yauzl";
import { ZipFile } from "yazl";
import { type Artifact, type JobData, Refused } from "./job.ts";

/** S3 as the pipeline lets this one job use it: only its artifacts, only for some minutes. */
export function artifactClient({ artifactCredentials }: JobData): S3Client {
  const { accessKeyId, secretAccessKey, sessionToken } = artifactCredentials;
  return new S3Client({ credentials: { accessKeyId, secretAccessKey, sessionToken } });
}

/** The text of a file in an input artifact. */
export async function readFile(s3: S3Client, data: JobData, artifactName: string, file: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand(placeOf(data.inputArtifacts, artifactName)));
  const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
  const zip = await fromBufferPromise(bytes).catch(() => {
    throw new Refused("RevisionUnavailable", `artifact ${artifactName} is not a zip`);
  });
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName === file) return text(await zip.openReadStreamPromise(entry));
  }
  throw new Refused("RevisionUnavailable", `artifact ${artifactName} has no file ${file}`);
}

/** Makes a file the content of an output artifact. */
export async function writeFile(
  s3: S3Client,
  data: JobData,
  artifactName: string,
  file: string,
  content: string,
): Promise<void> {
  const zip = new ZipFile();
  // A fixed date, so that the same content is the same bytes.
  zip.addBuffer(Buffer.from(content), file, { mtime: new Date(1980, 0, 1) });
  zip.end();
  await s3.send(
    new PutObjectCommand({
      ...placeOf(data.outputArtifacts, artifactName),
      Body: await buffer(zip.outputStream),
      ContentType: "application/zip",
      ServerSideEncryption: "aws:kms",
      SSEKMSKeyId: data.encryptionKey?.id,
    }),
  );
}

function placeOf(artifacts: readonly Artifact[], name: string): { Bucket: string; Key: string } {
  const artifact = artifacts.find((one) => one.name === name);
  if (!artifact) throw new Refused("ConfigurationError", `the action declares no artifact ${name}`);
  return { Bucket: artifact.location.s3Location.bucketName, Key: artifact.location.s3Location.objectKey };
}
