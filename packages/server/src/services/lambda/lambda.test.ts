import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { operations } from "./operations.ts";
import { account, greetArn, openScriptedLambda, roleArn, type ScriptedLambda } from "./scripted-lambda.ts";
import type { Operations } from "./shapes.generated.ts";

let lambda: ScriptedLambda;
beforeEach(() => {
  lambda = openScriptedLambda();
});
afterEach(() => lambda.close());

const create = async () => lambda.run("CreateFunction", await lambda.creation());
const refused = (code: string, message: string, status: number) =>
  expect.objectContaining({ code, message, status, detail: { Type: "User" } });
const notFound = (of: string) => refused("ResourceNotFoundException", `Function not found: ${of}`, 404);

test("a created function is shown as Lambda shows it, active and up to date at once", async () => {
  const created = await create();
  expect(created).toEqual({
    FunctionName: "greet",
    FunctionArn: greetArn,
    Runtime: "python3.12",
    Role: roleArn,
    Handler: "app.handler",
    CodeSize: expect.any(Number),
    Description: "",
    Timeout: 3,
    MemorySize: 128,
    LastModified: "2026-11-24T10:00:00.000+0000",
    CodeSha256: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
    Version: "$LATEST",
    TracingConfig: { Mode: "PassThrough" },
    RevisionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    State: "Active",
    LastUpdateStatus: "Successful",
    PackageType: "Zip",
    Architectures: ["x86_64"],
    EphemeralStorage: { Size: 512 },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    RuntimeVersionConfig: {
      RuntimeVersionArn: expect.stringMatching(/^arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}$/),
    },
    LoggingConfig: { LogFormat: "Text", LogGroup: "/aws/lambda/greet" },
  });
  expect(await lambda.run("GetFunction", { FunctionName: greetArn })).toEqual({
    Configuration: created,
    Code: { RepositoryType: "S3" },
  });
  const latest = await lambda.run("GetFunctionConfiguration", { FunctionName: "greet", Qualifier: "$LATEST" });
  expect(latest).toEqual({ ...created, FunctionArn: `${greetArn}:$LATEST` });
});

describe("CreateFunction refuses", () => {
  test("a name that is taken", async () => {
    await create();
    await expect(create()).rejects.toEqual(refused("ResourceConflictException", "Function already exist: greet", 409));
  });

  type Input = Operations["CreateFunction"]["input"];
  test.each<[what: string, spoil: (input: Input) => Input, message: string]>([
    [
      "a role that Lambda cannot assume",
      (input) => ({ ...input, Role: `${roleArn}-other` }),
      "The role defined for the function cannot be assumed by Lambda.",
    ],
    [
      "a function without handler",
      ({ Handler: _, ...input }) => input,
      "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
    ],
    ["a function without code", (input) => ({ ...input, Code: {} }), "Please provide a source for function code."],
    [
      "code that is no zip",
      (input) => ({ ...input, Code: { ZipFile: Buffer.from("no zip") } }),
      "Could not unzip uploaded file. Please check your file, then try to upload again.",
    ],
    [
      "code that S3 does not have",
      (input) => ({ ...input, Code: { S3Bucket: "b", S3Key: "k" } }),
      "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.",
    ],
    [
      "a layer that was never published",
      (input) => ({ ...input, Layers: [`arn:aws:lambda:us-east-1:${account}:layer:none:1`] }),
      `Layer version arn:aws:lambda:us-east-1:${account}:layer:none:1 does not exist.`,
    ],
    [
      "a timeout beyond 15 minutes",
      (input) => ({ ...input, Timeout: 901 }),
      "'Timeout' value failed to satisfy constraint: Member must have value less than or equal to 900",
    ],
    [
      "a name with a version",
      (input) => ({ ...input, FunctionName: "greet:1" }),
      "greet:1 is not a name for a new function.",
    ],
  ])("%s", async (_, spoil, message) => {
    const refusal = refused("InvalidParameterValueException", message, 400);
    await expect(lambda.run("CreateFunction", spoil(await lambda.creation()))).rejects.toEqual(refusal);
    expect((await lambda.run("ListFunctions", {})).Functions).toEqual([]);
  });
});

test("what is not there is refused with the ARN that was asked for", async () => {
  await create();
  await expect(lambda.run("GetFunction", { FunctionName: "none" })).rejects.toEqual(
    notFound(greetArn.replace("greet", "none")),
  );
  await expect(lambda.run("GetFunction", { FunctionName: "greet", Qualifier: "7" })).rejects.toEqual(
    notFound(`${greetArn}:7`),
  );
  await expect(lambda.run("Invoke", { FunctionName: "greet:live" })).rejects.toEqual(notFound(`${greetArn}:live`));
  await expect(lambda.run("DeleteFunction", { FunctionName: "none" })).rejects.toEqual(
    notFound(greetArn.replace("greet", "none")),
  );
  await expect(lambda.run("GetFunction", { FunctionName: greetArn.replace("us-east-1", "eu-west-1") })).rejects.toEqual(
    refused(
      "ResourceNotFoundException",
      "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
      404,
    ),
  );
  await expect(lambda.run("GetFunction", { FunctionName: "greet:1", Qualifier: "2" })).rejects.toEqual(
    refused(
      "InvalidParameterValueException",
      "The derived qualifier from the function name does not match the specified qualifier.",
      400,
    ),
  );
});

test("updates change what is given, retire what ran before, and refuse a stale revision", async () => {
  const created = await create();
  const stale = created.RevisionId ?? "";
  const settings = { Timeout: 20, Environment: { Variables: { A: "1" } }, VpcConfig: {}, KMSKeyArn: "arn:aws:kms:x" };
  const updated = await lambda.run("UpdateFunctionConfiguration", {
    FunctionName: "greet",
    RevisionId: stale,
    ...settings,
  });
  expect(updated).toMatchObject({ Timeout: 20, Handler: "app.handler", Environment: { Variables: { A: "1" } } });
  const recoded = await lambda.run("UpdateFunctionCode", {
    FunctionName: greetArn,
    ZipFile: await lambda.zip("x = 2"),
  });
  expect(recoded).toMatchObject({ Timeout: 20, LastUpdateStatus: "Successful" });
  expect(recoded.CodeSha256).not.toBe(created.CodeSha256);
  expect(lambda.retired).toEqual([greetArn, greetArn]);

  const mismatch = expect.objectContaining({ code: "PreconditionFailedException", status: 412 });
  const again = { FunctionName: "greet", RevisionId: stale };
  await expect(lambda.run("UpdateFunctionConfiguration", { ...again, Timeout: 5 })).rejects.toEqual(mismatch);
  await expect(lambda.run("UpdateFunctionCode", { ...again, ZipFile: await lambda.zip("x = 3") })).rejects.toEqual(
    mismatch,
  );
  await expect(
    lambda.run("UpdateFunctionConfiguration", { FunctionName: "greet", Role: `${roleArn}2` }),
  ).rejects.toEqual(
    refused("InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.", 400),
  );
  const dry = await lambda.run("UpdateFunctionCode", {
    FunctionName: "greet",
    ZipFile: await lambda.zip("x = 4"),
    DryRun: true,
  });
  expect(dry).toEqual({ ...recoded, CodeSha256: expect.any(String), CodeSize: expect.any(Number) });
  expect(dry.CodeSha256).not.toBe(recoded.CodeSha256);
  const spoilt = { FunctionName: "greet", ZipFile: Buffer.from("no zip"), DryRun: true };
  await expect(lambda.run("UpdateFunctionCode", spoilt)).rejects.toMatchObject({
    message: "Could not unzip uploaded file. Please check your file, then try to upload again.",
  });
  expect(await lambda.run("GetFunctionConfiguration", { FunctionName: "greet" })).toEqual(recoded);
  const emptied = await lambda.run("UpdateFunctionConfiguration", { FunctionName: "greet", Environment: {} });
  expect(emptied.Environment).toBeUndefined();
});

test("a deleted function is gone, its versions too", async () => {
  await create();
  await lambda.run("PublishVersion", { FunctionName: "greet" });
  await expect(lambda.run("DeleteFunction", { FunctionName: "greet", Qualifier: "$LATEST" })).rejects.toMatchObject({
    code: "InvalidParameterValueException",
  });
  expect(await lambda.run("DeleteFunction", { FunctionName: "greet" })).toEqual({ StatusCode: 204 });
  await expect(lambda.run("GetFunction", { FunctionName: "greet:1" })).rejects.toEqual(notFound(`${greetArn}:1`));
  expect(lambda.retired).toEqual([greetArn, `${greetArn}:1`]);
});

test("lists are paged with markers that only the server reads", async () => {
  for (const name of ["c", "a", "b"])
    await lambda.run("CreateFunction", { ...(await lambda.creation()), FunctionName: name });
  const first = await lambda.run("ListFunctions", { MaxItems: 2 });
  expect(first.Functions?.map((each) => each.FunctionArn)).toEqual(
    ["a", "b"].map((name) => greetArn.replace("greet", name)),
  );
  const second = await lambda.run("ListFunctions", { MaxItems: 2, Marker: first.NextMarker ?? "" });
  expect([second.Functions?.map((each) => each.FunctionName), second.NextMarker]).toEqual([["c"], undefined]);
  await expect(lambda.run("ListFunctions", { Marker: "b!" })).rejects.toMatchObject({
    code: "InvalidParameterValueException",
  });
});

test("versions are published once for each change, and only of the code that the caller means", async () => {
  const { CodeSha256 = "" } = await create();
  const first = await lambda.run("PublishVersion", { FunctionName: "greet", CodeSha256, Description: "one" });
  expect(first).toMatchObject({ Version: "1", FunctionArn: `${greetArn}:1`, Description: "one" });
  expect(await lambda.run("PublishVersion", { FunctionName: "greet" })).toEqual(first);
  await expect(lambda.run("PublishVersion", { FunctionName: "greet", CodeSha256: "other" })).rejects.toMatchObject({
    code: "InvalidParameterValueException",
  });
  const published = await lambda.run("UpdateFunctionCode", {
    FunctionName: "greet",
    ZipFile: await lambda.zip("x = 2"),
    Publish: true,
  });
  expect(published.Version).toBe("2");
  const page = await lambda.run("ListVersionsByFunction", { FunctionName: "greet", MaxItems: 2 });
  expect(page.Versions?.map((each) => each.FunctionArn)).toEqual([`${greetArn}:$LATEST`, `${greetArn}:1`]);
  const rest = await lambda.run("ListVersionsByFunction", { FunctionName: "greet", Marker: page.NextMarker ?? "" });
  expect(rest.Versions?.map((each) => each.Version)).toEqual(["2"]);
});

test("each operation asks for the right to what it touches", async () => {
  expect(await lambda.access("CreateFunction", await lambda.creation())).toEqual([
    `lambda:CreateFunction ${greetArn}`,
    `iam:PassRole ${roleArn}`,
  ]);
  expect(await lambda.access("Invoke", { FunctionName: "greet" })).toEqual([`lambda:InvokeFunction ${greetArn}`]);
  expect(await lambda.access("Invoke", { FunctionName: "greet", Qualifier: "1" })).toEqual([
    `lambda:InvokeFunction ${greetArn}:1`,
  ]);
  expect(await lambda.access("Invoke", { FunctionName: `${greetArn}:1` })).toEqual([
    `lambda:InvokeFunction ${greetArn}:1`,
  ]);
  expect(await lambda.access("UpdateFunctionConfiguration", { FunctionName: "greet" })).toEqual([
    `lambda:UpdateFunctionConfiguration ${greetArn}`,
  ]);
  expect(await lambda.access("UpdateFunctionConfiguration", { FunctionName: "greet", Role: roleArn })).toContain(
    `iam:PassRole ${roleArn}`,
  );
  const inS3 = { S3Bucket: "b", S3Key: "k.zip" };
  expect(await lambda.access("CreateFunction", { ...(await lambda.creation()), Code: inS3 })).toContain(
    "s3:GetObject arn:aws:s3:::b/k.zip",
  );
  expect(await lambda.access("UpdateFunctionCode", { FunctionName: "greet", ...inS3, S3ObjectVersion: "v" })).toEqual([
    `lambda:UpdateFunctionCode ${greetArn}`,
    "s3:GetObjectVersion arn:aws:s3:::b/k.zip",
  ]);
  expect(await lambda.access("ListFunctions", {})).toEqual(["lambda:ListFunctions *"]);
});

test("every operation stands under its own name", () => {
  for (const [name, { name: own }] of Object.entries(operations)) expect(own).toBe(name);
});
