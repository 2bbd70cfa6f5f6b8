import {
  AddPermissionCommand,
  type AddPermissionCommandInput,
  CreateAliasCommand,
  DeleteAliasCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  InvokeCommand,
  type LambdaClient,
  RemovePermissionCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ACCOUNT, type LambdaServer, startLambda } from "./testing/lambda-server.ts";

let lambda: LambdaServer;
let stranger: LambdaClient;
const arn = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:guarded`;
const strangerArn = `arn:aws:iam::${ACCOUNT}:role/stranger`;
const FunctionName = "guarded";

beforeAll(async () => {
  lambda = await startLambda();
  await lambda.create(FunctionName, "let n = 0; export const handler = async () => ++n;", { Publish: true });
  await lambda.client.send(new CreateAliasCommand({ FunctionName, Name: "live", FunctionVersion: "1" }));
  await lambda.role("stranger", []);
  stranger = await lambda.clientOf(strangerArn);
});
afterAll(async () => {
  stranger.destroy();
  await lambda.stop();
});

const add = (more: Partial<AddPermissionCommandInput>) =>
  lambda.client.send(
    new AddPermissionCommand({
      FunctionName,
      StatementId: "one",
      Action: "lambda:InvokeFunction",
      Principal: strangerArn,
      ...more,
    }),
  );
const remove = (StatementId: string, more: object = {}) =>
  lambda.client.send(new RemovePermissionCommand({ FunctionName, StatementId, ...more }));
const calls = (reference = FunctionName) => stranger.send(new InvokeCommand({ FunctionName: reference }));
const denied = { name: "AccessDeniedException" };

test("a role without a right of its own may call what a function's policy lets it call, and only until it is gone", async () => {
  await expect(calls()).rejects.toMatchObject(denied);
  await add({});
  expect(await calls()).toMatchObject({ StatusCode: 200 });
  await expect(calls("guarded:live")).rejects.toMatchObject(denied); // of the function alone, not of its aliases
  await expect(
    stranger.send(new GetFunctionConfigurationCommand({ FunctionName })), // another action
  ).rejects.toMatchObject(denied);
  await remove("one");
  await expect(calls()).rejects.toMatchObject(denied);
});

test("an alias has a policy of its own, which goes with it", async () => {
  await add({ Qualifier: "live" });
  expect(await calls("guarded:live")).toMatchObject({ StatusCode: 200 });
  await expect(calls()).rejects.toMatchObject(denied);
  await lambda.client.send(new DeleteAliasCommand({ FunctionName, Name: "live" }));
  await lambda.client.send(new CreateAliasCommand({ FunctionName, Name: "live", FunctionVersion: "1" }));
  await expect(calls("guarded:live")).rejects.toMatchObject(denied);
});

test("statements are written as Lambda writes them", async () => {
  const { Statement } = await add({
    StatementId: "events",
    Principal: "events.amazonaws.com",
    SourceArn: "arn:aws:events:us-east-1:000000000000:rule/r",
    SourceAccount: ACCOUNT,
    EventSourceToken: "token",
  });
  const statement = {
    Sid: "events",
    Effect: "Allow",
    Principal: { Service: "events.amazonaws.com" },
    Action: "lambda:InvokeFunction",
    Resource: arn,
    Condition: {
      StringEquals: { "AWS:SourceAccount": ACCOUNT, "lambda:EventSourceToken": "token" },
      ArnLike: { "AWS:SourceArn": "arn:aws:events:us-east-1:000000000000:rule/r" },
    },
  };
  expect(JSON.parse(Statement ?? "")).toEqual(statement);
  const shown = await lambda.client.send(new GetPolicyCommand({ FunctionName }));
  expect(JSON.parse(shown.Policy ?? "")).toEqual({ Version: "2012-10-17", Id: "default", Statement: [statement] });
  const { RevisionId } = await lambda.client.send(new GetFunctionConfigurationCommand({ FunctionName }));
  expect(shown.RevisionId).toBe(RevisionId);
  const principalOf = async (Principal: string) => {
    const { Statement: text = "" } = await add({ StatementId: "p", Principal });
    await remove("p");
    return (JSON.parse(text) as { Principal: unknown }).Principal;
  };
  expect(await principalOf("111122223333")).toEqual({ AWS: "arn:aws:iam::111122223333:root" });
  expect(await principalOf("*")).toBe("*");
  await remove("events");
});

test("a change of the policy is a revision of the function, and its processes live on", async () => {
  const before = (await lambda.call(FunctionName)).value;
  const { RevisionId: stale } = await lambda.client.send(new GetFunctionConfigurationCommand({ FunctionName }));
  await add({ StatementId: "first", RevisionId: stale });
  const refused = { name: "PreconditionFailedException", $metadata: { httpStatusCode: 412 } };
  await expect(add({ StatementId: "second", RevisionId: stale })).rejects.toMatchObject(refused);
  await expect(remove("first", { RevisionId: stale })).rejects.toMatchObject(refused);
  expect((await lambda.call(FunctionName)).value).toBe(Number(before) + 1);
  await remove("first");
});

test.each<[what: string, input: Partial<AddPermissionCommandInput>, name: string, message: string]>([
  [
    "a statement id that is taken",
    { StatementId: "taken" },
    "ResourceConflictException",
    "The statement id (taken) provided already exists. Please provide a new statement id, or remove the existing statement.",
  ],
  [
    "$LATEST",
    { Qualifier: "$LATEST" },
    "InvalidParameterValueException",
    "We currently do not support adding policies for $LATEST.",
  ],
  [
    "what is no principal",
    { Principal: "nobody" },
    "InvalidParameterValueException",
    "The provided principal was invalid. Please check the principal and try again.",
  ],
  ["an alias that is not there", { Qualifier: "none" }, "ResourceNotFoundException", `Function not found: ${arn}:none`],
])("AddPermission refuses %s", async (_, input, name, message) => {
  await add({ StatementId: "taken" });
  await expect(add(input)).rejects.toMatchObject({ name, message });
  await remove("taken");
});

test("what is not there cannot be shown or removed", async () => {
  const notFound = "ResourceNotFoundException";
  await expect(lambda.client.send(new GetPolicyCommand({ FunctionName }))).rejects.toMatchObject({
    name: notFound,
    message: "The resource you requested does not exist.",
  });
  await expect(remove("one")).rejects.toMatchObject({
    name: notFound,
    message: "No policy is associated with the given resource.",
  });
  await add({});
  await expect(remove("other")).rejects.toMatchObject({
    name: notFound,
    message: "Statement other is not found in resource policy.",
  });
  await remove("one");
});
