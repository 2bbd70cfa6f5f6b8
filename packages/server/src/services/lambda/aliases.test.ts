import {
  CreateAliasCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  ListAliasesCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { greetArn, openScriptedLambda } from "./scripted-lambda.ts";
import { ACCOUNT, type LambdaServer, startLambda, zipOf } from "./testing/lambda-server.ts";

let lambda: LambdaServer;
const arn = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:versioned`;
const says = (word: string) =>
  `export const handler = async (event, context) => ({ word: "${word}", arn: context.invokedFunctionArn, version: context.functionVersion });`;

beforeAll(async () => {
  lambda = await startLambda();
  await lambda.create("versioned", says("one"), { Publish: true });
  await recode("two");
  await lambda.client.send(new PublishVersionCommand({ FunctionName: "versioned" }));
  await recode("latest");
  await makeAlias("live", "1");
});
afterAll(() => lambda.stop());

async function recode(word: string) {
  const ZipFile = await zipOf(lambda.dir, { "index.mjs": says(word) });
  return lambda.client.send(new UpdateFunctionCodeCommand({ FunctionName: "versioned", ZipFile }));
}

const makeAlias = (Name: string, FunctionVersion: string, more: object = {}) =>
  lambda.client.send(new CreateAliasCommand({ FunctionName: "versioned", Name, FunctionVersion, ...more }));

test.each([
  ["versioned", "latest", "$LATEST", ""],
  ["versioned:$LATEST", "latest", "$LATEST", ":$LATEST"],
  ["versioned:1", "one", "1", ":1"],
  ["versioned:live", "one", "1", ":live"],
  [`${ACCOUNT}:function:versioned:2`, "two", "2", ":2"],
  [`function:versioned`, "latest", "$LATEST", ""],
  [`${ACCOUNT}:versioned:live`, "one", "1", ":live"],
  [arn, "latest", "$LATEST", ""],
  [`${arn}:live`, "one", "1", ":live"],
  [`${arn}:2`, "two", "2", ":2"],
])("%s calls %s", async (reference, word, version, qualifier) => {
  const called = await lambda.call(reference);
  expect(called).toEqual({ value: { word, version, arn: `${arn}${qualifier}` }, version, error: undefined });
});

test("a qualifier beside the name means the same, and has to agree with the name's", async () => {
  expect(await lambda.call("versioned", { Qualifier: "live" })).toMatchObject({ version: "1" });
  expect(await lambda.call("versioned:live", { Qualifier: "live" })).toMatchObject({ version: "1" });
  await expect(lambda.call("versioned:live", { Qualifier: "1" })).rejects.toMatchObject({
    message: "The derived qualifier from the function name does not match the specified qualifier.",
  });
  await expect(lambda.call("versioned:none")).rejects.toMatchObject({
    name: "ResourceNotFoundException",
    message: `Function not found: ${arn}:none`,
  });
});

test("an alias is shown, moved, listed and deleted", async () => {
  const made = await makeAlias("walk", "1", { Description: "on the move" });
  const { $metadata: metadata, ...shown } = made;
  expect(metadata.httpStatusCode).toBe(201);
  expect(shown).toEqual({
    AliasArn: `${arn}:walk`,
    Name: "walk",
    FunctionVersion: "1",
    Description: "on the move",
    RevisionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  const named = { FunctionName: "versioned", Name: "walk" };
  const moved = await lambda.client.send(new UpdateAliasCommand({ ...named, FunctionVersion: "2" }));
  expect(moved).toMatchObject({ FunctionVersion: "2", Description: "on the move" });
  expect(await lambda.call("versioned:walk")).toMatchObject({ version: "2" });
  const stale = { ...named, RevisionId: made.RevisionId };
  await expect(lambda.client.send(new UpdateAliasCommand({ ...stale, FunctionVersion: "1" }))).rejects.toMatchObject({
    name: "PreconditionFailedException",
  });
  const shownByVersion = await lambda.client.send(
    new GetFunctionConfigurationCommand({ FunctionName: "versioned", Qualifier: "walk" }),
  );
  expect(shownByVersion).toMatchObject({ FunctionArn: `${arn}:walk`, Version: "2" });

  const list = (more: object) => lambda.client.send(new ListAliasesCommand({ FunctionName: "versioned", ...more }));
  const first = await list({ MaxItems: 1 });
  expect(first.Aliases?.map(({ Name }) => Name)).toEqual(["live"]);
  const second = await list({ MaxItems: 1, Marker: first.NextMarker });
  expect([second.Aliases?.map(({ Name }) => Name), second.NextMarker]).toEqual([["walk"], undefined]);
  expect((await list({ FunctionVersion: "2" })).Aliases?.map(({ Name }) => Name)).toEqual(["walk"]);

  const deleted = await lambda.client.send(new DeleteAliasCommand(named));
  expect(deleted.$metadata.httpStatusCode).toBe(204);
  await lambda.client.send(new DeleteAliasCommand(named)); // twice is no error
  await expect(lambda.client.send(new GetAliasCommand(named))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
    message: `Cannot find alias arn: ${arn}:walk`,
  });
});

test.each<[what: string, input: object, name: string, message: string]>([
  ["a name that is taken", { Name: "live" }, "ResourceConflictException", `Alias already exists: ${arn}:live`],
  [
    "a version that is not there",
    { FunctionVersion: "9" },
    "ResourceNotFoundException",
    `Function not found: ${arn}:9`,
  ],
  [
    "a function that is not there",
    { FunctionName: "none" },
    "ResourceNotFoundException",
    `Function not found: ${arn.replace("versioned", "none")}`,
  ],
  [
    "two weights",
    { RoutingConfig: { AdditionalVersionWeights: { 1: 0.1, 2: 0.1 } } },
    "InvalidParameterValueException",
    "Number of items in AdditionalVersionWeights cannot be greater than 1",
  ],
  [
    "a weight of its own version",
    { RoutingConfig: { AdditionalVersionWeights: { 1: 0.1 } } },
    "InvalidParameterValueException",
    "Invalid function version 1. Function version 1 is already included in routing configuration.",
  ],
  [
    "a weight beside $LATEST",
    { FunctionVersion: "$LATEST", RoutingConfig: { AdditionalVersionWeights: { 2: 0.1 } } },
    "InvalidParameterValueException",
    "$LATEST is not supported for an alias pointing to more than 1 version",
  ],
  [
    "an alias of an alias",
    { FunctionName: "versioned:live" },
    "InvalidParameterValueException",
    "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.",
  ],
])("CreateAlias refuses %s", async (_, input, name, message) => {
  const refused = makeAlias("fresh", "1", input);
  await expect(refused).rejects.toMatchObject({ name, message });
});

test("calls of an alias with weights are divided, and after the weights are gone they are not", async () => {
  await makeAlias("both", "1", { RoutingConfig: { AdditionalVersionWeights: { 2: 0.5 } } });
  const count = async () => {
    const called = await Promise.all(Array.from({ length: 60 }, () => lambda.call("versioned:both")));
    expect(called.every(({ value, version }) => (value as { version: string }).version === version)).toBe(true);
    return called.filter(({ version }) => version === "2").length;
  };
  const counted = await count();
  // All 60 on one side would happen once in 10^18 runs.
  expect(counted).toBeGreaterThan(0);
  expect(counted).toBeLessThan(60);
  const update = { FunctionName: "versioned", Name: "both", RoutingConfig: {} };
  expect(await lambda.client.send(new UpdateAliasCommand(update))).not.toHaveProperty("RoutingConfig");
  expect(await count()).toBe(0);
});

test("a weight is the share of calls that go to the second version", async () => {
  const scripted = openScriptedLambda();
  try {
    await scripted.run("CreateFunction", { ...(await scripted.creation()), Publish: true });
    await scripted.run("UpdateFunctionCode", { FunctionName: "greet", ZipFile: await scripted.zip("x = 2") });
    await scripted.run("PublishVersion", { FunctionName: "greet" });
    const RoutingConfig = { AdditionalVersionWeights: { 2: 0.3 } };
    const named = { FunctionName: "greet", Name: "live" };
    expect(await scripted.run("CreateAlias", { ...named, FunctionVersion: "1", RoutingConfig })).toMatchObject({
      RoutingConfig,
    });
    const versions: (string | undefined)[] = [];
    for (const draw of [0, 0.299, 0.3, 0.999]) {
      scripted.draw = draw;
      versions.push((await scripted.run("Invoke", { FunctionName: "greet:live" })).ExecutedVersion);
    }
    expect(versions).toEqual(["2", "2", "1", "1"]);
    scripted.draw = 0;
    const shown = await scripted.run("GetFunctionConfiguration", { FunctionName: "greet:live" });
    expect(shown).toMatchObject({ Version: "1", FunctionArn: `${greetArn}:live` });
  } finally {
    await scripted.close();
  }
});

test("only $LATEST changes: a version or an alias in the name of an update is refused", async () => {
  const onlyLatest = {
    name: "InvalidParameterValueException",
    message:
      "Current operation does not support versions other than $LATEST. Please set the version to $LATEST or do not set a version in your request.",
  };
  const ZipFile = await zipOf(lambda.dir, { "index.mjs": says("never") });
  for (const FunctionName of ["versioned:1", `${arn}:live`]) {
    await expect(lambda.client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }))).rejects.toMatchObject(
      onlyLatest,
    );
    const change = new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 5 });
    await expect(lambda.client.send(change)).rejects.toMatchObject(onlyLatest);
    await expect(lambda.client.send(new PublishVersionCommand({ FunctionName }))).rejects.toMatchObject(onlyLatest);
  }
  const updated = await lambda.client.send(
    new UpdateFunctionConfigurationCommand({ FunctionName: "versioned:$LATEST", Timeout: 20 }),
  );
  expect(updated).toMatchObject({ Timeout: 20, LastUpdateStatus: "Successful", FunctionArn: arn });
});

test("a version that an alias names cannot be deleted, an alias not by DeleteFunction, and all goes with the function", async () => {
  await lambda.create("doomed", says("x"), { Publish: true });
  const doomed = { FunctionName: "doomed" };
  await lambda.client.send(new CreateAliasCommand({ ...doomed, Name: "live", FunctionVersion: "1" }));
  const remove = (more: object) => lambda.client.send(new DeleteFunctionCommand({ ...doomed, ...more }));
  await expect(remove({ Qualifier: "1" })).rejects.toMatchObject({
    name: "ResourceConflictException",
    message: "Unable to delete version because the following aliases reference it: [live]",
  });
  await expect(remove({ Qualifier: "live" })).rejects.toMatchObject({
    name: "InvalidParameterValueException",
    message: "Deletion of aliases is not currently supported.",
  });
  await remove({});
  await lambda.create("doomed", says("x"), { Publish: true });
  await expect(lambda.client.send(new GetAliasCommand({ ...doomed, Name: "live" }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
  await expect(lambda.client.send(new GetPolicyCommand(doomed))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
});
