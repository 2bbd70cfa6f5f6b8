import { actionOf, folderWith, giveRole, roleOf, shipOf } from "./break-project.ts";
import type { CheckCase } from "./check-cases.ts";
import { allow, policy, trustOf } from "./web-project.ts";

const TOOLKIT_FUNCTION = `
import { defineJob } from "@penstock/toolkit";
export const handler = defineJob({ stateBucket: process.env.STATES, async run() {} });
`;

const PIPE = "arn:aws:iam::123456789012:role/pipe";

/** Rights, trust and policies, of one account. */
export const ACCESS_CASES: readonly CheckCase[] = [
  [
    "a function may not report failures",
    (p) => {
      roleOf(p, "worker").policies["report"] = policy(allow("codepipeline:PutJobSuccessResult", "*"));
    },
    [
      'error reportResults Make/Build {"Effect":"Allow","Action":"codepipeline:PutJobFailureResult","Resource":"*"}',
      "error reportResults Make/Ship PutJobFailureResult",
    ],
  ],
  [
    "a function may report neither",
    (p) => (roleOf(p, "worker").policies = {}),
    [
      'error reportResults Make/Build "Action":["codepipeline:PutJobSuccessResult","codepipeline:PutJobFailureResult"]',
      "error reportResults Make/Ship because no identity-based policy allows",
    ],
  ],
  [
    "a function asks for fresh credentials, and may not",
    (p) => (shipOf(p).code = folderWith("app.py", "def handler(event, context):\n    c.get_job_details(jobId=1)\n")),
    ['warning ownRights Make/Ship {"Effect":"Allow","Action":"codepipeline:GetJobDetails","Resource":"*"}'],
  ],
  [
    "a function keeps its state in a bucket, and may not",
    (p) =>
      Object.assign(shipOf(p), {
        ...{ runtime: "nodejs24.x", environment: { STATES: "states" } },
        code: folderWith("app.mjs", TOOLKIT_FUNCTION),
      }),
    ['warning ownRights Make/Ship "Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::states/*"'],
  ],
  [
    "reporting is allowed for one pipeline's ARN, and the operation has no resource",
    (p) => {
      roleOf(p, "worker").policies["report"] = policy(
        allow("codepipeline:*", "arn:aws:codepipeline:us-east-1:123456789012:web"),
      );
    },
    ["error reportResults Make/Build PutJobSuccessResult", "error reportResults Make/Ship PutJobSuccessResult"],
  ],
  [
    "reporting is explicitly denied",
    (p) => {
      roleOf(p, "worker").policies["no"] = policy({ Effect: "Deny", Action: "codepipeline:PutJobF*", Resource: "*" });
    },
    ['error reportResults Make/Build Take the "Deny"', "error reportResults Make/Ship explicit deny"],
  ],
  [
    "the pipeline's role may not call a function",
    (p) => {
      roleOf(p, "pipe").policies["call"] = policy(
        allow("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:build"),
      );
    },
    [
      'error invokeFunction Make/Ship {"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:us-east-1:123456789012:function:ship"}',
    ],
  ],
  [
    "calls are allowed under a condition that does not hold",
    (p) => {
      roleOf(p, "pipe").policies["call"] = policy(
        allow("lambda:InvokeFunction", "*", {
          Condition: { StringEquals: { "aws:PrincipalAccount": "999999999999" } },
        }),
      );
    },
    ["error invokeFunction Make/Build function:build", "error invokeFunction Make/Ship function:ship"],
  ],
  [
    "artifacts of another pipeline only may be read",
    (p) => {
      roleOf(p, "pipe").policies["artifacts"] = policy(
        allow("s3:GetObject", "arn:aws:s3:::web-artifacts/other/*"),
        allow("s3:PutObject", "arn:aws:s3:::web-artifacts/*"),
      );
    },
    [
      'error readArtifact Make/Build {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::web-artifacts/*"}',
      "error readArtifact Make/Ship artifact Built",
    ],
  ],
  [
    "artifacts may not be written",
    (p) => {
      roleOf(p, "pipe").policies["artifacts"] = policy(allow("s3:GetObject", "arn:aws:s3:::web-artifacts/*"));
    },
    ["error writeArtifact Source/Fetch artifact App", "error writeArtifact Make/Build artifact Built"],
  ],
  [
    "a bucket's policy denies what is not encrypted by KMS: an artifact is",
    (p) => {
      p.buckets["web-artifacts"] = {
        policy: policy({
          Effect: "Deny",
          Principal: "*",
          Action: "s3:PutObject",
          Resource: "arn:aws:s3:::web-artifacts/*",
          Condition: { StringNotEquals: { "s3:x-amz-server-side-encryption": "aws:kms" } },
        }),
      };
    },
    [],
  ],
  [
    "a bucket's policy denies the role",
    (p) => {
      p.buckets["web-artifacts"] = {
        policy: policy({
          Effect: "Deny",
          Principal: { AWS: PIPE },
          Action: "s3:GetObject",
          Resource: "arn:aws:s3:::web-artifacts/*",
        }),
      };
    },
    [
      "error readArtifact Make/Build the policy of bucket web-artifacts",
      "error readArtifact Make/Ship explicit deny in a resource-based policy",
    ],
  ],
  [
    "a bucket's policy alone grants, in the same account",
    (p) => {
      delete roleOf(p, "pipe").policies["artifacts"];
      p.buckets["web-artifacts"] = {
        policy: policy(
          allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::web-artifacts/*", { Principal: { AWS: PIPE } }),
        ),
      };
    },
    [],
  ],
  [
    "the source may not be read",
    (p) => (roleOf(p, "pipe").policies["source"] = policy(allow("s3:List*", "*"))),
    [
      'error readSource Source/Fetch "Resource":"arn:aws:s3:::web-source/app.zip"',
      "warning readSource Source/Fetch s3:GetObjectVersion",
      "warning readSource Source/Fetch s3:GetBucketVersioning, s3:GetBucketAcl and s3:GetBucketLocation",
    ],
  ],
  [
    "a key's policy names nobody of the account",
    (p) => {
      p.keys = {
        "alias/web": {
          policy: policy(allow("kms:*", "*", { Principal: { AWS: "arn:aws:iam::123456789012:role/admin" } })),
        },
      };
    },
    [
      'error useKey Source/Fetch "Principal":{"AWS":"arn:aws:iam::123456789012:role/pipe"}',
      "error useKey Make/Build the policy of key alias/web",
      "error useKey Make/Ship kms:Decrypt",
    ],
  ],
  [
    "a key's policy leaves it to the role, which says nothing",
    (p) => delete roleOf(p, "pipe").policies["key"],
    [
      "error useKey Source/Fetch kms:GenerateDataKey",
      "error useKey Make/Build kms:Decrypt and kms:GenerateDataKey",
      "error useKey Make/Ship a policy of role pipe",
    ],
  ],
  [
    "a role may use one key, and the alias may be that one",
    (p) => {
      roleOf(p, "pipe").policies["key"] = policy(
        allow("kms:*", "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
      );
    },
    [],
  ],
  ["a key is not declared", (p) => (p.keys = {}), ["note useKey - Declare alias/web"]],
  [
    "a role may not use the key that the store names by its id",
    (p) => {
      const id = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
      p.pipeline.artifactStore = { type: "S3", location: "web-artifacts", encryptionKey: { id, type: "KMS" } };
      roleOf(p, "pipe").policies["key"] = policy(allow("kms:*", "arn:aws:kms:us-east-1:123456789012:key/other"));
    },
    [
      "note useKey - by an alias",
      "error useKey Source/Fetch key/1234abcd",
      "error useKey Make/Build key/1234abcd",
      "error useKey Make/Ship key/1234abcd",
    ],
  ],
  [
    "without a key of its own the store needs no right on keys",
    (p) => {
      delete roleOf(p, "pipe").policies["key"];
      p.pipeline.artifactStore = { type: "S3", location: "web-artifacts" };
    },
    [],
  ],
  [
    "the pipeline's role trusts Lambda instead",
    (p) => (roleOf(p, "pipe").trust = trustOf({ Service: "lambda.amazonaws.com" })),
    ['error trust - "Principal":{"Service":"codepipeline.amazonaws.com"}'],
  ],
  [
    "the pipeline's role trusts CodePipeline for this pipeline only",
    (p) => {
      roleOf(p, "pipe").trust = trustOf(
        { Service: "codepipeline.amazonaws.com" },
        { Condition: { ArnLike: { "aws:SourceArn": "arn:aws:codepipeline:*:123456789012:web" } } },
      );
    },
    [],
  ],
  [
    "the pipeline's role trusts CodePipeline for another account",
    (p) => {
      roleOf(p, "pipe").trust = trustOf(
        { Service: "codepipeline.amazonaws.com" },
        { Condition: { StringEquals: { "aws:SourceAccount": "999999999999" } } },
      );
    },
    ["error trust - codepipeline.amazonaws.com may not assume role pipe"],
  ],
  [
    "a function's role trusts nobody that runs functions",
    (p) => (roleOf(p, "worker").trust = trustOf({ Service: "ec2.amazonaws.com" })),
    ["error trust - function build", "error trust - function ship"],
  ],
  [
    "a role of an action does not trust the pipeline's",
    (p) => {
      giveRole(p, trustOf({ AWS: "arn:aws:iam::123456789012:role/other" }));
    },
    ['error trust Make/Ship "Principal":{"AWS":"arn:aws:iam::123456789012:role/pipe"}'],
  ],
  [
    "a role of an action trusts the account, and the pipeline's role may not assume it",
    (p) => {
      giveRole(p, trustOf({ AWS: "arn:aws:iam::123456789012:root" }));
    },
    ['error trust Make/Ship "Action":"sts:AssumeRole","Resource":"arn:aws:iam::123456789012:role/shipper"'],
  ],
  ["a role of an action trusts the pipeline's by name", (p) => giveRole(p, trustOf({ AWS: PIPE })), []],
  [
    "a role of an action lacks what the pipeline's has",
    (p) => {
      giveRole(p, trustOf({ AWS: PIPE }));
      roleOf(p, "shipper").policies = {};
    },
    [
      "error invokeFunction Make/Ship role shipper",
      "error readArtifact Make/Ship role shipper",
      "error useKey Make/Ship role shipper",
    ],
  ],
  [
    "an S3 deploy action may not write to its bucket",
    (p) => {
      delete p.functions["ship"];
      Object.assign(actionOf(p, "Ship"), {
        actionTypeId: { category: "Deploy", owner: "AWS", provider: "S3", version: "1" },
        configuration: { BucketName: "web-site", Extract: "true" },
      });
    },
    ["error deploy Make/Ship arn:aws:s3:::web-site/*"],
  ],
  [
    "a policy is none",
    (p) => (roleOf(p, "worker").policies["odd"] = policy({ Effect: "Allow", Action: "nothing", Resource: "*" })),
    ["error policyDocument - Actions/Conditions must be prefixed"],
  ],
];
