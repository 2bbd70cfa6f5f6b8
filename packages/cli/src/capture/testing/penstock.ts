/** The command line as people run it, and functions that write down what they are given. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

export interface Done {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. */
export function penstock(args: readonly string[], cwd = tmpdir()): Promise<Done> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...args], { cwd, maxBuffer: 1 << 26 }, (_, stdout, stderr) =>
      resolve({ status: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

export function folder(): string {
  return mkdtempSync(join(tmpdir(), "penstock-capture-"));
}

/**
 * Writes each event, and what its process signs with, into SEEN. Of an action's first job it raises once, with its
 * secrets in the message, then continues; of the next it reads its input and succeeds.
 */
export const CURIOUS = `
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { CodePipelineClient, PutJobSuccessResultCommand } from "@aws-sdk/client-codepipeline";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";

export const handler = async (event) => {
  const { id, data } = event["CodePipeline.job"];
  const { AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_ACCESS_KEY_ID, SEEN } = process.env;
  const isFirst = !existsSync(SEEN);
  appendFileSync(SEEN, JSON.stringify({ event, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_ACCESS_KEY_ID }) + "\\n");
  console.log(JSON.stringify(event));
  if (isFirst) throw new Error("keys " + data.artifactCredentials.secretAccessKey + " " + AWS_SESSION_TOKEN);
  const codepipeline = new CodePipelineClient({});
  if (data.continuationToken === undefined) {
    await codepipeline.send(new PutJobSuccessResultCommand({ jobId: id, continuationToken: "page-2" }));
    return;
  }
  const { s3Location } = data.inputArtifacts[0].location;
  const s3 = new S3Client({ credentials: data.artifactCredentials, forcePathStyle: true });
  const got = await s3.send(new GetObjectCommand({ Bucket: s3Location.bucketName, Key: s3Location.objectKey }));
  const bytes = (await got.Body.transformToByteArray()).length;
  await codepipeline.send(new PutJobSuccessResultCommand({ jobId: id, outputVariables: { bytes: String(bytes) } }));
};
`;

/** A folder with a function in `app.mjs` and a folder `input` to hand in. */
export function functionFolder(code: string, file = "app.mjs"): string {
  const path = folder();
  writeFileSync(join(path, file), code);
  mkdirSync(join(path, "input"));
  writeFileSync(join(path, "input", "hello.txt"), "hello");
  return path;
}
