/** A pipeline in which nothing is wrong, for tests that break one thing of it. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Action, FunctionDeclaration, PolicyText, Project } from "../../project/project.ts";

/** With members that may be changed, all the way down to lists. */
export type Mutable<T> = T extends readonly unknown[] | Buffer
  ? T
  : T extends object
    ? { -readonly [K in keyof T]: Mutable<T[K]> }
    : T;

/** A project that a test breaks. */
export type Broken = Mutable<Project>;

const ACCOUNT = "123456789012";

export const allow = (Action: string | readonly string[], Resource: string | readonly string[], more: object = {}) => ({
  Effect: "Allow",
  Action,
  Resource,
  ...more,
});

export const policy = (...Statement: readonly object[]): PolicyText => ({ Version: "2012-10-17", Statement });

export const trustOf = (principal: object, more: object = {}): PolicyText =>
  policy({ Effect: "Allow", Principal: principal, Action: "sts:AssumeRole", ...more });

function lambda(name: string, functionName: string, inputs: readonly string[], outputs: readonly string[]): Action {
  return {
    name,
    actionTypeId: { category: "Invoke", owner: "AWS", provider: "Lambda", version: "1" },
    configuration: { FunctionName: functionName },
    namespace: `${name}Variables`,
    inputArtifacts: inputs.map((artifact) => ({ name: artifact })),
    outputArtifacts: outputs.map((artifact) => ({ name: artifact })),
  };
}

function codeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "penstock-check-"));
  writeFileSync(join(folder, "app.py"), "def handler(event, context):\n    pass\n");
  return folder;
}

function declare(code: string): FunctionDeclaration {
  const shape = { environment: {}, timeoutSeconds: 60, memoryMb: 256 };
  return { ...shape, runtime: "python3.12", handler: "app.handler", code, role: "worker" };
}

const CODE = codeFolder();

/** A fresh one each time, deeply of its own. */
export function webProject(): Broken {
  const source: Action = {
    name: "Fetch",
    namespace: "FetchVariables",
    actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" },
    configuration: { S3Bucket: "web-source", S3ObjectKey: "app.zip", PollForSourceChanges: "false" },
    outputArtifacts: [{ name: "App" }],
  };
  const project: Project = {
    pipeline: {
      name: "web",
      roleArn: `arn:aws:iam::${ACCOUNT}:role/pipe`,
      pipelineType: "V2",
      artifactStore: {
        type: "S3",
        location: "web-artifacts",
        encryptionKey: { id: `arn:aws:kms:us-east-1:${ACCOUNT}:alias/web`, type: "KMS" },
      },
      stages: [
        { name: "Source", actions: [source] },
        {
          name: "Make",
          actions: [
            { ...lambda("Build", "build", ["App"], ["Built"]), runOrder: 1 },
            { ...lambda("Ship", "ship", ["Built"], []), runOrder: 2 },
          ],
        },
      ],
    } as Project["pipeline"], // with the type that only the wire looks at
    functions: { build: declare(CODE), ship: declare(CODE) },
    roles: { pipe: pipe(), worker: worker() },
    buckets: { "web-source": {}, "web-artifacts": {} },
    keys: {
      "alias/web": { policy: policy(allow("kms:*", "*", { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } })) },
    },
    inputs: { App: CODE },
    account: ACCOUNT,
    region: "us-east-1",
    origin: "pipeline.json",
    notes: [],
  };
  return structuredClone(project) as Broken;
}

function pipe() {
  const source = "arn:aws:s3:::web-source";
  return {
    trust: trustOf({ Service: "codepipeline.amazonaws.com" }),
    policies: {
      source: policy(
        allow(["s3:GetBucketVersioning", "s3:GetBucketAcl", "s3:GetBucketLocation"], source),
        allow(["s3:GetObject", "s3:GetObjectVersion"], `${source}/*`),
      ),
      artifacts: policy(allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::web-artifacts/*")),
      key: policy(allow(["kms:Decrypt", "kms:GenerateDataKey"], "*")),
      call: policy(allow("lambda:InvokeFunction", `arn:aws:lambda:us-east-1:${ACCOUNT}:function:*`)),
    },
  };
}

function worker() {
  return {
    trust: trustOf({ Service: "lambda.amazonaws.com" }),
    policies: {
      report: policy(allow(["codepipeline:PutJobSuccessResult", "codepipeline:PutJobFailureResult"], "*")),
    },
  };
}
