import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CodePipeline } from "@aws-sdk/client-codepipeline";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { awsCli } from "./aws-cli.ts";
import { boto3 } from "./boto3.ts";
import { ROOT } from "./client.ts";
import { allow, createFunction, lambdaAction, layGround, pipeline, zipOf } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { startPenstock, WORKSPACE } from "./server.ts";

const server = await startPenstock();
afterAll(server.stop);
afterEach(() => void vi.useRealTimers());
const root = javascript(server);
await layGround(root, await zipOf({ "readme.txt": "hello\n" }));

const UNKNOWN = { accessKeyId: "AKIAUNKNOWN", secretAccessKey: "test" };
const WRONG = { accessKeyId: "test", secretAccessKey: "wrong" };
const MAKERS = [
  ["AWS SDK for JavaScript v3", javascript],
  ["boto3", boto3],
  ["AWS CLI", awsCli],
] as const;
const SIGNATURE_TEXT =
  /^The request signature we calculated does not match the signature you provided\. Check your AWS Secret Access Key and signing method\. Consult the service documentation for details\./;

describe.each(MAKERS)("%s", (name, make) => {
  test("an unknown key is told as each service tells it", async () => {
    const { codePipeline, lambda, s3, sts } = make(server, { credentials: UNKNOWN });
    const invalid = "The security token included in the request is invalid.";
    await expect(codePipeline.listPipelines({})).rejects.toMatchObject({
      name: "UnrecognizedClientException",
      message: invalid,
    });
    await expect(lambda.listFunctions({})).rejects.toMatchObject({
      name: "UnrecognizedClientException",
      message: invalid,
    });
    await expect(sts.getCallerIdentity({})).rejects.toMatchObject({ name: "InvalidClientTokenId", message: invalid });
    await expect(s3.listBuckets({})).rejects.toMatchObject({
      name: "InvalidAccessKeyId",
      message: "The AWS Access Key Id you provided does not exist in our records.",
    });
  });

  test("a wrong signature is told as each service tells it", async () => {
    const { codePipeline, lambda, s3, sts } = make(server, { credentials: WRONG });
    const refused = { name: "InvalidSignatureException", message: expect.stringMatching(SIGNATURE_TEXT) };
    await expect(codePipeline.listPipelines({})).rejects.toMatchObject(refused);
    await expect(lambda.listFunctions({})).rejects.toMatchObject(refused);
    await expect(sts.getCallerIdentity({})).rejects.toMatchObject({ ...refused, name: "SignatureDoesNotMatch" });
    await expect(s3.listBuckets({})).rejects.toMatchObject({
      name: "SignatureDoesNotMatch",
      message:
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    });
  });

  test("a session that may not report is told so in the service's words, with the status 400", async () => {
    const role = `may-not-report-${name.replaceAll(" ", "-")}`;
    const { codePipeline } = make(server, { credentials: await session(role, allow(["codepipeline:List*"])) });
    const refused = {
      name: "AccessDeniedException",
      message: `User: arn:aws:sts::${server.account}:assumed-role/${role}/tests is not authorized to perform: codepipeline:PutJobSuccessResult because no identity-based policy allows the codepipeline:PutJobSuccessResult action`,
    };
    const report = codePipeline.putJobSuccessResult({ jobId: "01234567-89ab-4cde-8f01-23456789abcd" });
    const error = await report.catch((caught: unknown) => caught);
    expect(error).toMatchObject(refused);
    if (name !== "AWS CLI") expect(error).toMatchObject({ $metadata: { httpStatusCode: 400 } });
  });

  test("an operation that is not there is unknown, and the log says which", async () => {
    await expect(make(server).codePipeline.listWebhooks({})).rejects.toMatchObject({
      name: "UnknownOperationException",
    });
    expect(server.logged.join("\n")).toContain("ListWebhooks");
  });
});

test("errors of CodePipeline come with the status 400, those of S3 with 403", async () => {
  const { codePipeline, s3 } = javascript(server, { credentials: UNKNOWN });
  await expect(codePipeline.listPipelines({})).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
  await expect(s3.listBuckets({})).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  await expect(root.codePipeline.listWebhooks({})).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
});

test.each([
  [
    "slow",
    -16 * 60_000,
    /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 15 min\.\)$/,
  ],
  [
    "fast",
    16 * 60_000,
    /^Signature not yet current: \d{8}T\d{6}Z is still later than \d{8}T\d{6}Z \(\d{8}T\d{6}Z \+ 15 min\.\)$/,
  ],
])("a clock that is 16 minutes %s is told so", async (_, systemClockOffset, text) => {
  const client = new CodePipeline({
    endpoint: server.url,
    region: server.region,
    credentials: ROOT,
    maxAttempts: 1,
    systemClockOffset,
  });
  await expect(client.listPipelines({})).rejects.toMatchObject({
    name: "InvalidSignatureException",
    message: expect.stringMatching(text),
  });
  client.destroy();
});

describe("sessions", () => {
  test("a session may do what its role may, and is told what it may not", async () => {
    const credentials = await session("reader", allow(["codepipeline:List*", "codepipeline:GetPipeline"]));
    for (const make of [javascript, boto3]) {
      const { codePipeline, sts } = make(server, { credentials });
      const arn = `arn:aws:sts::${server.account}:assumed-role/reader/tests`;
      expect((await sts.getCallerIdentity({})).Arn).toBe(arn);
      expect((await codePipeline.listPipelines({})).pipelines).toEqual([]);
      await expect(
        codePipeline.createPipeline({ pipeline: pipeline("p", [lambdaAction("Call", "f")]) }),
      ).rejects.toMatchObject({
        name: "AccessDeniedException",
        message: `User: ${arn} is not authorized to perform: codepipeline:CreatePipeline on resource: arn:aws:codepipeline:us-east-1:${server.account}:p because no identity-based policy allows the codepipeline:CreatePipeline action`,
        $metadata: { httpStatusCode: 400 },
      });
      await expect(codePipeline.getJobDetails({ jobId: "01234567-89ab-4cde-8f01-23456789abcd" })).rejects.toMatchObject(
        {
          name: "AccessDeniedException",
          message: `User: ${arn} is not authorized to perform: codepipeline:GetJobDetails because no identity-based policy allows the codepipeline:GetJobDetails action`,
        },
      );
    }
  });

  test("a deny wins over an allow", async () => {
    const statements = [
      { Effect: "Allow", Action: "codepipeline:*", Resource: "*" },
      { Effect: "Deny", Action: "codepipeline:ListPipelines", Resource: "*" },
    ];
    const credentials = await session("denied", JSON.stringify({ Version: "2012-10-17", Statement: statements }));
    await expect(javascript(server, { credentials }).codePipeline.listPipelines({})).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringMatching(
        /is not authorized to perform: codepipeline:ListPipelines with an explicit deny in an identity-based policy$/,
      ),
    });
  });

  test("a token that is not the key's is invalid, as is a session's key without one", async () => {
    const { sessionToken: _, ...bare } = await session("token", allow(["codepipeline:*"]));
    for (const credentials of [{ ...bare, sessionToken: "AAAA" }, bare]) {
      await expect(javascript(server, { credentials }).codePipeline.listPipelines({})).rejects.toMatchObject({
        name: "UnrecognizedClientException",
        message: expect.stringMatching(/^The security token included in the request is invalid\.?$/),
      });
    }
  });

  test("after its time a session is expired", async () => {
    const credentials = await session("brief", allow(["codepipeline:*", "s3:*"]));
    const { codePipeline, s3 } = javascript(server, { credentials });
    await codePipeline.listPipelines({});
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 901_000 }); // for the server and its client alike
    await expect(codePipeline.listPipelines({})).rejects.toMatchObject({
      name: "ExpiredTokenException",
      message: "The security token included in the request is expired",
      $metadata: { httpStatusCode: 400 },
    });
    await expect(s3.listBuckets({})).rejects.toMatchObject({
      name: "ExpiredToken",
      message: "The provided token has expired.",
    });
  });
});

test("without its policy the reference function is denied in the service's words, and its action fails", async () => {
  await createFunction(root, {
    name: "without-policy",
    runtime: "python3.12",
    handler: "lambda_function.lambda_handler",
    code: await zipOf({
      "lambda_function.py": readFileSync(join(WORKSPACE, "examples/invoke-lambda/lambda_function.py")),
    }),
  });
  await root.codePipeline.createPipeline({ pipeline: pipeline("denied", [lambdaAction("Call", "without-policy")]) });
  const listed = await root.codePipeline.listPipelineExecutions({ pipelineName: "denied" });
  await server.settled(listed.pipelineExecutionSummaries?.[0]?.pipelineExecutionId);
  const { stageStates } = await root.codePipeline.getPipelineState({ name: "denied" });
  expect(stageStates?.[1]?.actionStates?.[0]?.latestExecution).toMatchObject({
    status: "Failed",
    errorDetails: {
      message:
        "The AWS Lambda function without-policy failed to return a result. Check the function to verify that it has permission to call the PutJobSuccessResult action and that it made a call to PutJobSuccessResult.",
    },
  });
  const log = server.story.flatMap((entry) => (entry.type === "logLine" ? [entry.line] : [])).join("\n");
  expect(log).toMatch(
    /An error occurred \(AccessDeniedException\) when calling the PutJobSuccessResult operation: User: arn:aws:sts::000000000000:assumed-role\/without-policy-role\/\S+ is not authorized to perform: codepipeline:PutJobSuccessResult because no identity-based policy allows the codepipeline:PutJobSuccessResult action/,
  );
  expect(server.story.filter((entry) => entry.type === "reported")).toEqual([]);
});

/** Fifteen minutes of a new role with a policy, taken by root. */
async function session(role: string, policy: string) {
  const trust = {
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${server.account}:root` },
    Action: "sts:AssumeRole",
  };
  const { Role: created } = await root.iam.createRole({
    RoleName: role,
    AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
  });
  await root.iam.putRolePolicy({ RoleName: role, PolicyName: "its-policy", PolicyDocument: policy });
  const { Credentials: issued } = await root.sts.assumeRole({
    RoleArn: created?.Arn,
    RoleSessionName: "tests",
    DurationSeconds: 900,
  });
  const {
    AccessKeyId: accessKeyId = "",
    SecretAccessKey: secretAccessKey = "",
    SessionToken: sessionToken = "",
  } = issued ?? {};
  return { accessKeyId, secretAccessKey, sessionToken };
}
