import { S3 } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { insertRole, putRolePolicy } from "../../store/role.ts";
import { ACCOUNT } from "../../wire/testing/listen.ts";
import { at, REGION, type S3Server, startS3 } from "./testing/s3-server.ts";

let server: S3Server;
let s3: S3;

beforeEach(async () => {
  server = await startS3();
  s3 = clientOf({ accessKeyId: "test", secretAccessKey: "test" });
});

afterEach(async () => {
  s3.destroy();
  await server.end();
});

function clientOf(credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }): S3 {
  return new S3({ endpoint: server.endpoint, region: REGION, credentials, forcePathStyle: true, maxAttempts: 1 });
}

const failed = { name: "PreconditionFailed", $metadata: { httpStatusCode: 412 } };
const absent = { name: "NoSuchKey", $metadata: { httpStatusCode: 404 } };
const unknown = { name: "NotImplemented", $metadata: { httpStatusCode: 501 } };
const OTHER = `"${"0".repeat(32)}"`;

const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

/** One part of an upload, and what completes it. */
async function upload(key: string) {
  const { UploadId } = await s3.createMultipartUpload(at(key));
  const { ETag } = await s3.uploadPart({ ...at(key), UploadId, PartNumber: 1, Body: "part" });
  return { ...at(key), UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } };
}

describe("a write", () => {
  test("that must be the first is refused when it is not, and by a delete marker it is", async () => {
    await s3.putObject({ ...at("a"), Body: "1", IfNoneMatch: "*" });
    await expect(s3.putObject({ ...at("a"), Body: "2", IfNoneMatch: "*" })).rejects.toMatchObject(failed);
    expect((await server.get("a")).toString()).toBe("1");
    await server.objects.setVersioning("artifacts", "Enabled");
    await s3.deleteObject(at("a"));
    await s3.putObject({ ...at("a"), Body: "3", IfNoneMatch: "*" });
    expect((await server.get("a")).toString()).toBe("3");
  });

  test("of many at once that must be the first, one is", async () => {
    const writes = Array.from({ length: 8 }, (_, index) =>
      s3.putObject({ ...at("a"), Body: `${index}`, IfNoneMatch: "*" }),
    );
    const done = await Promise.allSettled(writes);
    expect(done.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("that replaces what it names is refused for another or for nothing", async () => {
    await expect(s3.putObject({ ...at("a"), Body: "1", IfMatch: OTHER })).rejects.toMatchObject(absent);
    const { ETag } = await server.put("a", "1");
    await expect(s3.putObject({ ...at("a"), Body: "2", IfMatch: OTHER })).rejects.toMatchObject(failed);
    await s3.putObject({ ...at("a"), Body: "2", IfMatch: ETag });
    expect((await server.get("a")).toString()).toBe("2");
    await expect(s3.putObject({ ...at("a"), Body: "3", IfMatch: ETag })).rejects.toMatchObject(failed);
  });

  test("that must be the first takes no ETag, as in the service", async () => {
    await expect(s3.putObject({ ...at("a"), Body: "1", IfNoneMatch: OTHER })).rejects.toMatchObject(unknown);
  });

  test("of parts is held to the same, and can be completed later", async () => {
    const parts = await upload("a");
    const { ETag } = await server.put("a", "1");
    await expect(s3.completeMultipartUpload({ ...parts, IfNoneMatch: "*" })).rejects.toMatchObject(failed);
    await expect(s3.completeMultipartUpload({ ...parts, IfMatch: OTHER })).rejects.toMatchObject(failed);
    await expect(s3.completeMultipartUpload({ ...parts, IfNoneMatch: OTHER })).rejects.toMatchObject(unknown);
    await s3.completeMultipartUpload({ ...parts, IfMatch: ETag });
    expect((await server.get("a")).toString()).toBe("part");
  });

  test("by copying is held to the target's and to the source's", async () => {
    const { ETag } = await server.put("source", "1");
    const copy = { ...at("target"), CopySource: "artifacts/source" };
    await expect(s3.copyObject({ ...copy, CopySourceIfMatch: OTHER })).rejects.toMatchObject(failed);
    await expect(s3.copyObject({ ...copy, CopySourceIfNoneMatch: ETag })).rejects.toMatchObject(failed);
    await expect(
      s3.copyObject({ ...copy, CopySourceIfModifiedSince: new Date(Date.now() + 10_000) }),
    ).rejects.toMatchObject(failed);
    await expect(s3.copyObject({ ...copy, CopySourceIfUnmodifiedSince: new Date(0) })).rejects.toMatchObject(failed);
    await s3.copyObject({ ...copy, CopySourceIfMatch: ETag, IfNoneMatch: "*" });
    await expect(s3.copyObject({ ...copy, IfNoneMatch: "*" })).rejects.toMatchObject(failed);
    await expect(s3.copyObject({ ...copy, IfMatch: OTHER })).rejects.toMatchObject(failed);
    await s3.copyObject({ ...copy, IfMatch: ETag });
  });
});

describe("a deletion", () => {
  test("is refused for another object than it names", async () => {
    const { ETag } = await server.put("a", "1");
    await expect(s3.deleteObject({ ...at("a"), IfMatch: OTHER })).rejects.toMatchObject(failed);
    await expect(s3.deleteObject({ ...at("b"), IfMatch: OTHER })).rejects.toMatchObject(absent);
    await s3.deleteObject({ ...at("a"), IfMatch: ETag });
    await expect(s3.headObject(at("a"))).rejects.toMatchObject({ name: "NotFound" });
  });

  test("of many tells which were others, and does the rest", async () => {
    const { ETag } = await server.put("a", "1");
    await server.put("b", "2");
    const Objects = [{ Key: "a", ETag }, { Key: "b", ETag: OTHER }, { Key: "c" }];
    const answer = await s3.deleteObjects({ Bucket: "artifacts", Delete: { Objects } });
    expect(answer.Deleted).toEqual([{ Key: "a" }, { Key: "c" }]);
    expect(answer.Errors).toEqual([{ Key: "b", Code: "PreconditionFailed", Message: expect.any(String) }]);
    expect((await server.get("b")).toString()).toBe("2");
  });

  test("of many tells which the caller may not delete, and does the rest", async () => {
    for (const key of ["mine/a", "other/b"]) await server.put(key);
    const worker = clientOf(await workerOn("arn:aws:s3:::artifacts/mine/*"));
    const Objects = [{ Key: "other/b" }, { Key: "mine/a" }];
    const answer = await worker.deleteObjects({ Bucket: "artifacts", Delete: { Objects, Quiet: true } });
    expect(answer.Deleted).toBeUndefined();
    expect(answer.Errors).toEqual([
      {
        Key: "other/b",
        Code: "AccessDenied",
        Message: expect.stringContaining("not authorized to perform: s3:DeleteObject"),
      },
    ]);
    expect((await server.get("other/b")).toString()).toBe("x");
    await expect(s3.headObject(at("mine/a"))).rejects.toMatchObject({ name: "NotFound" });
    worker.destroy();
  });
});

test("a write's conditions are what policies can ask for", async () => {
  server.asked.length = 0;
  await s3.putObject({ ...at("a"), Body: "1", IfNoneMatch: "*" });
  expect(server.asked[0]?.context).toMatchObject({ "s3:if-none-match": "*" });
});

/** A session whose role may delete there. */
async function workerOn(Resource: string) {
  const roleArn = `arn:aws:iam::${ACCOUNT}:role/worker`;
  const row = {
    account: ACCOUNT,
    name: "worker",
    path: "/",
    id: "AROAWORKER",
    arn: roleArn,
    description: null,
    tags: "[]",
  };
  const document = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:DeleteObject", Resource }] };
  await server.store.transact(async (tx) => {
    await tx.run(insertRole, { ...row, trust_policy: TRUST, max_session_seconds: 3600, created_at: 0 });
    await tx.run(putRolePolicy, { role_arn: roleArn, kind: "inline", name: "p", document: JSON.stringify(document) });
  });
  return server.identity.issueSession({ roleArn, sessionName: "s", durationSeconds: 900, now: Date.now() });
}
