import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  paginateListFunctions,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createWire } from "../../wire/server.ts";
import { lambda } from "./operations.ts";
import { greetArn, openScriptedLambda, roleArn, type ScriptedLambda } from "./scripted-lambda.ts";

let scripted: ScriptedLambda;
let server: Server;
let client: LambdaClient;
let denied: string | undefined;

beforeEach(async () => {
  scripted = openScriptedLambda();
  denied = undefined;
  const wire = createWire({
    services: { lambda: async () => lambda(scripted.context) },
    findKey: () => ({ found: true, secretAccessKey: "test", principal: scripted.call.principal }),
    authorize: (_, { action }) => (action === denied ? { allowed: false, message: `no ${action}` } : { allowed: true }),
    now: Date.now,
    newRequestId: () => crypto.randomUUID(),
    log: { warn: () => {}, error: (fields) => expect.fail(JSON.stringify(fields)) },
  });
  server = createServer(wire).on("checkContinue", wire);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  client = new LambdaClient({
    region: "us-east-1",
    // A listening TCP server's address is always an AddressInfo.
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await scripted.close();
});

const create = async (name = "greet") =>
  client.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Runtime: "nodejs22.x",
      Role: roleArn,
      Handler: "index.handler",
      Code: { ZipFile: await scripted.zip("x") },
    }),
  );

test("the official client creates, waits, updates, calls and deletes", async () => {
  const created = await create();
  expect(created).toMatchObject({ FunctionArn: greetArn, State: "Active", $metadata: { httpStatusCode: 201 } });
  const waiting = { client, maxWaitTime: 5 };
  expect((await waitUntilFunctionActiveV2(waiting, { FunctionName: "greet" })).state).toBe("SUCCESS");
  await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "greet", Timeout: 10 }));
  expect((await waitUntilFunctionUpdatedV2(waiting, { FunctionName: "greet" })).state).toBe("SUCCESS");
  expect((await client.send(new GetFunctionCommand({ FunctionName: greetArn }))).Configuration?.Timeout).toBe(10);

  const called = await client.send(new InvokeCommand({ FunctionName: "greet", LogType: "Tail", Payload: '{"a":"é"}' }));
  expect(called.Payload?.transformToString()).toBe('"hello"');
  expect(called).toMatchObject({ StatusCode: 200, ExecutedVersion: "$LATEST", LogResult: "" });
  expect(called.FunctionError).toBeUndefined();
  expect(scripted.invoked[0]?.invocation.payload.toString()).toBe('{"a":"é"}');
  expect(scripted.invoked[0]?.invocation.requestId).toBe(called.$metadata.requestId);

  const event = await client.send(new InvokeCommand({ FunctionName: "greet:$LATEST", InvocationType: "Event" }));
  expect(event).toMatchObject({ StatusCode: 202 });
  const dry = await client.send(new InvokeCommand({ FunctionName: "greet", InvocationType: "DryRun" }));
  expect(dry).toMatchObject({ StatusCode: 204 });
  const deleted = await client.send(new DeleteFunctionCommand({ FunctionName: "greet" }));
  expect(deleted.$metadata.httpStatusCode).toBe(204);
});

test("a function's failure reaches the client as an answer, with what the function wrote", async () => {
  await create();
  scripted.ending = { outcome: "raised", payload: Buffer.from('{"errorType":"ValueError","errorMessage":"no"}') };
  scripted.lines = ["START", "oh no", "END"];
  const called = await client.send(new InvokeCommand({ FunctionName: "greet", LogType: "Tail" }));
  expect(called).toMatchObject({ StatusCode: 200, FunctionError: "Unhandled" });
  expect(called.Payload?.transformToString()).toBe('{"errorType":"ValueError","errorMessage":"no"}');
  expect(Buffer.from(called.LogResult ?? "", "base64").toString()).toBe("START\noh no\nEND\n");
});

test("refusals reach the client as Lambda's exceptions", async () => {
  await create();
  await expect(create()).rejects.toMatchObject({
    name: "ResourceConflictException",
    message: "Function already exist: greet",
    Type: "User",
    $metadata: { httpStatusCode: 409 },
  });
  await expect(client.send(new GetFunctionCommand({ FunctionName: "none" }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
    message: `Function not found: ${greetArn.replace("greet", "none")}`,
    $metadata: { httpStatusCode: 404 },
  });
  const large = new InvokeCommand({
    FunctionName: "greet",
    InvocationType: "Event",
    Payload: `"${"x".repeat(1_048_575)}"`,
  });
  await expect(client.send(large)).rejects.toMatchObject({
    name: "RequestEntityTooLargeException",
    message: "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)",
    $metadata: { httpStatusCode: 413 },
  });
  denied = "lambda:InvokeFunction";
  await expect(client.send(new InvokeCommand({ FunctionName: "greet" }))).rejects.toMatchObject({
    name: "AccessDeniedException",
  });
  expect([scripted.invoked, scripted.queued]).toEqual([[], []]);
});

test("the official paginator walks all functions", async () => {
  for (const name of ["c", "a", "b"]) await create(name);
  const names: (string | undefined)[] = [];
  for await (const page of paginateListFunctions({ client, pageSize: 2 }, {})) {
    names.push(...(page.Functions ?? []).map((each) => each.FunctionName));
  }
  expect(names).toEqual(["a", "b", "c"]);
});
