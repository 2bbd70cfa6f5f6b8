import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { bucketOfHost } from "./protocol/s3-path.ts";
import { readRequest } from "./request.ts";
import { serviceOf } from "./routing.ts";

function route(url: string, headers: Readonly<Record<string, string>> = {}, method = "GET"): string {
  return serviceOf(readRequest({ url, headers, method } as unknown as IncomingMessage)); // All that routing reads of one.
}

const scoped = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=key/20261124/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});
const form = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };

test("the scope of the signature names the service, in the header or in the query", () => {
  expect(route("/", scoped("iam"))).toBe("iam");
  expect(route("/2015-03-31/functions", scoped("s3"))).toBe("s3");
  expect(route("/?X-Amz-Credential=key%2F20261124%2Fus-east-1%2Fsts%2Faws4_request")).toBe("sts");
  expect(route("/", scoped("dynamodb"))).toBe("dynamodb");
});

test("a known target beats the scope, an unknown one does not", () => {
  expect(route("/", { ...scoped("iam"), "x-amz-target": "CodePipeline_20150709.GetPipeline" }, "POST")).toBe(
    "codepipeline",
  );
  expect(route("/", { ...scoped("kms"), "x-amz-target": "Other.Thing" }, "POST")).toBe("kms");
});

test("without a signature path, host and form tell, and S3 gets the rest", () => {
  expect(route("/", { "x-amz-target": "TrentService.Encrypt" }, "POST")).toBe("kms");
  expect(route("/2015-03-31/functions/f/invocations", {}, "POST")).toBe("lambda");
  expect(route("/", { host: "lambda.us-east-1.amazonaws.com" })).toBe("lambda");
  expect(route("/", form, "POST")).toBe("form");
  expect(route("/?Action=GetCallerIdentity&Version=2011-06-15")).toBe("sts");
  expect(route("/bucket/key", { host: "localhost:4566" })).toBe("s3");
  expect(route("/key", { host: "bucket.localhost:4566" })).toBe("s3");
});

test("a host of AWS names its service, also one that nobody serves", () => {
  const rows: Readonly<Record<string, string>> = {
    "dynamodb.us-east-1.amazonaws.com": "dynamodb",
    "kms-fips.us-gov-west-1.amazonaws.com": "kms",
    "sts.amazonaws.com": "sts",
    "lambda.us-east-1.api.aws": "lambda",
    "eu-west-1.queue.amazonaws.com": "queue",
    "sqs.cn-north-1.amazonaws.com.cn": "sqs",
    "api.ecr.eu-west-1.amazonaws.com": "ecr",
    "codepipeline.localhost.localstack.cloud:4566": "codepipeline",
    "bucket.s3.amazonaws.com": "s3",
    "a.bucket.s3.dualstack.eu-west-1.amazonaws.com": "s3",
    "bucket.s3-eu-west-1.amazonaws.com": "s3",
    "bucket.s3.localhost.localstack.cloud:4566": "s3",
  };
  for (const [host, service] of Object.entries(rows)) expect([host, route("/", { host })]).toEqual([host, service]);
});

test("a host has a bucket before .s3 or .localhost, an address has none", () => {
  const rows: Readonly<Record<string, string | undefined>> = {
    "b.s3.amazonaws.com": "b",
    "b.s3.us-east-1.amazonaws.com": "b",
    "b.s3-us-west-2.amazonaws.com": "b",
    "my.s3.bucket.s3.localhost:4566": "my.s3.bucket",
    "b.localhost": "b",
    "s3.localhost": undefined,
    "s3.us-east-1.amazonaws.com": undefined,
    "localhost:4566": undefined,
    "127.0.0.1:4566": undefined,
    "[::1]:4566": undefined,
    "example.org": undefined,
  };
  for (const [host, bucket] of Object.entries(rows)) expect([host, bucketOfHost(host)]).toEqual([host, bucket]);
});
