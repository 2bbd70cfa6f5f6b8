import { once } from "node:events";
import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { originOf, resign } from "./aws-itself.ts";
import { readRequest, type WireRequest } from "./request.ts";
import { SigningKeys } from "./signature/signing-key.ts";
import { listen } from "./testing/listen.ts";
import { type SignedRequest, sendSigned } from "./testing/sign.ts";

const requestFor = (host: string) => ({ headers: { host } }) as unknown as WireRequest; // all that is looked at

test.each([
  ["127.0.0.1:4566", "dynamodb", "eu-west-1", "dynamodb.eu-west-1.amazonaws.com"],
  ["localhost:4566", "secretsmanager", "us-east-1", "secretsmanager.us-east-1.amazonaws.com"],
  ["127.0.0.1:4566", "ses", "eu-west-1", "email.eu-west-1.amazonaws.com"],
  ["127.0.0.1:4566", "ecr", "eu-west-1", "api.ecr.eu-west-1.amazonaws.com"],
  ["127.0.0.1:4566", "route53", "us-east-1", "route53.amazonaws.com"],
  ["127.0.0.1:4566", "sqs", "cn-north-1", "sqs.cn-north-1.amazonaws.com.cn"],
  ["streams.dynamodb.eu-west-1.amazonaws.com", "dynamodb", "eu-west-1", "streams.dynamodb.eu-west-1.amazonaws.com"],
  [
    "runtime.sagemaker.eu-west-1.amazonaws.com:443",
    "sagemaker",
    "eu-west-1",
    "runtime.sagemaker.eu-west-1.amazonaws.com",
  ],
  ["sqs.us-east-1.api.aws", "sqs", "us-east-1", "sqs.us-east-1.api.aws"],
  ["amazonaws.com.example.org", "sqs", "us-east-1", "sqs.us-east-1.amazonaws.com"],
  ["localstack:4566", "sqs", "us-east-1", "sqs.us-east-1.amazonaws.com"],
])("what was asked at %s of %s in %s belongs to %s", (host, service, region, expected) => {
  expect(originOf(requestFor(host), service, region).href).toBe(`https://${expected}/`);
});

/** A server that signs anew what it gets, as for a host of AWS, and asks another one. */
async function openResigner(port: number) {
  const keys = new SigningKeys();
  const http = createServer(async (message, response) => {
    const body = Buffer.concat(await message.toArray());
    const { path, headers } = resign(readRequest(message), new URL("https://things.eu-west-1.amazonaws.com"), body, {
      credentials: { accessKeyId: "session", secretAccessKey: "secret", sessionToken: "token" },
      region: "eu-west-1",
      service: "things",
      now: Date.now(),
      findKey: (scope, secret) => keys.find(scope, secret),
    });
    const asked = send({ host: "127.0.0.1", port, method: message.method, path, headers }, (reply) =>
      reply.pipe(response),
    );
    asked.end(body);
  }).listen(0, "127.0.0.1");
  await once(http, "listening");
  return {
    port: (http.address() as AddressInfo).port, // it listens on a port
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

test.each<[string, SignedRequest]>([
  [
    "a form",
    { service: "sns", headers: { "content-type": "application/x-www-form-urlencoded" }, body: "Action=Publish" },
  ],
  ["JSON", { service: "dynamodb", headers: { "x-amz-target": "T.GetItem" }, body: "{}" }],
  [
    "a path with escapes",
    { service: "apigateway", method: "GET", url: "/tags/arn%3Aaws%3Aapigateway%3A%3A/a%20b/c?limit=5&x=%C3%A9" },
  ],
  ["no body", { service: "eks", method: "GET", url: "/clusters" }],
])(
  "%s that is signed anew is taken by who knows the new credentials, for their region and service",
  async (_name, call) => {
    await using aws = await listen({});
    await using resigner = await openResigner(aws.port);
    await sendSigned(resigner.port, call);
    expect(aws.calls).toMatchObject([
      {
        service: "things",
        region: "eu-west-1",
        principal: { accessKeyId: "session" },
        errorCode: "PenstockServiceNotServed",
      },
    ]);
  },
);
