import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Client } from "./client.ts";
import { createFunction, zipOf } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { type Penstock, startPenstock } from "./server.ts";

/* What a function meets that calls services of AWS which are not served here. */

const CALLS = `import boto3
from botocore.exceptions import ClientError

def handler(event, context):
    try:
        client = boto3.client(event["service"])
        return client.list_tables()["TableNames"] if event["service"] == "dynamodb" else client.get_databases()
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["Error"]["Message"]]
`;

let server: Penstock;
let client: Client;
const elsewhere = createServer((_, response) => response.end('{"TableNames":["a-table"]}'));

beforeAll(async () => {
  elsewhere.listen(0, "127.0.0.1");
  await once(elsewhere, "listening");
  const { port } = elsewhere.address() as AddressInfo; // it listens on a port
  server = await startPenstock({ otherServices: { timestream: "aws", dynamodb: `http://127.0.0.1:${port}` } });
  client = javascript(server);
  await createFunction(client, {
    name: "calls-others",
    runtime: "python3.12",
    handler: "calls.handler",
    code: await zipOf({ "calls.py": CALLS }),
  });
});
afterAll(async () => {
  await server.stop();
  elsewhere.closeAllConnections();
  elsewhere.close();
});

async function call(service: string): Promise<unknown> {
  const Payload = JSON.stringify({ service });
  const { Payload: answer } = await client.lambda.invoke({ FunctionName: "calls-others", Payload });
  return JSON.parse(answer?.transformToString() ?? "");
}

test("boto3 reads a refused call as an error that names the service and the remedy; the server's log names the call", async () => {
  expect(await call("glue")).toEqual([
    "PenstockServiceNotServed",
    `Penstock does not serve glue. Name an endpoint that serves it in penstock.yaml, such as 'aws: { glue: "http://localhost:8000" }'.`,
  ]);
  expect(server.logged).toContain("warn Nobody serves GetDatabases of glue");
});

test("a service that is sent elsewhere answers from there", async () => {
  expect(await call("dynamodb")).toEqual(["a-table"]);
});

test.each([
  [{ s3: "http://localhost:9000" }, /Penstock serves s3 itself/],
  [{ dynamodb: "localhost:8000" }, /Calls of dynamodb cannot go to localhost:8000/],
])("a server does not start with %o", async (otherServices, message) => {
  await expect(startPenstock({ otherServices })).rejects.toThrow(message);
});
