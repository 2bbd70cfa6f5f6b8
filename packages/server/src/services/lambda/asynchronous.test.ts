import { writeFileSync } from "node:fs";
import {
  DeleteFunctionConcurrencyCommand,
  DeleteFunctionEventInvokeConfigCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionEventInvokeConfigCommand,
  InvokeCommand,
  ListFunctionEventInvokeConfigsCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  type PutFunctionEventInvokeConfigCommandInput,
  UpdateFunctionEventInvokeConfigCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ACCOUNT, type LambdaServer, startLambda } from "./testing/lambda-server.ts";

let lambda: LambdaServer;
beforeAll(async () => {
  lambda = await startLambda();
});
afterAll(() => lambda.stop());

const arnOf = (name: string) => `arn:aws:lambda:us-east-1:${ACCOUNT}:function:${name}`;
const event = (FunctionName: string, payload: unknown = {}) =>
  lambda.client.send(new InvokeCommand({ FunctionName, InvocationType: "Event", Payload: JSON.stringify(payload) }));
const configure = (input: PutFunctionEventInvokeConfigCommandInput) =>
  lambda.client.send(new PutFunctionEventInvokeConfigCommand(input));

/** Lets the event loop turn until a file has so many lines. */
async function untilLines(file: string, count: number): Promise<readonly string[]> {
  while (lambda.lines(file).length < count) await new Promise((resolve) => setImmediate(resolve));
  return lambda.lines(file);
}

/** Writes down what it is called with, and fails. */
const fails = `import { appendFileSync } from "node:fs";
export const handler = async (event, context) => {
  appendFileSync(process.env.DIR + "/" + context.functionName, JSON.stringify(event) + "\\n");
  throw new TypeError("no");
};`;
const keeps = `import { appendFileSync } from "node:fs";
export const handler = async (event, context) => {
  appendFileSync(process.env.DIR + "/" + context.functionName, JSON.stringify(event) + "\\n");
  return { kept: event };
};`;

describe("retries and destinations", () => {
  test.each([0, 1, 2])(
    "a failing call with %i retries is tried that often, and its record goes out once",
    async (retries) => {
      const failing = `failing-${retries}`;
      const told = `told-${retries}`;
      await lambda.create(failing, fails);
      await lambda.create(told, keeps);
      const OnFailure = { Destination: arnOf(told) };
      await configure({ FunctionName: failing, MaximumRetryAttempts: retries, DestinationConfig: { OnFailure } });
      const { $metadata: asked } = await event(failing, { order: 7 });
      const [line = ""] = await untilLines(told, 1);
      expect(JSON.parse(line)).toEqual({
        version: "1.0",
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        requestContext: {
          requestId: asked.requestId,
          functionArn: `${arnOf(failing)}:$LATEST`,
          condition: "RetriesExhausted",
          approximateInvokeCount: retries + 1,
        },
        requestPayload: { order: 7 },
        responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
        responsePayload: expect.objectContaining({ errorType: "TypeError", errorMessage: "no" }),
      });
      expect(lambda.lines(failing)).toHaveLength(retries + 1);
      await event(failing, { order: 8 }); // what would come twice has come by the time that this one's record has
      await untilLines(told, 2);
      expect(lambda.lines(told)).toHaveLength(2);
    },
  );

  test("without settings a failing call is tried three times and nobody is told", async () => {
    await lambda.create("default", fails);
    await event("default");
    expect(await untilLines("default", 3)).toHaveLength(3);
  });

  test("a version has settings of its own, and its success goes to its destination alone", async () => {
    await lambda.create("succeeds", keeps);
    await lambda.client.send(new PublishVersionCommand({ FunctionName: "succeeds" }));
    await lambda.create("success-told", keeps);
    await lambda.create("failure-told", keeps);
    const DestinationConfig = {
      OnSuccess: { Destination: arnOf("success-told") },
      OnFailure: { Destination: arnOf("failure-told") },
    };
    await configure({ FunctionName: "succeeds", Qualifier: "1", DestinationConfig });
    await event("succeeds", { n: 1 });
    await event("succeeds:1", { n: 2 });
    const [line = ""] = await untilLines("success-told", 1);
    expect(JSON.parse(line)).toMatchObject({
      requestContext: { functionArn: `${arnOf("succeeds")}:1`, condition: "Success", approximateInvokeCount: 1 },
      requestPayload: { n: 2 },
      responseContext: { statusCode: 200, executedVersion: "1" },
      responsePayload: { kept: { n: 2 } },
    });
    expect(line).not.toContain("functionError");
    expect([lambda.lines("success-told").length, lambda.lines("failure-told").length]).toEqual([1, 0]);
  });

  test("functions that are each other's destination do not call one another for ever", async () => {
    for (const name of ["ping", "pong"]) await lambda.create(name, fails);
    const tell = (FunctionName: string, other: string) =>
      configure({
        FunctionName,
        MaximumRetryAttempts: 0,
        DestinationConfig: { OnFailure: { Destination: arnOf(other) } },
      });
    await tell("ping", "pong");
    await tell("pong", "ping");
    await event("ping");
    const stopped = () => lambda.logged.filter((line) => line.includes("it would be number 17 in a row"));
    while (stopped().length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(lambda.lines("ping").length + lambda.lines("pong").length).toBe(17);
  });

  test("settings are shown, changed, listed and deleted", async () => {
    await lambda.create("settings", keeps, { Publish: true });
    const FunctionName = "settings";
    const put = await configure({ FunctionName, MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 60 });
    const { $metadata: _, ...shown } = put;
    expect(shown).toEqual({
      LastModified: expect.any(Date),
      FunctionArn: `${arnOf("settings")}:$LATEST`,
      MaximumRetryAttempts: 1,
      MaximumEventAgeInSeconds: 60,
      DestinationConfig: { OnSuccess: {}, OnFailure: {} },
    });
    await configure({ FunctionName, Qualifier: "1", MaximumRetryAttempts: 0 });
    const update = (input: object) =>
      lambda.client.send(new UpdateFunctionEventInvokeConfigCommand({ FunctionName, ...input }));
    expect(await update({ MaximumRetryAttempts: 2 })).toMatchObject({
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 60,
    });
    expect(await configure({ FunctionName, MaximumRetryAttempts: 0 })).not.toHaveProperty("MaximumEventAgeInSeconds");
    const listed = await lambda.client.send(new ListFunctionEventInvokeConfigsCommand({ FunctionName }));
    expect(listed.FunctionEventInvokeConfigs?.map(({ FunctionArn }) => FunctionArn)).toEqual([
      `${arnOf("settings")}:$LATEST`,
      `${arnOf("settings")}:1`,
    ]);
    await lambda.client.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName }));
    const gone = {
      name: "ResourceNotFoundException",
      message: `The function ${arnOf("settings")}:$LATEST doesn't have an EventInvokeConfig`,
    };
    await expect(lambda.client.send(new GetFunctionEventInvokeConfigCommand({ FunctionName }))).rejects.toMatchObject(
      gone,
    );
    await expect(
      lambda.client.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName })),
    ).rejects.toMatchObject(gone);
    await expect(update({ MaximumRetryAttempts: 2 })).rejects.toMatchObject(gone);
  });

  test.each<[what: string, input: object, name: string, message: string]>([
    [
      "nothing",
      {},
      "InvalidParameterValueException",
      "You must specify at least one of error handling or destination setting.",
    ],
    [
      "a function that is not there",
      { FunctionName: "none", MaximumRetryAttempts: 1 },
      "ResourceNotFoundException",
      "The function doesn't exist.",
    ],
    [
      "itself as destination",
      { DestinationConfig: { OnFailure: { Destination: arnOf("checked") } } },
      "InvalidParameterValueException",
      "You can't specify the function as a destination for itself.",
    ],
    [
      "a destination that is not there",
      { DestinationConfig: { OnFailure: { Destination: arnOf("none") } } },
      "InvalidParameterValueException",
      `The destination ARN ${arnOf("none")} is invalid.`,
    ],
    [
      "a destination that the function's role may not call",
      { FunctionName: "powerless", DestinationConfig: { OnFailure: { Destination: arnOf("checked") } } },
      "InvalidParameterValueException",
      `The function's execution role does not have permissions to call Invoke on ${arnOf("checked")}`,
    ],
  ])("settings with %s are refused", async (_, input, name, message) => {
    await lambda.create("checked", keeps).catch(() => {}); // once for all of these
    const Role = `arn:aws:iam::${ACCOUNT}:role/powerless`;
    await lambda.role("powerless", []).catch(() => {});
    await lambda.create("powerless", keeps, { Role }).catch(() => {});
    await expect(configure({ FunctionName: "checked", ...input })).rejects.toMatchObject({ name, message });
  });

  test("a queue as destination is kept, with a warning when it is named and when its record is lost", async () => {
    await lambda.create("to-queue", fails);
    const Destination = `arn:aws:sqs:us-east-1:${ACCOUNT}:failed`;
    const DestinationConfig = { OnFailure: { Destination } };
    const put = await configure({ FunctionName: "to-queue", MaximumRetryAttempts: 0, DestinationConfig });
    expect(put.DestinationConfig?.OnFailure).toEqual({ Destination });
    expect(lambda.logged.filter((line) => line.includes(Destination))).toHaveLength(1);
    await event("to-queue");
    await untilLines("to-queue", 1);
    while (lambda.logged.filter((line) => line.includes(Destination)).length < 2)
      await new Promise((resolve) => setImmediate(resolve));
    expect(lambda.logged.at(-1)).toMatch(/^warn The record of a call of to-queue is lost/);
  });
});

describe("reserved concurrency", () => {
  const reserve = (FunctionName: string, ReservedConcurrentExecutions: number) =>
    lambda.client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));
  const throttled = {
    name: "TooManyRequestsException",
    message: "Rate Exceeded.",
    Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
    Type: "User",
    $metadata: { httpStatusCode: 429 },
  };
  /** Says that it runs, and waits until it is let go. */
  const waits = `import { readFileSync, appendFileSync, writeFileSync } from "node:fs";
export const handler = async (event, context) => {
  const dir = process.env.DIR;
  appendFileSync(dir + "/" + context.functionName, event.n + "\\n");
  if (event.wait) { writeFileSync(dir + "/begun", "1"); readFileSync(dir + "/go"); }
  return event.n;
};`;

  test("is shown with the function, and is not a version's or an alias's", async () => {
    await lambda.create("reserved", keeps, { Publish: true });
    const FunctionName = "reserved";
    expect(await reserve(FunctionName, 5)).toMatchObject({ ReservedConcurrentExecutions: 5 });
    const shown = { Concurrency: { ReservedConcurrentExecutions: 5 } };
    expect(await lambda.client.send(new GetFunctionCommand({ FunctionName: "reserved:1" }))).toMatchObject(shown);
    expect(await lambda.client.send(new GetFunctionConcurrencyCommand({ FunctionName }))).toMatchObject({
      ReservedConcurrentExecutions: 5,
    });
    await expect(reserve("reserved:1", 1)).rejects.toMatchObject({
      name: "InvalidParameterValueException",
      message: expect.stringMatching(/^This operation is permitted on Lambda functions only\./),
    });
    await expect(reserve(FunctionName, 901)).rejects.toMatchObject({
      message:
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
    });
    await lambda.client.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    expect(await lambda.client.send(new GetFunctionConcurrencyCommand({ FunctionName }))).not.toHaveProperty(
      "ReservedConcurrentExecutions",
    );
    await expect(reserve("none", 1)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  test("of 0 lets no call through, and an event goes to the failure destination without a try", async () => {
    await lambda.create("shut", keeps);
    await lambda.create("shut-told", keeps);
    await configure({ FunctionName: "shut", DestinationConfig: { OnFailure: { Destination: arnOf("shut-told") } } });
    await reserve("shut", 0);
    await expect(lambda.call("shut")).rejects.toMatchObject(throttled);
    await event("shut", { n: 1 });
    const [line = ""] = await untilLines("shut-told", 1);
    expect(JSON.parse(line)).toEqual({
      version: "1.0",
      timestamp: expect.any(String),
      requestContext: {
        requestId: expect.any(String),
        functionArn: `${arnOf("shut")}:$LATEST`,
        condition: "ZeroReservedConcurrency",
        approximateInvokeCount: 0,
      },
      requestPayload: { n: 1 },
    });
    expect(lambda.lines("shut")).toEqual([]);
    await lambda.client.send(new DeleteFunctionConcurrencyCommand({ FunctionName: "shut" }));
    expect(await lambda.call("shut")).toMatchObject({ version: "$LATEST" });
  });

  test("of 1 refuses a second call while one runs, over all versions, and lets events wait", async () => {
    await lambda.create("single", waits, { Publish: true });
    await reserve("single", 1);
    lambda.pipe("begun");
    lambda.pipe("go");
    const running = lambda.call("single", { Payload: JSON.stringify({ n: 1, wait: true }) });
    const { readFile } = await import("node:fs/promises");
    await readFile(`${lambda.dir}/begun`); // it runs
    await expect(lambda.call("single", { Payload: '{"n":2}' })).rejects.toMatchObject(throttled);
    await expect(lambda.call("single:1", { Payload: '{"n":3}' })).rejects.toMatchObject(throttled);
    await event("single", { n: 4 });
    await event("single", { n: 5 });
    expect(lambda.lines("single")).toEqual(["1"]);
    writeFileSync(`${lambda.dir}/go`, "go");
    expect((await running).value).toBe(1);
    expect([...(await untilLines("single", 3))].sort()).toEqual(["1", "4", "5"]);
  });
});

test("what a client gives along reaches the function's context, and what is no JSON is refused", async () => {
  await lambda.create("context", "export const handler = async (event, context) => context.clientContext ?? 'none';");
  const given = { custom: { word: "é\n" }, client: { app_title: "t" } };
  const ClientContext = Buffer.from(JSON.stringify(given)).toString("base64");
  expect((await lambda.call("context", { ClientContext })).value).toEqual(given);
  expect((await lambda.call("context")).value).toBe("none");
  await expect(lambda.call("context", { ClientContext: "bm8=" })).rejects.toMatchObject({
    name: "InvalidRequestContentException",
  });
});
