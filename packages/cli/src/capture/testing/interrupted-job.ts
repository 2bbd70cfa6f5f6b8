import { statSync, watch } from "node:fs";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { startServer } from "@penstock/server";

const BUCKET = "source-of-it";

/** Starts a job whose function never ends, and stops the server under it. */
export async function interruptedJob(dataDir: string, codeDir: string, into: string): Promise<string> {
  const server = await startServer({ dataDir, timing: "fast", iam: "off" });
  const { promise, resolve } = Promise.withResolvers<string>();
  server.watch((entry) => {
    if (entry.type === "logLine" && entry.jobId && entry.line.startsWith("START")) resolve(entry.jobId);
  });
  const roleArn = "arn:aws:iam::000000000000:role/any";
  const trust =
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["codepipeline.amazonaws.com","lambda.amazonaws.com"]},"Action":"sts:AssumeRole"}]}';
  await server.call("iam", "CreateRole", { RoleName: "any", AssumeRolePolicyDocument: trust });
  const limits = { timeoutSeconds: 900, memoryMb: 128, environment: { SEEN: into }, roleArn };
  await server.deployFunction({ name: "app", runtime: "nodejs24.x", handler: "app.handler", codeDir, ...limits });
  await server.objects.createBucket(BUCKET, "us-east-1");
  await server.objects.setVersioning(BUCKET, "Enabled");
  await server.objects.createBucket("store", "us-east-1");
  await server.objects.put({ bucket: BUCKET, key: "a.zip", body: Readable.from([Buffer.from("zip")]) });
  const typeOf = (category: string, provider: string) => ({ category, owner: "AWS", provider, version: "1" });
  await server.deployPipeline({
    name: "p",
    roleArn,
    artifactStore: { type: "S3", location: "store" },
    stages: [
      {
        name: "Source",
        actions: [
          {
            name: "Fetch",
            actionTypeId: typeOf("Source", "S3"),
            configuration: { S3Bucket: BUCKET, S3ObjectKey: "a.zip" },
            outputArtifacts: [{ name: "A" }],
          },
        ],
      },
      {
        name: "Do",
        actions: [{ name: "It", actionTypeId: typeOf("Invoke", "Lambda"), configuration: { FunctionName: "app" } }],
      },
    ],
  });
  await server.call("codepipeline", "StartPipelineExecution", { name: "p" });
  const jobId = await promise;
  await calledOnce(into);
  await server.stop();
  return jobId;
}

/** Waits for what the function writes first of all: the file is there a moment before its line is. */
async function calledOnce(file: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const isWritten = () => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0;
  const watcher = watch(dirname(file), () => isWritten() && resolve());
  if (isWritten()) resolve();
  await promise;
  watcher.close();
}
