import { CodePipelineClient, ListWebhooksCommand } from "@aws-sdk/client-codepipeline";
import { LambdaClient, ListTagsCommand } from "@aws-sdk/client-lambda";
import CodePipelineV2 from "aws-sdk/clients/codepipeline.js";
import { expect, test } from "vitest";
import { model } from "../../services/codepipeline/model.generated.ts";
import type { Operations } from "../../services/codepipeline/shapes.generated.ts";
import { model as lambdaModel } from "../../services/lambda/model.generated.ts";
import type { Operations as LambdaOperations } from "../../services/lambda/shapes.generated.ts";
import { model as s3Model } from "../../services/s3/model.generated.ts";
import type { Operations as S3Operations } from "../../services/s3/shapes.generated.ts";
import { model as stsModel } from "../../services/sts/model.generated.ts";
import type { Operations as StsOperations } from "../../services/sts/shapes.generated.ts";
import { service } from "../service.ts";
import { clientOptions, type Listening, listen } from "../testing/listen.ts";
import { type Answer, basicDate, type SignedRequest, send, sendSigned, sign } from "../testing/sign.ts";

const codepipeline = service<undefined, Operations>({
  model,
  context: undefined,
  operations: { ListWebhooks: { name: "ListWebhooks", run: async () => ({ webhooks: [] }) } },
});
const lambda = service<undefined, LambdaOperations>({
  model: lambdaModel,
  context: undefined,
  operations: { ListTags: { name: "ListTags", run: async ({ Resource }) => ({ Tags: { Resource } }) } },
});
const s3 = service<undefined, S3Operations>({
  model: s3Model,
  context: undefined,
  operations: { ListBuckets: { name: "ListBuckets", run: async () => ({ Buckets: [] }) } },
});
const sts = service<undefined, StsOperations>({
  model: stsModel,
  context: undefined,
  operations: { GetCallerIdentity: { name: "GetCallerIdentity", run: async () => ({ Account: "0" }) } },
});

const now = Date.parse("2026-11-24T10:00:00Z");
const start = () => listen({ codepipeline, lambda, s3, sts }, { clockNow: () => now });

const jsonRequest: SignedRequest = {
  service: "codepipeline",
  headers: { "x-amz-target": "CodePipeline_20150709.ListWebhooks", "content-type": "application/x-amz-json-1.1" },
  body: "{}",
  date: basicDate(now),
};

function error(code: string, message?: string): string {
  return JSON.stringify(message === undefined ? { __type: code } : { __type: code, message });
}

/** Signs well, then spoils the headers. */
function sendSpoiled(
  server: Listening,
  spoil: (headers: Record<string, string>) => void,
  signed = jsonRequest,
): Promise<Answer> {
  const headers = sign(signed, `127.0.0.1:${server.port}`);
  spoil(headers);
  return send(server.port, signed, headers);
}

const authorization = (headers: Record<string, string>) => headers["authorization"] ?? "";

test("a good signature of the JSON protocol is good", async () => {
  await using server = await start();
  expect((await sendSigned(server.port, jsonRequest)).status).toBe(200);
});

test("a body that is not JSON comes before everything else", async () => {
  await using server = await start();
  for (const body of ["", "{", "[]", "null", "5"]) {
    const answer = await send(server.port, { body }, { "x-amz-target": "CodePipeline_20150709.Nothing" });
    expect(answer).toMatchObject({ status: 400, body: error("SerializationException") });
  }
});

test("header and query authentication together are refused", async () => {
  await using server = await start();
  const answer = await sendSigned(server.port, { ...jsonRequest, url: "/?X-Amz-Algorithm=AWS4-HMAC-SHA256" });
  const message = "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.";
  expect(answer).toMatchObject({ status: 400, body: error("InvalidSignatureException", message) });
});

test("without a signature of version 4 the token is missing", async () => {
  await using server = await start();
  const missing = error("MissingAuthenticationTokenException", "Request is missing Authentication Token");
  for (const value of [undefined, "Basic dGVzdA==", "AWS test:abc"]) {
    const answer = await sendSpoiled(server, (headers) => {
      if (value === undefined) delete headers["authorization"];
      else headers["authorization"] = value;
    });
    expect(answer).toMatchObject({ status: 400, body: missing });
  }
});

test("missing pieces are all named", async () => {
  await using server = await start();
  const bare = await sendSpoiled(server, (headers) => {
    headers["authorization"] = "AWS4-HMAC-SHA256";
    delete headers["x-amz-date"];
  });
  expect(bare.body).toBe(
    error(
      "IncompleteSignatureException",
      "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256",
    ),
  );
  const dateless = await sendSpoiled(server, (headers) => delete headers["x-amz-date"]);
  expect(JSON.parse(dateless.body).message).toMatch(
    /^Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header\. Authorization=AWS4/,
  );
  const presigned = await send(
    server.port,
    { url: "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=x", body: "{}" },
    { "x-amz-target": "CodePipeline_20150709.ListWebhooks" },
  );
  expect(JSON.parse(presigned.body).message).toBe(
    "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. Re-examine the query-string parameters.",
  );
});

test("a date in another format is refused", async () => {
  await using server = await start();
  const answer = await sendSpoiled(server, (headers) => {
    headers["x-amz-date"] = "Tue, 24 Nov 2026 10:00:00 GMT";
  });
  const message =
    "Date must be in ISO-8601 'basic format'. Got 'Tue, 24 Nov 2026 10:00:00 GMT'. See http://en.wikipedia.org/wiki/ISO_8601";
  expect(answer).toMatchObject({ status: 400, body: error("IncompleteSignatureException", message) });
});

test("a clock may be off by 15 minutes and not by a second more", async () => {
  await using server = await start();
  const at = (ms: number) => sendSigned(server.port, { ...jsonRequest, date: basicDate(now + ms) });
  expect((await at(-900_000)).status).toBe(200);
  expect((await at(900_000)).status).toBe(200);
  expect((await at(-901_000)).body).toBe(
    error(
      "InvalidSignatureException",
      "Signature expired: 20261124T094459Z is now earlier than 20261124T094500Z (20261124T100000Z - 15 min.)",
    ),
  );
  expect((await at(901_000)).body).toBe(
    error(
      "InvalidSignatureException",
      "Signature not yet current: 20261124T101501Z is still later than 20261124T101500Z (20261124T100000Z + 15 min.)",
    ),
  );
});

test("the host must be signed", async () => {
  await using server = await start();
  const answer = await sendSigned(server.port, { ...jsonRequest, signedHeaders: ["x-amz-date", "x-amz-target"] });
  expect(answer.body).toBe(
    error("InvalidSignatureException", "'Host' must be a 'SignedHeader' in the AWS Authorization."),
  );
});

test("other algorithms are refused", async () => {
  await using server = await start();
  const answer = await sendSpoiled(server, (headers) => {
    headers["authorization"] = authorization(headers).replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512");
  });
  const message = "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512' (only AWS4-HMAC-SHA256 for now). ";
  expect(answer.body).toBe(error("IncompleteSignatureException", message));
});

test("a credential has five parts", async () => {
  await using server = await start();
  const answer = await sendSpoiled(server, (headers) => {
    headers["authorization"] = authorization(headers).replace(/Credential=[^,]+/, "Credential=test/x");
  });
  const message =
    "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'test/x'";
  expect(answer.body).toBe(error("IncompleteSignatureException", message));
});

test("everything that is wrong with a scope is told at once", async () => {
  await using server = await start();
  const wrong = { ...jsonRequest, service: "iam", region: "EU WEST", terminator: "aws3", scopeDate: "20261123" };
  expect((await sendSigned(server.port, wrong)).body).toBe(
    error(
      "InvalidSignatureException",
      "Credential should be scoped to a valid region, not 'EU WEST'. Credential should be scoped to correct service: 'codepipeline'. Credential should be scoped with a valid terminator: 'aws4_request', not 'aws3'. Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20261123' != '20261124', from '20261124T100000Z'.",
    ),
  );
});

test("keys and sessions are refused by what is wrong with them", async () => {
  await using server = await start();
  const invalid = "The security token included in the request is invalid";
  const withToken = (token: string): SignedRequest => ({
    ...jsonRequest,
    accessKeyId: "session",
    secretAccessKey: "secret",
    headers: { ...jsonRequest.headers, "x-amz-security-token": token },
  });
  const unknown = await sendSigned(server.port, { ...jsonRequest, accessKeyId: "nobody" });
  expect(unknown).toMatchObject({ status: 400, body: error("UnrecognizedClientException", `${invalid}.`) });
  expect((await sendSigned(server.port, withToken("other"))).body).toBe(error("UnrecognizedClientException", invalid));
  expect((await sendSigned(server.port, withToken("old"))).body).toBe(
    error("ExpiredTokenException", "The security token included in the request is expired"),
  );
  expect((await sendSigned(server.port, withToken("token"))).status).toBe(200);
});

test("a signature holds for one secret, one body, one set of headers and one path", async () => {
  await using server = await start();
  const mismatch = error(
    "InvalidSignatureException",
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
  );
  const spoiled = [
    await sendSigned(server.port, { ...jsonRequest, secretAccessKey: "Test" }),
    await sendSigned(server.port, { ...jsonRequest, payloadHash: "0".repeat(64) }),
    await sendSigned(server.port, { ...jsonRequest, payloadHash: "UNSIGNED-PAYLOAD" }),
    await sendSigned(server.port, { ...jsonRequest, canonicalPath: "/other" }),
    await sendSpoiled(server, (headers) => {
      headers["content-type"] = "text/plain";
    }),
    await sendSpoiled(server, (headers) => {
      headers["authorization"] = authorization(headers).replace(/Signature=.*/, "Signature=00");
    }),
  ];
  for (const answer of spoiled) expect(answer).toMatchObject({ status: 400, body: mismatch });
});

test("spaces in header values and the order of the query do not matter", async () => {
  await using server = await start();
  const headers = { ...jsonRequest.headers, "x-amz-meta-note": "a b" };
  const signed = { ...jsonRequest, headers, url: "/?a=2&B=1&a=1" };
  const answer = await sendSpoiled(
    server,
    (all) => {
      all["x-amz-meta-note"] = "  a   b ";
    },
    signed,
  );
  expect(answer.status).toBe(200);
});

test("Lambda refuses with 403, and the query protocol in its own codes", async () => {
  await using server = await start();
  const wrongKey = { accessKeyId: "nobody", date: basicDate(now) };
  const ofLambda = await sendSigned(server.port, {
    ...wrongKey,
    service: "lambda",
    method: "GET",
    url: "/2017-03-31/tags/arn",
  });
  expect(ofLambda.status).toBe(403);
  expect(ofLambda.headers["x-amzn-errortype"]).toBe("UnrecognizedClientException");

  const form: SignedRequest = {
    service: "sts",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "Action=GetCallerIdentity&Version=2011-06-15",
    date: basicDate(now),
  };
  const rows: (readonly [Partial<SignedRequest>, number, string])[] = [
    [{}, 200, "<Account>0</Account>"],
    [{ accessKeyId: "nobody" }, 403, "<Code>InvalidClientTokenId</Code>"],
    [{ secretAccessKey: "wrong" }, 403, "<Code>SignatureDoesNotMatch</Code>"],
    [{ date: basicDate(now - 3_600_000) }, 403, "<Message>Signature expired: 20261124T090000Z is now earlier than"],
    [{ terminator: "aws3" }, 403, "<Code>SignatureDoesNotMatch</Code>"],
  ];
  for (const [change, status, text] of rows) {
    const answer = await sendSigned(server.port, { ...form, ...change });
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(text);
  }
  const unsigned = await send(server.port, form, form.headers ?? {});
  expect(unsigned.status).toBe(403);
  expect(unsigned.body).toContain("<Type>Sender</Type><Code>MissingAuthenticationToken</Code>");
});

test("S3 refuses in its own codes", async () => {
  await using server = await start();
  const list: SignedRequest = {
    service: "s3",
    method: "GET",
    headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
    date: basicDate(now),
  };
  const { headers: _headers, ...unhashed } = list;
  const old = { ...list, accessKeyId: "session", headers: { ...list.headers, "x-amz-security-token": "old" } };
  const rows: (readonly [SignedRequest, number, string])[] = [
    [list, 200, "ListAllMyBucketsResult"],
    [{ ...list, accessKeyId: "nobody" }, 403, "<Code>InvalidAccessKeyId</Code>"],
    [{ ...list, secretAccessKey: "wrong" }, 403, "<Code>SignatureDoesNotMatch</Code>"],
    [{ ...list, date: basicDate(now - 3_600_000) }, 403, "<Code>RequestTimeTooSkewed</Code>"],
    [{ ...list, date: basicDate(now + 3_600_000) }, 403, "<Code>RequestTimeTooSkewed</Code>"],
    [{ ...list, terminator: "aws3" }, 400, "<Code>AuthorizationHeaderMalformed</Code>"],
    [
      { ...list, signedHeaders: ["host", "x-amz-content-sha256"] },
      403,
      "<HeadersNotSigned>x-amz-date</HeadersNotSigned>",
    ],
    [old, 400, "<Code>ExpiredToken</Code>"],
    [unhashed, 400, "Missing required header for this request: x-amz-content-sha256"],
    [{ ...list, headers: { "x-amz-content-sha256": "0".repeat(64) } }, 400, "<Code>XAmzContentSHA256Mismatch</Code>"],
  ];
  for (const [signed, status, text] of rows) {
    const answer = await sendSigned(server.port, signed);
    expect([answer.status, answer.body]).toEqual([status, expect.stringContaining(text)]);
  }
  const anonymous = await send(server.port, { method: "GET", url: "/bucket/key" }, {});
  expect(anonymous).toMatchObject({ status: 403, body: expect.stringContaining("<Code>AccessDenied</Code>") });
});

test("the SDKs of both generations sign what we verify", async () => {
  await using server = await listen({ codepipeline, lambda });
  const options = clientOptions(server);
  expect((await new CodePipelineClient(options).send(new ListWebhooksCommand({}))).webhooks).toEqual([]);
  expect((await new CodePipelineV2({ ...options, maxRetries: 0 }).listWebhooks().promise()).webhooks).toEqual([]);
  // The colons of an ARN are encoded in the path, and once more for the signature.
  const arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
  const tags = await new LambdaClient(options).send(new ListTagsCommand({ Resource: arn }));
  expect(tags.Tags).toEqual({ Resource: arn });
  const wrong = new CodePipelineClient({ ...options, credentials: { accessKeyId: "test", secretAccessKey: "no" } });
  await expect(wrong.send(new ListWebhooksCommand({}))).rejects.toMatchObject({ name: "InvalidSignatureException" });
});
