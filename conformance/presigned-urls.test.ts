import { randomBytes } from "node:crypto";
import { afterAll, describe, expect, test } from "vitest";
import { boto3 } from "./boto3.ts";
import type { Caller } from "./client.ts";
import { javascript } from "./javascript.ts";
import { startPenstock } from "./server.ts";

/* URLs that boto3 signs, by both versions of the signature, sent by a client that knows nothing of AWS. */

const server = await startPenstock();
afterAll(server.stop);
const root = javascript(server);
await root.s3.createBucket({ Bucket: "urls" });

/** What boto3 has beside the API's operations. */
interface Signing {
  generate_presigned_url(input: {
    readonly ClientMethod: string;
    readonly Params: object;
    readonly ExpiresIn?: number;
    readonly HttpMethod?: string;
  }): Promise<string>;
}

function signer(caller: Caller) {
  const { s3 } = boto3(server, caller);
  const { generate_presigned_url: generate } = s3 as unknown as Signing; // the runner calls any method of boto3's client
  return (ClientMethod: string, Params: object, ExpiresIn = 60) =>
    generate({ ClientMethod, Params: { Bucket: "urls", ...Params }, ExpiresIn });
}

describe.each([
  ["boto3's own choice", {}, "AWSAccessKeyId"],
  ["signature_version s3", { signatureVersion: "s3" }, "AWSAccessKeyId"],
  ["signature_version s3v4", { signatureVersion: "s3v4" }, "X-Amz-Credential"],
] as const)("a URL by %s", (title, caller, parameter) => {
  const sign = signer(caller);
  const Key = `${title}/é +%.txt`;

  test("puts, gets, heads and deletes", async () => {
    const put = await sign("put_object", { Key });
    expect(new URL(put).searchParams.has(parameter)).toBe(true);
    expect((await fetch(put, { method: "PUT", body: Buffer.from("bytes") })).status).toBe(200);
    expect(await (await fetch(await sign("get_object", { Key }))).text()).toBe("bytes");
    const head = await fetch(await sign("head_object", { Key }), { method: "HEAD" });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, "5"]);
    expect((await fetch(await sign("delete_object", { Key }), { method: "DELETE" })).status).toBe(204);
    expect((await fetch(await sign("get_object", { Key }))).status).toBe(404);
  });

  test("may change the answer's headers, and name a subresource", async () => {
    await root.s3.putObject({ Bucket: "urls", Key, Body: "bytes", Tagging: "a=b" });
    const attachment = 'attachment; filename="a b.zip"';
    const get = await sign("get_object", { Key, ResponseContentDisposition: attachment, ResponseContentType: "x/y" });
    const answer = await fetch(get);
    expect(answer.headers.get("content-disposition")).toBe(attachment);
    expect(answer.headers.get("content-type")).toBe("x/y");
    expect(await (await fetch(await sign("get_object_tagging", { Key }))).text()).toContain("<Key>a</Key>");
    const changed = get.replace("x%2Fy", "x%2Fz");
    expect(await (await fetch(changed)).text()).toContain("SignatureDoesNotMatch");
  });

  test("says its type and metadata when they were signed", async () => {
    const url = await sign("put_object", { Key, ContentType: "text/x", Metadata: { colour: "blue" } });
    const isOld = parameter === "AWSAccessKeyId";
    // Version 4 signs them as headers, which whoever has the URL must send.
    const headers = { "content-type": "text/x", ...(!isOld && { "x-amz-meta-colour": "blue" }) };
    expect((await fetch(url, { method: "PUT", body: Buffer.from("bytes"), headers })).status).toBe(200);
    const { ContentType, Metadata } = await root.s3.headObject({ Bucket: "urls", Key });
    expect([ContentType, Metadata]).toEqual(["text/x", { colour: "blue" }]);
    expect(
      (await fetch(url, { method: "PUT", body: Buffer.from("bytes"), headers: { "content-type": "text/y" } })).status,
    ).toBe(403);
  });

  test("ends with its time", async () => {
    const answer = await fetch(await sign("get_object", { Key }, -1));
    const expected = parameter === "AWSAccessKeyId" ? [403, "Request has expired"] : [400, "X-Amz-Expires"];
    expect([answer.status, await answer.text()]).toEqual([expected[0], expect.stringContaining(String(expected[1]))]);
  });

  test("by a session's key carries its token", async () => {
    const { Credentials } = await root.sts.getSessionToken({});
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = Credentials ?? {};
    const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    const url = await signer({ ...caller, credentials })("get_object", { Key });
    expect((await fetch(url)).status).toBe(200);
    const without = url.replace(/x-amz-security-token=[^&]*&?/i, "");
    expect(await (await fetch(without)).text()).toContain("InvalidAccessKeyId");
  });
});

test("boto3 with signature_version s3 signs its requests so, in any region", async () => {
  const { s3 } = boto3(server, { signatureVersion: "s3", region: "eu-west-1" });
  const place = { Bucket: "by-version-two", Key: "a b/é" };
  await s3.createBucket({ Bucket: place.Bucket, CreateBucketConfiguration: { LocationConstraint: "eu-west-1" } });
  const part = randomBytes(5 * 1024 * 1024);
  await s3.putObject({ ...place, Body: Buffer.from("bytes"), Metadata: { colour: "blue" }, ContentType: "text/x" });
  expect(await (await s3.getObject(place)).Body?.transformToString()).toBe("bytes");
  const { UploadId } = await s3.createMultipartUpload({ ...place, Key: "big" });
  const { ETag } = await s3.uploadPart({ ...place, Key: "big", UploadId, PartNumber: 1, Body: part });
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await s3.completeMultipartUpload({ ...place, Key: "big", UploadId, MultipartUpload });
  expect((await s3.listObjectsV2({ Bucket: place.Bucket })).Contents?.map(({ Key }) => Key)).toEqual([
    place.Key,
    "big",
  ]);
  await s3.copyObject({ ...place, Key: "copy", CopySource: { Bucket: place.Bucket, Key: place.Key } as never });
  const Objects = [{ Key: "big" }, { Key: "copy" }];
  expect((await s3.deleteObjects({ Bucket: place.Bucket, Delete: { Objects } })).Deleted).toHaveLength(2);
  const wrong = boto3(server, {
    ...{ signatureVersion: "s3", credentials: { accessKeyId: "test", secretAccessKey: "wrong" } },
  });
  await expect(wrong.s3.getObject(place)).rejects.toMatchObject({ name: "SignatureDoesNotMatch" });
});
