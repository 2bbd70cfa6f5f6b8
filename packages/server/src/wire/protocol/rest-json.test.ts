import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  ListLayersCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-lambda";
import LambdaV2 from "aws-sdk/clients/lambda.js";
import { expect, test } from "vitest";
import { model } from "../../services/lambda/model.generated.ts";
import type { Operations } from "../../services/lambda/shapes.generated.ts";
import { ServiceError } from "../error.ts";
import { service } from "../service.ts";
import { clientOptions, type Listening, listen } from "../testing/listen.ts";
import { sendSigned } from "../testing/sign.ts";

const inputs: object[] = [];
const lambda = service<undefined, Operations>({
  model,
  context: undefined,
  operations: {
    CreateFunction: {
      name: "CreateFunction",
      async run(input) {
        inputs.push(input);
        return { FunctionName: input.FunctionName, LastModified: "2026-11-24T10:00:00.000+0000" };
      },
    },
    Invoke: {
      name: "Invoke",
      async run({ Payload, InvocationType, Qualifier }) {
        if (InvocationType === "Event") return { StatusCode: 202 };
        const echo = Buffer.from(JSON.stringify({ got: Payload && Buffer.from(Payload).toString(), Qualifier }));
        return { StatusCode: 200, Payload: echo, FunctionError: "Unhandled", ExecutedVersion: "$LATEST" };
      },
    },
    GetFunction: {
      name: "GetFunction",
      async run({ FunctionName }) {
        throw new ServiceError("ResourceNotFoundException", `Function not found: ${FunctionName}`, 404);
      },
    },
    ListFunctions: {
      name: "ListFunctions",
      async run(input) {
        inputs.push(input);
        return { Functions: [] };
      },
    },
    UntagResource: {
      name: "UntagResource",
      async run(input) {
        inputs.push(input);
        return {};
      },
    },
    DeleteFunction: { name: "DeleteFunction", run: async () => ({ StatusCode: 204 }) },
  },
});

const client = (server: Listening) => new LambdaClient(clientOptions(server));
const arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
const role = "arn:aws:iam::000000000000:role/r";

test("documents, bytes in documents and the success status of the model", async () => {
  await using server = await listen({ lambda });
  const command = new CreateFunctionCommand({
    FunctionName: "f",
    Role: role,
    Code: { ZipFile: Buffer.from([80, 75, 255]) },
  });
  const output = await client(server).send(command);
  expect(output).toMatchObject({ FunctionName: "f", $metadata: { httpStatusCode: 201 } });
  expect(inputs.at(-1)).toEqual({ FunctionName: "f", Role: role, Code: { ZipFile: Buffer.from([80, 75, 255]) } });
});

test("payloads, headers and a status that the operation chooses", async () => {
  await using server = await listen({ lambda });
  const output = await client(server).send(
    new InvokeCommand({ FunctionName: arn, Payload: '{"a":1}', Qualifier: "v_1" }),
  );
  expect(output).toMatchObject({ StatusCode: 200, FunctionError: "Unhandled", ExecutedVersion: "$LATEST" });
  expect(output.Payload?.transformToString()).toBe('{"got":"{\\"a\\":1}","Qualifier":"v_1"}');
  const event = await client(server).send(
    new InvokeCommand({ FunctionName: "f", InvocationType: "Event", Payload: "{}" }),
  );
  expect([event.StatusCode, event.Payload?.length ?? 0]).toEqual([202, 0]);
  const deleted = await client(server).send(new DeleteFunctionCommand({ FunctionName: "f" }));
  expect(deleted.StatusCode).toBe(204);
  const old = new LambdaV2({ ...clientOptions(server), maxRetries: 0 });
  const answer = await old.invoke({ FunctionName: "f", Payload: "1" }).promise();
  expect(answer.Payload?.toString()).toBe('{"got":"1"}');
});

test("numbers and lists in the query, and a path with a slash at its end", async () => {
  await using server = await listen({ lambda });
  await client(server).send(new ListFunctionsCommand({ MaxItems: 5, Marker: "a b+c" }));
  expect(inputs.at(-1)).toEqual({ MaxItems: 5, Marker: "a b+c" });
  await client(server).send(new UntagResourceCommand({ Resource: arn, TagKeys: ["a", "b=c"] }));
  expect(inputs.at(-1)).toEqual({ Resource: arn, TagKeys: ["a", "b=c"] });
  const old = new LambdaV2({ ...clientOptions(server), maxRetries: 0 }); // Its model still has the slash.
  expect((await old.listFunctions().promise()).Functions).toEqual([]);
});

test("an error is named in a header and worded as the service spells it", async () => {
  await using server = await listen({ lambda });
  await expect(client(server).send(new GetFunctionCommand({ FunctionName: "f" }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
    message: "Function not found: f",
    Type: "User",
    $metadata: { httpStatusCode: 404 },
  });
  const raw = await sendSigned(server.port, { service: "lambda", method: "GET", url: "/2015-03-31/functions/f" });
  expect(raw.headers["x-amzn-errortype"]).toBe("ResourceNotFoundException");
  expect(raw.body).toBe('{"Type":"User","Message":"Function not found: f"}');
});

test("broken constraints show the value", async () => {
  await using server = await listen({ lambda });
  await expect(client(server).send(new ListFunctionsCommand({ MaxItems: 0 }))).rejects.toMatchObject({
    name: "ValidationException",
    message:
      "1 validation error detected: Value '0' at 'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1",
  });
  const raw = await sendSigned(server.port, { service: "lambda", url: "/2015-03-31/functions", body: '{"Code":5}' });
  expect([raw.status, raw.headers["x-amzn-errortype"]]).toEqual([400, "SerializationException"]);
});

test("what is not served is unknown, by the model's name where it has one", async () => {
  await using server = await listen({ lambda });
  await expect(client(server).send(new ListLayersCommand({}))).rejects.toMatchObject({
    name: "UnknownOperationException",
  });
  await sendSigned(server.port, { service: "lambda", method: "GET", url: "/2015-03-31/nothing" });
  expect(server.warnings).toEqual([
    "lambda is asked for ListLayers, which is not served",
    "lambda has no operation GET /2015-03-31/nothing, which is not served",
  ]);
});

test("code may be larger than a payload", async () => {
  await using server = await listen({ lambda });
  const ZipFile = Buffer.alloc(8 * 1024 * 1024);
  await client(server).send(new CreateFunctionCommand({ FunctionName: "f", Role: role, Code: { ZipFile } }));
  await expect(client(server).send(new InvokeCommand({ FunctionName: "f", Payload: ZipFile }))).rejects.toMatchObject({
    name: "RequestEntityTooLargeException",
    $metadata: { httpStatusCode: 413 },
  });
});
