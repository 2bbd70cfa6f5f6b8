import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pythonPath } from "./boto3.ts";
import { createFunction, createRole, zipOf, zipOfFunctions } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { SCRATCH, withoutCurl, zipped } from "./matrix-programs.ts";
import { type Penstock, startPenstock, WORKSPACE } from "./server.ts";

/*
 * What a function meets that calls services of AWS which are not served here, by each of the three choices. AWS itself
 * is played by another server: it stands in the way of the first one's proxy, has its own authority and its own keys, and
 * so checks that what comes is signed by whoever started the first one.
 */

/** Who answers in the end, and what it was last asked. */
let asked: IncomingHttpHeaders = {};
const elsewhere = createServer((request, response) => {
  asked = request.headers;
  response.end('{"TableNames":["a-table"]}');
});
beforeAll(async () => {
  elsewhere.listen(0, "127.0.0.1");
  await once(elsewhere, "listening");
});
afterAll(() => {
  elsewhere.closeAllConnections();
  elsewhere.close();
  rmSync(SCRATCH, { recursive: true, force: true });
});
const elsewhereUrl = () => `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`; // it listens on a port

const REFUSED = [
  "PenstockServiceNotServed",
  `Penstock does not serve dynamodb. Name an endpoint that serves it in penstock.yaml, such as 'aws: { dynamodb: "http://localhost:8000" }', or AWS itself: 'aws: { dynamodb: aws }'.`,
];

const CALLERS = [
  { caller: "boto3", runtime: "python3.12", file: "with_boto3.py", handler: "with_boto3.handler" },
  { caller: "the AWS SDK for JavaScript v2", runtime: "nodejs22.x", file: "sdk-v2.js", handler: "sdk-v2.handler" },
  { caller: "the AWS SDK for JavaScript v3", runtime: "nodejs22.x", file: "sdk-v3.mjs", handler: "sdk-v3.handler" },
  // A machine whose curl cannot sign has no such functions.
  ...(withoutCurl()
    ? []
    : [{ caller: "curl", runtime: "provided.al2023", file: "bootstrap", handler: "none" } as const]),
] as const;

describe.each([
  ["refused at once, with an error that names the service and the remedy", () => startPenstock(), REFUSED],
  ["sent to another endpoint", () => startPenstock({ otherServices: { dynamodb: elsewhereUrl() } }), ["a-table"]],
  ["sent to AWS itself, signed anew", startBeforeAws, ["a-table"]],
])("a call is %s", (_way, start, expected) => {
  let server: Pick<Penstock, "url" | "own" | "region"> & { stop(): Promise<void>; readonly itsKey?: string };
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());

  test.each(CALLERS)("when $caller makes it", async ({ caller, runtime, file, handler }) => {
    const client = javascript(server as Penstock); // which asks for no more than is there
    const name = `by-${CALLERS.findIndex((one) => one.caller === caller)}`;
    const content = readFileSync(join(WORKSPACE, "conformance/functions/other-services", file));
    const code = await (file === "bootstrap" ? zipped({ bootstrap: content }) : zipOf({ [file]: content }));
    await createFunction(client, { name, runtime, handler, code });
    const { Payload: payload } = await client.lambda.invoke({ FunctionName: name });
    expect(asList(JSON.parse(payload?.transformToString() ?? ""))).toEqual(expected);
    if (server.itsKey) expect(asked.authorization).toContain(`Credential=${server.itsKey}/`);
  });
});

/** What curl got, as the others tell it. */
function asList(answer: string[] | Readonly<Record<string, string[] | string>>): unknown {
  if (Array.isArray(answer)) return answer;
  return answer["TableNames"] ?? [answer["__type"], answer["message"]];
}

/** A server that sends DynamoDB's calls to AWS, and the one that plays AWS. */
async function startBeforeAws() {
  const aws = await startPenstock({ otherServices: { dynamodb: elsewhereUrl() } });
  const root = javascript(aws);
  const trusted = await authorityOf(aws);
  const trust = { Effect: "Allow", Principal: { AWS: "arn:aws:iam::000000000000:root" }, Action: "sts:AssumeRole" };
  await createRole(root, "developer", "lambda.amazonaws.com");
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
  await root.iam.updateAssumeRolePolicy({ RoleName: "developer", PolicyDocument: AssumeRolePolicyDocument });
  const RoleArn = "arn:aws:iam::000000000000:role/developer";
  const { Credentials: keys } = await root.sts.assumeRole({ RoleArn, RoleSessionName: "at-work" });
  const dir = mkdtempSync(join(tmpdir(), "penstock-before-aws-"));
  const options = {
    otherServices: { dynamodb: "aws" },
    nodeModulesDirs: [join(WORKSPACE, "node_modules")],
    python: pythonPath(),
  };
  const program = join(WORKSPACE, "conformance/server-process.ts");
  const child = spawn(process.execPath, [program, join(dir, "data"), JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      PATH: process.env["PATH"],
      NODE_USE_ENV_PROXY: "1",
      HTTPS_PROXY: aws.url,
      NODE_EXTRA_CA_CERTS: trusted,
      AWS_ACCESS_KEY_ID: keys?.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: keys?.SecretAccessKey,
      AWS_SESSION_TOKEN: keys?.SessionToken,
    },
  });
  const [url] = (await once(createInterface({ input: child.stdout }), "line")) as [string]; // its first line
  const ends: (() => unknown)[] = [() => rmSync(dir, { recursive: true, force: true }), () => aws.stop()];
  ends.push(async () => {
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    await exit;
  });
  return {
    url,
    region: "us-east-1",
    itsKey: keys?.AccessKeyId ?? "",
    own: (end: () => unknown) => void ends.push(end),
    async stop() {
      for (const end of ends.reverse()) await end();
    },
  };
}

/** The certificate by which functions of a server trust its proxy. */
async function authorityOf(server: Penstock): Promise<string> {
  const client = javascript(server);
  const environment = { PENSTOCK_REDIRECTION: "proxy" };
  const code = await zipOfFunctions("echo.mjs");
  await createFunction(client, { name: "echo", runtime: "nodejs22.x", handler: "echo.handler", code, environment });
  const { Payload: payload } = await client.lambda.invoke({ FunctionName: "echo" });
  return JSON.parse(payload?.transformToString() ?? "").environment.NODE_EXTRA_CA_CERTS;
}

test("a refused call is in the server's log, by its name", async () => {
  const server = await startPenstock();
  const client = javascript(server);
  const code = await zipOf({
    "calls.py": "import boto3\n\ndef handler(event, context):\n    boto3.client('glue').get_databases()\n",
  });
  await createFunction(client, { name: "calls-glue", runtime: "python3.12", handler: "calls.handler", code });
  const { FunctionError: error } = await client.lambda.invoke({ FunctionName: "calls-glue" });
  expect([error, server.logged]).toEqual([
    "Unhandled",
    expect.arrayContaining(["warn Nobody serves GetDatabases of glue"]),
  ]);
  await server.stop();
});

test.each([
  [{ s3: "http://localhost:9000" }, /Penstock serves s3 itself/],
  [{ dynamodb: "localhost:8000" }, /Calls of dynamodb cannot go to localhost:8000/],
])("a server does not start with %o", async (otherServices, message) => {
  await expect(startPenstock({ otherServices })).rejects.toThrow(message);
});
