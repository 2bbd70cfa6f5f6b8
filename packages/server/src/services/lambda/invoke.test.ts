import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { greetArn, openScriptedLambda, type ScriptedLambda } from "./scripted-lambda.ts";

let lambda: ScriptedLambda;
beforeEach(() => {
  lambda = openScriptedLambda();
});
afterEach(() => lambda.close());

const create = async () => lambda.run("CreateFunction", await lambda.creation());
const refused = (code: string, message: string, status: number) =>
  expect.objectContaining({ code, message, status, detail: { Type: "User" } });

test("waits for the function and passes payload, version and request id through", async () => {
  await create();
  const answer = await lambda.run("Invoke", { FunctionName: "greet", Payload: Buffer.from('{"a":1}') });
  expect(answer).toEqual({ StatusCode: 200, Payload: Buffer.from('"hello"'), ExecutedVersion: "$LATEST" });
  expect(lambda.invoked[0]?.spec).toMatchObject({ arn: greetArn, handler: "app.handler" });
  expect(lambda.invoked[0]?.invocation).toEqual({
    requestId: lambda.call.requestId,
    payload: Buffer.from('{"a":1}'),
    invokedArn: greetArn,
  });
});

test("without a payload gives an empty event, and a version runs its own code", async () => {
  await create();
  await lambda.run("PublishVersion", { FunctionName: "greet" });
  await lambda.run("UpdateFunctionCode", { FunctionName: "greet", ZipFile: await lambda.zip("x = 2") });
  const answer = await lambda.run("Invoke", { FunctionName: "greet", Qualifier: "1" });
  expect(answer.ExecutedVersion).toBe("1");
  expect(lambda.invoked[0]?.invocation.payload.toString()).toBe("{}");
  expect(readFileSync(join(lambda.invoked[0]?.spec.codeDir ?? "", "app.py"), "utf8")).toBe("x = 1");
});

test.each(["raised", "timedOut", "crashed", "couldNotStart"] as const)(
  "answers a function that %s with Unhandled",
  async (outcome) => {
    await create();
    const payload = Buffer.from('{"errorType":"E","errorMessage":"m"}');
    lambda.ending = { outcome, payload };
    const answer = await lambda.run("Invoke", { FunctionName: "greet" });
    expect(answer).toEqual({
      StatusCode: 200,
      FunctionError: "Unhandled",
      Payload: payload,
      ExecutedVersion: "$LATEST",
    });
  },
);

test("gives the last 4 KB of the log when asked", async () => {
  await create();
  lambda.lines = ["first", ...Array.from({ length: 100 }, (_, i) => `line ${i} ${"é".repeat(40)}`), "END"];
  const { LogResult = "" } = await lambda.run("Invoke", { FunctionName: "greet", LogType: "Tail" });
  const tail = Buffer.from(LogResult, "base64");
  expect(tail.length).toBe(4096);
  expect(tail.toString()).toMatch(/line 99 é+\nEND\n$/);
  lambda.lines = ["only"];
  const short = await lambda.run("Invoke", { FunctionName: "greet", LogType: "Tail" });
  expect(Buffer.from(short.LogResult ?? "", "base64").toString()).toBe("only\n");
  expect(await lambda.run("Invoke", { FunctionName: "greet" })).not.toHaveProperty("LogResult");
});

test("as Event is put on record and not run here; as DryRun does nothing", async () => {
  await create();
  const Payload = Buffer.from("[1]");
  expect(await lambda.run("Invoke", { FunctionName: "greet", InvocationType: "Event", Payload })).toEqual({
    StatusCode: 202,
  });
  expect(lambda.queued).toEqual([{ requestId: lambda.call.requestId, functionArn: greetArn, payload: Payload }]);
  expect(await lambda.run("Invoke", { FunctionName: "greet", InvocationType: "DryRun" })).toEqual({ StatusCode: 204 });
  expect(lambda.invoked).toEqual([]);
  await expect(lambda.run("Invoke", { FunctionName: "none", InvocationType: "Event" })).rejects.toMatchObject({
    status: 404,
  });
  expect(lambda.queued).toHaveLength(1);
});

test("refuses a payload that is too large or no JSON, before anything runs", async () => {
  await create();
  const json = (sizeBytes: number) => Buffer.from(`"${"x".repeat(sizeBytes - 2)}"`);
  const invokeWith = (Payload: Buffer, InvocationType: "Event" | "RequestResponse") =>
    lambda.run("Invoke", { FunctionName: "greet", InvocationType, Payload });
  await invokeWith(json(6_291_456), "RequestResponse");
  await invokeWith(json(1_048_576), "Event");
  await expect(invokeWith(json(6_291_457), "RequestResponse")).rejects.toEqual(
    refused(
      "RequestEntityTooLargeException",
      "6291457 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)",
      413,
    ),
  );
  await expect(invokeWith(json(1_048_577), "Event")).rejects.toEqual(
    refused(
      "RequestEntityTooLargeException",
      "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)",
      413,
    ),
  );
  await expect(invokeWith(Buffer.from("{not json"), "Event")).rejects.toMatchObject({
    code: "InvalidRequestContentException",
    message: expect.stringMatching(/^Could not parse request body into json: /),
  });
  expect([lambda.invoked.length, lambda.queued.length]).toEqual([1, 1]);
});
