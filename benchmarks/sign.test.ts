import { expect, test } from "vitest";
import { type JsonCall, signedObjectHeaders, signedRequest, signingKey } from "./sign.ts";

const call: JsonCall = {
  host: "127.0.0.1:4566",
  target: "CodePipeline_20150709.PutJobSuccessResult",
  input: { jobId: "11111111-2222-3333-4444-555555555555" },
  service: "codepipeline",
  region: "us-east-1",
  credentials: { accessKeyId: "ASIAEXAMPLE", secretAccessKey: "secret", sessionToken: "token" },
  at: Date.UTC(2026, 10, 24, 6, 5, 4),
};

test("the signing key is the one of AWS's own example", () => {
  const key = signingKey("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830", "us-east-1", "iam");
  expect(key.toString("hex")).toBe("c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
});

test("a request goes out whole: its length is told, its time is of the call, the session token is signed", () => {
  const [head = "", body = ""] = signedRequest(call).toString().split("\r\n\r\n");
  expect(head.split("\r\n")[0]).toBe("POST / HTTP/1.1");
  expect(head).toContain(`\r\ncontent-length: ${body.length}`);
  expect(head).toContain("\r\nx-amz-date: 20261124T060504Z");
  expect(head).toContain("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target,");
  expect(JSON.parse(body)).toEqual(call.input);
});

test("without a session there is no token", () => {
  const { sessionToken: _, ...credentials } = call.credentials;
  expect(signedRequest({ ...call, credentials }).toString()).not.toContain("security-token");
});

test("another body has another signature", () => {
  const signatureOf = (request: Buffer) => /Signature=(\w{64})/.exec(request.toString())?.[1];
  const other = signedRequest({ ...call, input: { jobId: "x" } });
  expect(signatureOf(signedRequest(call))).not.toBe(signatureOf(other));
});

test("headers for S3 sign host, hash and time within the scope of the day", () => {
  const headers = signedObjectHeaders({
    host: "examplebucket.s3.amazonaws.com",
    method: "GET",
    path: "/",
    payloadHash: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    region: "us-east-1",
    credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" },
    at: Date.UTC(2013, 4, 24),
  });
  expect(headers["x-amz-date"]).toBe("20130524T000000Z");
  expect(headers["authorization"]).toContain(
    "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, ",
  );
});
