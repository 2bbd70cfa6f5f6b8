/**
 * A project whose roles need everything that can be derived: a source, artifacts under a key, a function with the
 * toolkit that continues by a state bucket and asks for fresh credentials, and an action with a role of its own.
 */
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const WORKSPACE = fileURLToPath(new URL("../../../../../", import.meta.url));

const FILES: Readonly<Record<string, string>> = {
  "penstock.yaml": `
inputs: { Source: source }
functions:
  pack: { code: pack, handler: src/pack.handler, timeout: 30, environment: { STATE: penstock-states/pack } }
  send: { code: send, handler: send.handler, role: sender }
keys: { alias/artifacts: {} }
buckets: { penstock-states: {}, penstock-site: {} }
`,
  "pipeline.json": JSON.stringify({
    name: "archive-of-everything-there-is",
    pipelineType: "V2",
    roleArn: "arn:aws:iam::000000000000:role/service-role/archive-pipeline",
    artifactStore: {
      type: "S3",
      location: "penstock-archive",
      encryptionKey: { id: "alias/artifacts", type: "KMS" },
    },
    stages: [
      {
        name: "Source",
        actions: [
          {
            name: "Fetch",
            actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" },
            configuration: { S3Bucket: "penstock-archive-source", S3ObjectKey: "in/source.zip" },
            outputArtifacts: [{ name: "Source" }],
          },
        ],
      },
      { name: "Pack", actions: [lambda("Pack", "pack", { inputArtifacts: ["Source"], outputArtifacts: ["Packed"] })] },
      {
        name: "Send",
        actions: [
          lambda("Send", "send", {
            inputArtifacts: ["Packed"],
            roleArn: "arn:aws:iam::000000000000:role/archive-send",
          }),
        ],
      },
      {
        name: "Publish",
        actions: [
          deploy("Site", "S3", { BucketName: "penstock-site", Extract: "true", ObjectKey: "texts" }),
          deploy("Code", "Lambda", { FunctionName: "send" }),
        ],
      },
    ],
  }),
  "source/hello.txt": "hello\n",
  "pack/src/pack.ts": `
import { CodePipelineClient, GetJobDetailsCommand } from "@aws-sdk/client-codepipeline";
import { defineJob } from "@penstock/toolkit";
import { largeState } from "./state.ts";

export const handler = defineJob({
  stateBucket: process.env["STATE"] ?? "",
  async run(job) {
    await new CodePipelineClient({}).send(new GetJobDetailsCommand({ jobId: job.id }));
    if (job.continuation === undefined) return job.continue(largeState);
    await job.output("Packed").addText("hello.txt", await job.input("Source").text("hello.txt"));
    return job.succeed();
  },
});
`,
  "pack/src/state.ts": `export const largeState = { text: "x".repeat(3000) };\n`,
  "send/send.mjs": `
import { defineJob } from "@penstock/toolkit";

export const handler = defineJob({
  run: async (job) => job.succeed({ variables: { Text: await job.input("Packed").text("hello.txt") } }),
});
`,
};

function deploy(name: string, provider: string, configuration: Readonly<Record<string, string>>) {
  const actionTypeId = { category: "Deploy", owner: "AWS", provider, version: "1" };
  return { name, actionTypeId, configuration, inputArtifacts: [{ name: "Packed" }] };
}

function lambda(
  name: string,
  functionName: string,
  {
    inputArtifacts = [],
    outputArtifacts = [],
    ...more
  }: {
    readonly inputArtifacts?: readonly string[];
    readonly outputArtifacts?: readonly string[];
    readonly roleArn?: string;
  },
) {
  const named = (names: readonly string[]) => names.map((artifact) => ({ name: artifact }));
  return {
    name,
    actionTypeId: { category: "Invoke", owner: "AWS", provider: "Lambda", version: "1" },
    configuration: { FunctionName: functionName },
    inputArtifacts: named(inputArtifacts),
    outputArtifacts: named(outputArtifacts),
    ...more,
  };
}

/** Writes the project into a folder of its own, with the workspace's packages at hand; answers its path. */
export function archiveProject(): string {
  const root = mkdtempSync(join(tmpdir(), "penstock-policy-"));
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  symlinkSync(join(WORKSPACE, "node_modules"), join(root, "node_modules"));
  return root;
}
