import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { penstock } from "../capture/testing/penstock.ts";

const PIPELINE = {
  pipeline: {
    name: "web",
    roleArn: "arn:aws:iam::123456789012:role/pipe",
    artifactStore: { type: "S3", location: "web-artifacts" },
    stages: [
      {
        name: "Source",
        actions: [
          {
            name: "Fetch",
            actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" },
            configuration: { S3Bucket: "web-source", S3ObjectKey: "app.zip" },
            outputArtifacts: [{ name: "App" }],
          },
        ],
      },
      {
        name: "Make",
        actions: [
          {
            name: "Build",
            actionTypeId: { category: "Invoke", owner: "AWS", provider: "Lambda", version: "1" },
            configuration: { FunctionName: "build" },
            inputArtifacts: [{ name: "App" }],
          },
        ],
      },
    ],
  },
};

const PENSTOCK = `
inputs: { App: input }
functions:
  build: { handler: app.handler, code: ., role: worker }
roles:
  worker:
    policies:
      report:
        Version: "2012-10-17"
        Statement: { Effect: Allow, Action: codepipeline:PutJobSuccessResult, Resource: "*" }
`;

const HANDLER = `
import os, boto3
def handler(event, context):
    boto3.client("codepipeline").put_job_failure_result(
        jobId=event["CodePipeline.job"]["id"], failureDetails={"type": "JobFailed", "message": "no"})
`;

function project(penstockFile = PENSTOCK): string {
  const folder = mkdtempSync(join(tmpdir(), "penstock-check-"));
  mkdirSync(join(folder, "input"));
  writeFileSync(join(folder, "input", "a.txt"), "a");
  writeFileSync(join(folder, "app.py"), HANDLER);
  writeFileSync(join(folder, "pipeline.json"), JSON.stringify(PIPELINE, null, 2));
  writeFileSync(join(folder, "penstock.yaml"), penstockFile);
  return folder;
}

test("errors are told by action, with the place and the statement to paste, and end with status 1", async () => {
  const done = await penstock(["check", "."], project());
  expect(done.status).toBe(1);
  expect(done.stdout).toContain("Source/Fetch  fine");
  expect(done.stdout).toMatch(
    /Make\/Build\n {2}error {4}role worker may not codepipeline:PutJobFailureResult, which it needs to report/,
  );
  expect(done.stdout).toContain('{"Effect":"Allow","Action":"codepipeline:PutJobFailureResult","Resource":"*"}');
  expect(done.stdout).toMatch(/pipeline\.json:3\d:11\n/);
  expect(done.stdout).toMatch(/1 error, 1 note\n$/);
});

test("the JSON document has the same, and statements as objects", async () => {
  const done = await penstock(["check", ".", "--json"], project());
  expect(done.status).toBe(1);
  const document: unknown = JSON.parse(done.stdout);
  expect(document).toMatchObject({
    pipeline: "web",
    file: "pipeline.json",
    errors: 1,
    warnings: 0,
    notes: 1,
    findings: [
      { severity: "note", check: "roleDeclared", stage: null, action: null, place: null },
      {
        severity: "error",
        check: "reportResults",
        stage: "Make",
        action: "Build",
        policyOf: "role worker",
        statement: { Effect: "Allow", Action: "codepipeline:PutJobFailureResult", Resource: "*" },
      },
    ],
  });
});

test("the check and a run agree: what is said to be denied is denied, and the pasted statement allows it", async () => {
  const before = await penstock(["run", "."], project());
  expect(before.stdout).toContain("AccessDenied");
  const pasted = PENSTOCK.replace(
    'Statement: { Effect: Allow, Action: codepipeline:PutJobSuccessResult, Resource: "*" }',
    'Statement: [{"Effect":"Allow","Action":"codepipeline:PutJobFailureResult","Resource":"*"}, { Effect: Allow, Action: codepipeline:PutJobSuccessResult, Resource: "*" }]',
  );
  const mended = project(pasted);
  expect(await penstock(["check", "."], mended)).toMatchObject({ status: 0 });
  const after = await penstock(["run", "."], mended);
  expect(after.stdout).toContain("reported failure");
  expect(after.stdout).not.toContain("AccessDenied");
}, 60_000);

test("warnings alone end with status 0", async () => {
  const unused = PENSTOCK.replace("PutJobSuccessResult", "PutJob*").replace("roles:", "roles:\n  old: {}");
  const done = await penstock(["check", "."], project(unused));
  expect(done).toMatchObject({ status: 0 });
  expect(done.stdout).toMatch(/role old is declared and never used[\s\S]*penstock\.yaml:6:3/);
});

test("a file that cannot be read ends with status 2, in JSON too", async () => {
  const folder = project("functions: [");
  expect(await penstock(["check", "."], folder)).toMatchObject({ status: 2, stdout: "" });
  const done = await penstock(["check", "nowhere", "--json"], folder);
  expect(done.status).toBe(2);
  expect(JSON.parse(done.stdout)).toMatchObject({ error: { exitCode: 2 } });
});

test("policies of buckets and keys that are declared are deployed, and decide", async () => {
  const folder = project(`${PENSTOCK.replace("PutJobSuccessResult", "PutJob*")}
keys:
  web:
    policy:
      Version: "2012-10-17"
      Statement: { Effect: Allow, Principal: { AWS: "arn:aws:iam::123456789012:root" }, Action: "kms:*", Resource: "*" }
buckets:
  web-artifacts:
    policy:
      Version: "2012-10-17"
      Statement: { Effect: Deny, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::web-artifacts/*" }
`);
  const text = readFileSync(join(folder, "pipeline.json"), "utf8");
  const store = '"location": "web-artifacts", "encryptionKey": { "id": "alias/web", "type": "KMS" }';
  writeFileSync(join(folder, "pipeline.json"), text.replace('"location": "web-artifacts"', store));
  writeFileSync(join(folder, "app.py"), READER);
  const checked = await penstock(["check", "."], folder);
  expect(checked).toMatchObject({ status: 1 });
  expect(checked.stdout).toContain('Take the "Deny" that covers it out of the policy of bucket web-artifacts');
  const data = join(folder, "kept");
  const run = await penstock(["run", ".", "--data", data], folder);
  expect(run.stdout).toContain("explicit deny in a resource-based policy");
  expect(run.stdout).toContain("aws:kms alias/web");
  expect(await penstock(["run", ".", "--data", data], folder)).toMatchObject({ status: 1 }); // deploying again changes nothing
}, 60_000);

/** Says which key the event names, and reads its input with the job's credentials. */
const READER = `
import boto3
def handler(event, context):
    job = event["CodePipeline.job"]
    keys = job["data"]["artifactCredentials"]
    place = job["data"]["inputArtifacts"][0]["location"]["s3Location"]
    print("aws:kms", job["data"]["encryptionKey"]["id"])
    s3 = boto3.client("s3", aws_access_key_id=keys["accessKeyId"], aws_secret_access_key=keys["secretAccessKey"],
                      aws_session_token=keys["sessionToken"])
    try:
        s3.get_object(Bucket=place["bucketName"], Key=place["objectKey"])
        boto3.client("codepipeline").put_job_success_result(jobId=job["id"])
    except Exception as error:
        boto3.client("codepipeline").put_job_failure_result(
            jobId=job["id"], failureDetails={"type": "JobFailed", "message": str(error)})
`;
