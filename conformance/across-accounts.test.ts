import { afterAll, describe, expect, test } from "vitest";
import { type AcrossAccounts, layAcrossAccounts, rootOf } from "./across-accounts-ground.ts";
import { boto3 } from "./boto3.ts";
import { javascript } from "./javascript.ts";
import { startPenstock } from "./server.ts";

/*
 * A pipeline of account A with an action that runs in account B: it succeeds when both accounts allow it, and says what
 * is missing when one of them does not.
 */

const server = await startPenstock();
afterAll(server.stop);

const NODE = { runtime: "nodejs22.x", file: "across-accounts.mjs", handler: "across-accounts.handler" } as const;
const PYTHON = { runtime: "python3.12", file: "across_accounts.py", handler: "across_accounts.handler" } as const;

interface Told {
  readonly action: string;
  readonly status: string | undefined;
  readonly code: string | undefined;
  readonly message: string;
}

/** Runs the pipeline; answers how its last action ended. */
async function run({ a, pipelineName }: AcrossAccounts): Promise<Told & { readonly id: string }> {
  const { pipelineExecutionId: id = "" } = await a.codePipeline.startPipelineExecution({ name: pipelineName });
  await server.settled(id);
  const filter = { pipelineExecutionId: id };
  const { actionExecutionDetails } = await a.codePipeline.listActionExecutions({ pipelineName, filter });
  const last = actionExecutionDetails?.[0];
  const { externalExecutionSummary: message = "", errorDetails } = last?.output?.executionResult ?? {};
  return { id, action: last?.actionName ?? "", status: last?.status, code: errorDetails?.code, message };
}

/** The newest job of the pipeline's action. */
async function lastJob({ a, pipelineName }: AcrossAccounts): Promise<string> {
  const { actionExecutionDetails } = await a.codePipeline.listActionExecutions({ pipelineName });
  const call = actionExecutionDetails?.find(({ actionName }) => actionName === "Call");
  return server.story.find((entry) => entry.actionExecutionId === call?.actionExecutionId && entry.jobId)?.jobId ?? "";
}

/** The causes that the server names for an execution, with the remedies. */
async function whyOf(id: string): Promise<string> {
  const answer = await fetch(`${server.url}/_penstock/executions/${id}`);
  const { actions } = (await answer.json()) as { actions: { diagnosis: { remedy: string } }[] }; // see inspector/pages.ts
  return actions.map(({ diagnosis }) => diagnosis.remedy).join("\n");
}

/** Session names are moments, or the function's. */
const session = (account: string, role: string) => String.raw`arn:aws:sts::${account}:assumed-role/${role}/[\w-]+`;

/** What a missing statement makes of a run: who is denied what, and whose policy lacks it. */
interface Missing {
  readonly code: "PermissionError" | "JobFailed";
  /** As it stands in the action's summary; the reason comes behind it. */
  readonly denied: string;
  readonly lacks: "identity-based" | "resource-based";
  /** Named in the remedy of `why`. */
  readonly remedy: string;
}

/** Each with accounts and a function of its own. */
const clients = [
  ["AWS SDK for JavaScript v3", javascript, { a: "111111111111", b: "222222222222" }, NODE],
  ["boto3", boto3, { a: "333333333333", b: "444444444444" }, PYTHON],
] as const;

describe.each(clients)("Across accounts by %s", async (_, make, accounts, fn) => {
  const way = await layAcrossAccounts(server, make, accounts, fn);
  const { a, b, arns, bucket, functionName, pipelineName } = way;
  const by = (account: string, role: string) => `User: ${session(account, role)} is not authorized to perform: `;
  const byAction = by(accounts.b, "action");
  const functionArn = `arn:aws:lambda:${server.region}:${accounts.b}:function:${functionName}`;
  const object = `"?arn:aws:s3:::${bucket}/across-accounts/\\S+?"?`;
  const actionOf = `role action of account ${accounts.b}`;

  test("CreatePipeline wants the pipeline's role to be allowed to assume the action's, and says so", async () => {
    await way.grantAllBut("pipelineAssumesAction");
    const refusal = {
      name: "InvalidStructureException",
      message: `${arns.pipelineRole} is not authorized to perform AssumeRole on role ${arns.actionRole}`,
    };
    await expect(a.codePipeline.createPipeline(way.declaration())).rejects.toMatchObject(refusal);
    await way.grantAllBut("actionTrustsPipeline");
    await expect(a.codePipeline.createPipeline(way.declaration())).rejects.toMatchObject(refusal);
    await way.grantAllBut();
    await a.codePipeline.createPipeline(way.declaration());
  });

  test("an action with a role of account B calls B's function, and its artifacts are in A's bucket under A's key", async () => {
    const ended = await run(way);
    expect(ended).toMatchObject({ action: "Call", status: "Succeeded" });
    const { actionExecutionDetails } = await a.codePipeline.listActionExecutions({ pipelineName });
    const { key: Key = "" } = actionExecutionDetails?.[0]?.output?.outputArtifacts?.[0]?.s3location ?? {};
    const written = await a.s3.getObject({ Bucket: bucket, Key });
    expect(await written.Body?.transformToString()).toBe(`of A, of B, for ${accounts.a}`);
    expect(written).toMatchObject({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: arns.key });
  });

  const missing: readonly (readonly [name: string, Missing])[] = [
    [
      "pipelineAssumesAction",
      {
        code: "PermissionError",
        denied: `${by(accounts.a, "pipeline")}sts:AssumeRole on resource: ${arns.actionRole}`,
        lacks: "identity-based",
        remedy: "a policy of role pipeline",
      },
    ],
    [
      "actionTrustsPipeline",
      {
        code: "PermissionError",
        denied: `${by(accounts.a, "pipeline")}sts:AssumeRole on resource: ${arns.actionRole}`,
        lacks: "resource-based",
        remedy: `the trust policy of ${arns.actionRole}`,
      },
    ],
    [
      "actionInvokes",
      {
        code: "PermissionError",
        denied: `${byAction}lambda:InvokeFunction on resource: ${functionArn}`,
        lacks: "identity-based",
        remedy: `a policy of ${actionOf}`,
      },
    ],
    ...(
      [
        ["bucketIsRead", "s3:GetObject", "resource-based", `the policy of bucket ${bucket}`],
        ["actionReadsArtifacts", "s3:GetObject", "identity-based", `a policy of ${actionOf}`],
        ["bucketIsWritten", "s3:PutObject", "resource-based", `the policy of bucket ${bucket}`],
        ["actionWritesArtifacts", "s3:PutObject", "identity-based", `a policy of ${actionOf}`],
      ] as const
    ).map(([name, action, lacks, remedy]): readonly [string, Missing] => [
      name,
      { code: "JobFailed", denied: `AccessDenied: ${byAction}${action} on resource: ${object}`, lacks, remedy },
    ]),
    ...(
      [
        ["keyDecrypts", "kms:Decrypt", "resource-based", `the policy of key ${arns.key}`],
        ["actionDecrypts", "kms:Decrypt", "identity-based", `a policy of ${actionOf}`],
        ["keyEncrypts", "kms:GenerateDataKey", "resource-based", `the policy of key ${arns.key}`],
        ["actionEncrypts", "kms:GenerateDataKey", "identity-based", `a policy of ${actionOf}`],
      ] as const
    ).map(([name, action, lacks, remedy]): readonly [string, Missing] => [
      name,
      { code: "JobFailed", denied: `AccessDenied: ${byAction}${action} on resource: "?${arns.key}"?`, lacks, remedy },
    ]),
  ];

  test.each(missing)(
    "without %s the action is denied, and the refusal and why name the policy that lacks it",
    async (name, expected) => {
      await way.grantAllBut(name);
      const ended = await run(way);
      await way.grantAllBut();
      const action = /(\w+:\w+)(?= on resource)/.exec(expected.denied)?.[1];
      expect(ended).toMatchObject({ action: "Call", status: "Failed", code: expected.code });
      expect(ended.message).toMatch(
        new RegExp(`^${expected.denied} because no ${expected.lacks} policy allows the ${action} action$`),
      );
      const remedy = await whyOf(ended.id);
      expect(remedy).toContain(expected.remedy);
      const { statement } = way.grants[name] ?? {};
      if (expected.lacks === "resource-based") expect(remedy).toContain(`"Action":"${statement?.Action}"`);
    },
  );

  test.each(["functionAssumesReporter", "reporterTrustsFunction"])(
    "without %s the function cannot report, and why names both statements that this takes",
    async (name) => {
      await way.grantAllBut(name);
      const ended = await run(way);
      await way.grantAllBut();
      expect(ended).toMatchObject({ action: "Call", status: "Failed" });
      const remedy = await whyOf(ended.id);
      expect(remedy).toContain(`a policy of role function of account ${accounts.b}`);
      expect(remedy).toContain(`the trust policy of ${arns.reporterRole}`);
    },
  );

  test("without reporterReports the report itself is denied, and why names the role that lacks the right", async () => {
    await way.grantAllBut("reporterReports");
    const ended = await run(way);
    await way.grantAllBut();
    expect(ended).toMatchObject({ action: "Call", status: "Failed" });
    const remedy = await whyOf(ended.id);
    expect(remedy).toContain("a policy of role reporter:");
    expect(remedy).toContain('"Action":"codepipeline:PutJobSuccessResult"');
  });

  test("a function of account B that reports with its own role finds no job, and why says whose it must be", async () => {
    const report = { Effect: "Allow", Action: "codepipeline:PutJob*", Resource: "*" };
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [report] });
    await b.iam.putRolePolicy({ RoleName: "function", PolicyName: "reports", PolicyDocument });
    const FunctionName = functionName;
    await b.lambda.updateFunctionConfiguration({
      FunctionName,
      Environment: { Variables: { OWN_BUCKET: way.ownBucket } },
    });
    const ended = await run(way);
    expect(ended).toMatchObject({ action: "Call", status: "Failed" });
    expect(await whyOf(ended.id)).toContain(`Report with credentials of account ${accounts.a}`);
    const Variables = { OWN_BUCKET: way.ownBucket, REPORTER_ROLE: arns.reporterRole };
    await b.lambda.updateFunctionConfiguration({ FunctionName, Environment: { Variables } });
    await b.iam.deleteRolePolicy({ RoleName: "function", PolicyName: "reports" });
  });

  test("without a key of its own the store is under A's key for S3, which B cannot use whatever policies say", async () => {
    await a.codePipeline.updatePipeline(way.declaration(false));
    const ended = await run(way);
    await a.codePipeline.updatePipeline(way.declaration());
    expect(ended).toMatchObject({ status: "Failed", code: "JobFailed" });
    expect(ended.message).toMatch(
      /^AccessDenied: .* kms:Decrypt on resource: \S+ because no resource-based policy allows the kms:Decrypt action$/,
    );
    expect(await whyOf(ended.id)).toContain("Give the artifact store a key of its own");
  });

  test("a job is known in its pipeline's account alone: a result from another finds no job", async () => {
    const jobId = await lastJob(way);
    expect((await a.codePipeline.getJobDetails({ jobId })).jobDetails?.accountId).toBe(accounts.a);
    const notFound = { name: "JobNotFoundException", message: `Job with id '${jobId}' does not exist` };
    await expect(b.codePipeline.getJobDetails({ jobId })).rejects.toMatchObject(notFound);
    await expect(b.codePipeline.putJobSuccessResult({ jobId })).rejects.toMatchObject(notFound);
    const failureDetails = { type: "JobFailed", message: "no" } as const;
    await expect(b.codePipeline.putJobFailureResult({ jobId, failureDetails })).rejects.toMatchObject(notFound);
  });

  test("a job's credentials read none of another account's objects, though its role may", async () => {
    const jobId = await lastJob(way);
    const { jobDetails } = await a.codePipeline.getJobDetails({ jobId });
    const { accessKeyId = "", secretAccessKey = "", sessionToken = "" } = jobDetails?.data?.artifactCredentials ?? {};
    const ofJob = make(server, { credentials: { accessKeyId, secretAccessKey, sessionToken } });
    const everything = { Effect: "Allow", Action: "s3:*", Resource: "*" };
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [everything] });
    await b.iam.putRolePolicy({ RoleName: "action", PolicyName: "everything", PolicyDocument });
    await expect(ofJob.s3.getObject({ Bucket: way.ownBucket, Key: "own" })).rejects.toMatchObject({
      name: "AccessDenied",
      message: expect.stringMatching(/because no session policy allows the s3:GetObject action$/),
    });
    await b.iam.deleteRolePolicy({ RoleName: "action", PolicyName: "everything" });
  });

  test("what is of one account is not there for another", async () => {
    await expect(b.codePipeline.getPipeline({ name: pipelineName })).rejects.toMatchObject({
      name: "PipelineNotFoundException",
      message: `Account '${accounts.b}' does not have a pipeline with name '${pipelineName}'`,
    });
    expect((await b.codePipeline.listPipelines({})).pipelines).toEqual([]);
    await expect(a.lambda.getFunction({ FunctionName: functionName })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
    await expect(a.iam.getRole({ RoleName: "action" })).rejects.toMatchObject({
      name: expect.stringMatching("NoSuchEntity"),
    });
    expect((await b.iam.listRoles({})).Roles?.map(({ RoleName }) => RoleName)).toEqual(["action", "function"]);
    expect((await b.kms.listKeys({})).Keys).toEqual([]);
    expect((await b.s3.listBuckets({})).Buckets?.map(({ Name }) => Name)).toEqual([way.ownBucket]);
  });

  test("a bucket's name is taken for every account, and another's bucket is shut", async () => {
    await expect(b.s3.createBucket({ Bucket: bucket })).rejects.toMatchObject({ name: "BucketAlreadyExists" });
    await expect(a.s3.createBucket({ Bucket: bucket })).resolves.toBeDefined(); // as in us-east-1
    await expect(b.s3.listObjectsV2({ Bucket: bucket })).rejects.toMatchObject({
      name: "AccessDenied",
      message: `User: arn:aws:iam::${accounts.b}:root is not authorized to perform: s3:ListBucket on resource: arn:aws:s3:::${bucket} because no resource-based policy allows the s3:ListBucket action`,
    });
  });
});

test("an account's number is its root's key on loopback, and its secret counts", async () => {
  const account = "555555555555";
  const { sts } = rootOf(server, javascript, account);
  expect(await sts.getCallerIdentity({})).toMatchObject({ Account: account, Arn: `arn:aws:iam::${account}:root` });
  const wrong = javascript(server, { credentials: { accessKeyId: account, secretAccessKey: "guessed" } });
  await expect(wrong.sts.getCallerIdentity({})).rejects.toMatchObject({ name: "SignatureDoesNotMatch" });
});
