import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import AWS from "aws-sdk";
import { expect, test } from "vitest";
import { ServiceError } from "./error.ts";
import type { OtherService } from "./other-services.ts";
import { listen } from "./testing/listen.ts";
import { type SignedRequest, sendSigned } from "./testing/sign.ts";

const getItem: SignedRequest = {
  service: "dynamodb",
  headers: { "x-amz-target": "DynamoDB_20120810.GetItem", "content-type": "application/x-amz-json-1.0" },
  body: '{"TableName":"t"}',
};
const form = { "content-type": "application/x-www-form-urlencoded" };
const REMEDY = `Name an endpoint that serves it in penstock.yaml, such as 'aws: { dynamodb: "http://localhost:8000" }', or AWS itself: 'aws: { dynamodb: aws }'.`;

test("a service that is not served is refused with its name and the remedy, and is on record with who called", async () => {
  await using server = await listen({});
  const answer = await sendSigned(server.port, getItem);
  const message = `Penstock does not serve dynamodb. ${REMEDY}`;
  expect(answer).toMatchObject({ status: 400, body: JSON.stringify({ __type: "PenstockServiceNotServed", message }) });
  expect(server.calls).toMatchObject([
    {
      service: "dynamodb",
      operation: "GetItem",
      principal: { accessKeyId: "test" },
      errorCode: "PenstockServiceNotServed",
      errorMessage: message,
    },
  ]);
  expect(server.warnings).toEqual(["Nobody serves GetItem of dynamodb"]);
});

test("it is refused also where the signature is wrong: nothing that is right would be let in", async () => {
  await using server = await listen({});
  const answer = await sendSigned(server.port, { ...getItem, secretAccessKey: "wrong" });
  expect(answer.body).toContain("PenstockServiceNotServed");
  expect(server.calls[0]?.principal).toBeUndefined();
});

test.each<[string, SignedRequest, RegExp]>([
  [
    "a form",
    { service: "sns", headers: form, body: "Action=Publish&Version=2010-03-31" },
    /<ErrorResponse.*<Code>PenstockServiceNotServed<\/Code><Message>Penstock does not serve sns\. /s,
  ],
  [
    "EC2's form",
    { service: "ec2", headers: form, body: "Action=DescribeVpcs&Version=2016-11-15" },
    /<Response><Errors><Error><Code>PenstockServiceNotServed<\/Code>/,
  ],
  [
    "XML",
    { service: "route53", method: "GET", url: "/2013-04-01/hostedzone" },
    /<Code>PenstockServiceNotServed<\/Code>/,
  ],
  ["JSON by path", { service: "eks", method: "GET", url: "/clusters" }, /"message":"Penstock does not serve eks\. /],
  [
    "CBOR",
    { service: "monitoring", url: "/service/X/operation/PutMetricData", headers: { "smithy-protocol": "rpc-v2-cbor" } },
    /__type.*PenstockServiceNotServed.*message.*Penstock does not serve monitoring\. /,
  ],
])("who speaks %s is answered in it", async (_name, call, text) => {
  await using server = await listen({});
  const answer = await sendSigned(server.port, call);
  expect([answer.status, answer.body]).toEqual([400, expect.stringMatching(text)]);
  if (call.service === "sns") expect(server.calls[0]?.operation).toBe("Publish");
  if (call.service === "eks") expect(answer.headers["x-amzn-errortype"]).toBe("PenstockServiceNotServed");
  if (call.service === "monitoring") expect(answer.headers["smithy-protocol"]).toBe("rpc-v2-cbor");
});

test.each([
  ["dynamodb", (options: object) => new AWS.DynamoDB(options).getItem({ TableName: "t", Key: {} })],
  ["sns", (options: object) => new AWS.SNS(options).publish({ Message: "m", TopicArn: "t" })],
  ["ec2", (options: object) => new AWS.EC2(options).describeVpcs()],
  ["route53", (options: object) => new AWS.Route53(options).listHostedZones()],
  ["apigateway", (options: object) => new AWS.APIGateway(options).getApiKeys()],
])("the official client of %s reads it as an error of its service, and does not try again", async (service, call) => {
  await using server = await listen({});
  const options = { endpoint: server.endpoint, region: "eu-west-1", accessKeyId: "test", secretAccessKey: "test" };
  await expect(call(options).promise()).rejects.toMatchObject({
    code: "PenstockServiceNotServed",
    message: expect.stringContaining(`Penstock does not serve ${service}. `),
  });
  expect(server.calls).toHaveLength(1);
});

test("without credentials nothing goes to AWS, and the caller is told", async () => {
  const awsCredentials = () => Promise.reject(new ServiceError("PenstockCredentialsMissing", "there are none"));
  await using server = await listen({}, { otherService: () => "aws", awsCredentials });
  expect((await sendSigned(server.port, getItem)).body).toContain("PenstockCredentialsMissing");
  const refused = await sendSigned(server.port, { ...getItem, secretAccessKey: "wrong" });
  expect(JSON.parse(refused.body).__type).toBe("InvalidSignatureException");
});

/** An endpoint that answers what it got. */
async function openEndpoint() {
  const http = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    response.writeHead(418, { "x-own": "1" });
    response.end(JSON.stringify({ method: request.method, url: request.url, host: request.headers.host, body }));
  }).listen(0, "127.0.0.1");
  await once(http, "listening");
  const { port } = http.address() as AddressInfo; // it listens on a port
  return {
    url: new URL(`http://127.0.0.1:${port}/base`),
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

const only = (name: string, way: OtherService) => (asked: string) => (asked === name ? way : "refuse");

test("a call is passed on as it is to the endpoint of its service, and its answer comes back", async () => {
  await using endpoint = await openEndpoint();
  await using server = await listen({}, { otherService: only("dynamodb", endpoint.url) });
  const { status, headers, body } = await sendSigned(server.port, { ...getItem, url: "/x?y=1" });
  expect([status, headers["x-own"]]).toEqual([418, "1"]);
  expect(JSON.parse(body)).toEqual({
    method: "POST",
    url: "/base/x?y=1",
    host: `127.0.0.1:${server.port}`,
    body: getItem.body,
  });
  expect((await sendSigned(server.port, { ...getItem, service: "kinesis" })).body).toContain("does not serve kinesis");
});

test("who has no good signature gets nothing passed on", async () => {
  await using endpoint = await openEndpoint();
  await using server = await listen({}, { otherService: only("dynamodb", endpoint.url) });
  const refused = await sendSigned(server.port, { ...getItem, secretAccessKey: "wrong" });
  expect([refused.status, JSON.parse(refused.body).__type]).toEqual([400, "InvalidSignatureException"]);
});

test("an endpoint that is not there is told, and so is one that leads back", async () => {
  const gone = await openEndpoint();
  await gone[Symbol.asyncDispose]();
  await using server = await listen({}, { otherService: only("dynamodb", gone.url) });
  expect(await sendSigned(server.port, getItem)).toMatchObject({
    status: 502,
    body: expect.stringContaining(`cannot pass this call on to ${gone.url.origin}, as penstock.yaml says: `),
  });
  let own = new URL("http://127.0.0.1:1");
  await using loop = await listen({}, { otherService: () => own });
  own = new URL(loop.endpoint);
  expect((await sendSigned(loop.port, getItem)).body).toContain("it leads back to Penstock itself");
});
