import { afterAll, describe, expect, test } from "vitest";
import { awsCli } from "./aws-cli.ts";
import { boto3 } from "./boto3.ts";
import { BUCKET, createRole, layGround, REPORTING_POLICY, zipOf, zipOfFunctions } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { openMailbox } from "./mailbox.ts";
import { startPenstock } from "./server.ts";

process.env["OF_THE_CALLER"] = "must not be seen by a function";
const server = await startPenstock();
afterAll(server.stop);
const root = javascript(server);
await layGround(root, await zipOf({ "readme.txt": "hello\n" }));
const Role = await createRole(root, "of-functions", "lambda.amazonaws.com", REPORTING_POLICY);
const NODE = await zipOfFunctions("echo.mjs");
const PYTHON = await zipOfFunctions("echo.py");
await root.s3.putObject({ Bucket: BUCKET, Key: "code/echo.zip", Body: PYTHON });

describe.each([javascript(server), boto3(server)])("Lambda by $name", ({ name, lambda }) => {
  const prefix = name.replaceAll(" ", "-");
  const invoke = async (FunctionName: string, event: object, more: object = {}) => {
    const answer = await lambda.invoke({ FunctionName, Payload: Buffer.from(JSON.stringify(event)), ...more });
    return { ...answer, text: (await textOf(answer.Payload)) ?? "" };
  };

  test("a function from a zip is created, called, changed and deleted", async () => {
    const FunctionName = `${prefix}-from-a-zip`;
    const created = await lambda.createFunction({
      FunctionName,
      Runtime: "nodejs22.x",
      Role,
      Handler: "echo.handler",
      Code: { ZipFile: NODE },
      Environment: { Variables: { COLOUR: "blue" } },
    });
    expect(created).toMatchObject({
      FunctionArn: `arn:aws:lambda:us-east-1:${server.account}:function:${FunctionName}`,
      CodeSize: NODE.length,
      MemorySize: 128,
      Timeout: 3,
    });
    const called = await invoke(FunctionName, { greeting: "é" });
    expect(called.StatusCode).toBe(200);
    expect(JSON.parse(called.text)).toMatchObject({ event: { greeting: "é" }, environment: { COLOUR: "blue" } });

    await lambda.updateFunctionConfiguration({
      FunctionName,
      Timeout: 7,
      Environment: { Variables: { COLOUR: "red" } },
    });
    expect(JSON.parse((await invoke(FunctionName, {})).text)).toMatchObject({ environment: { COLOUR: "red" } });
    const other = await zipOf({ "echo.mjs": "export const handler = async () => 'other code';\n" });
    const updated = await lambda.updateFunctionCode({ FunctionName, ZipFile: other });
    expect(updated.CodeSha256).not.toBe(created.CodeSha256);
    expect((await invoke(FunctionName, {})).text).toBe('"other code"');
    expect((await lambda.getFunction({ FunctionName })).Configuration).toMatchObject({
      Timeout: 7,
      CodeSha256: updated.CodeSha256,
    });

    await lambda.deleteFunction({ FunctionName });
    await expect(lambda.getFunction({ FunctionName })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: `Function not found: ${created.FunctionArn}`,
    });
  });

  test("a function from a place in S3 runs, and its error is an answer", async () => {
    const FunctionName = `${prefix}-from-s3`;
    const Code = { S3Bucket: BUCKET, S3Key: "code/echo.zip" };
    await lambda.createFunction({
      FunctionName,
      Runtime: "python3.12",
      Role,
      Handler: "echo.handler",
      Code,
      Timeout: 20,
    });
    const raised = await invoke(FunctionName, { raise: "not today" }, { LogType: "Tail" });
    expect(raised).toMatchObject({ StatusCode: 200, FunctionError: "Unhandled" });
    expect(JSON.parse(raised.text)).toMatchObject({ errorType: "ValueError", errorMessage: "not today" });
    const log = Buffer.from(raised.LogResult ?? "", "base64").toString();
    expect(log).toMatch(/START RequestId: (\S+) [\s\S]*hello from the function[\s\S]*END RequestId: \1/);
  });

  test("a function finds its own role's credentials, the way home, and nothing of who started the server", async () => {
    const FunctionName = `${prefix}-environment`;
    await lambda.createFunction({
      FunctionName,
      Runtime: "nodejs22.x",
      Role,
      Handler: "echo.handler",
      Code: { ZipFile: NODE },
    });
    const { environment, requestId } = JSON.parse((await invoke(FunctionName, {})).text);
    expect(requestId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(environment).toMatchObject({
      AWS_ENDPOINT_URL: server.url,
      AWS_REGION: "us-east-1",
      AWS_LAMBDA_FUNCTION_NAME: FunctionName,
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^ASIA/),
    });
    expect(environment).not.toHaveProperty("OF_THE_CALLER");
    const {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    } = environment;
    const { sts } = javascript(server, { credentials: { accessKeyId, secretAccessKey, sessionToken } });
    const { Arn: arn } = await sts.getCallerIdentity({});
    expect(arn).toBe(`arn:aws:sts::${server.account}:assumed-role/of-functions/${FunctionName}`);
  });

  test("what cannot be is refused: a zip that is none, a role that Lambda may not assume, a runtime that is none", async () => {
    const declared = {
      FunctionName: `${prefix}-refused`,
      Runtime: "nodejs22.x",
      Role,
      Handler: "echo.handler",
    } as const;
    const garbage = { ZipFile: Buffer.from(NODE).fill(0, 0, 30) };
    const invalid = { name: "InvalidParameterValueException" };
    await expect(lambda.createFunction({ ...declared, Code: garbage })).rejects.toMatchObject(invalid);
    const pipelineRole = Role.replace("of-functions", "pipeline");
    await expect(
      lambda.createFunction({ ...declared, Role: pipelineRole, Code: { ZipFile: NODE } }),
    ).rejects.toMatchObject({
      ...invalid,
      message: "The role defined for the function cannot be assumed by Lambda.",
    });
    const runtime = { Runtime: "cobol85" as "nodejs22.x" }; // wrong on purpose
    await expect(lambda.createFunction({ ...declared, ...runtime, Code: { ZipFile: NODE } })).rejects.toMatchObject({
      message: expect.stringContaining("'runtime' failed to satisfy constraint: Member must satisfy enum value set: ["),
    });
    await expect(lambda.getFunction({ FunctionName: declared.FunctionName })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });
});

test("the AWS CLI creates a function, calls it and deletes it", async () => {
  const { lambda } = awsCli(server);
  const FunctionName = "by-the-cli";
  await lambda.createFunction({
    FunctionName,
    Runtime: "nodejs22.x",
    Role,
    Handler: "echo.handler",
    Code: { ZipFile: NODE },
  });
  const called = await lambda.invoke({ FunctionName, Payload: Buffer.from('{"greeting":"é"}') });
  expect(called.StatusCode).toBe(200);
  expect(JSON.parse((await textOf(called.Payload)) ?? "")).toMatchObject({ event: { greeting: "é" } });
  const raised = await lambda.invoke({ FunctionName, Payload: Buffer.from('{"raise":"not today"}') });
  expect(raised.FunctionError).toBe("Unhandled");
  await lambda.deleteFunction({ FunctionName });
  await expect(lambda.getFunction({ FunctionName })).rejects.toMatchObject({ name: "ResourceNotFoundException" });
});

test("an asynchronous call is answered at once, and made; one that raises is made twice more with the same event", async () => {
  const mailbox = await openMailbox(root, server);
  const call = async (event: object) => {
    const Payload = JSON.stringify(event);
    return (await root.lambda.invoke({ FunctionName: "pass-on", InvocationType: "Event", Payload })).StatusCode;
  };
  expect(await call({ raise: "again" })).toBe(202);
  const events = [await mailbox.nextEvent(), await mailbox.nextEvent(), await mailbox.nextEvent()];
  expect(events).toEqual([{ raise: "again" }, { raise: "again" }, { raise: "again" }]);
  expect(await call({ greeting: "é" })).toBe(202);
  expect(await mailbox.nextEvent()).toEqual({ greeting: "é" });
});

/** The SDK answers a payload as bytes, the other clients as a stream. */
async function textOf(payload: unknown): Promise<string | undefined> {
  if (typeof payload !== "object" || payload === null || !("transformToString" in payload)) return undefined;
  return await (payload as { transformToString(): Promise<string> | string }).transformToString(); // as was just seen
}
