import { afterAll, describe, expect, test } from "vitest";
import { boto3 } from "./boto3.ts";
import type { Caller, Client } from "./client.ts";
import { javascript } from "./javascript.ts";
import { startPenstock } from "./server.ts";

/* What a KMS key says of the objects under it: S3 asks in its caller's name, and a key that says no keeps them shut. */

const server = await startPenstock();
afterAll(server.stop);

const Bucket = "under-keys";
const root = javascript(server);
await root.s3.createBucket({ Bucket });

const asArn = (role: string) => `arn:aws:iam::${server.account}:role/${role}`;
const statement = (Action: string | string[], Resource: string, more: object = {}) => ({
  ...{ Effect: "Allow", Action, Resource },
  ...more,
});

let roles = 0;

/** Credentials of a new role with these statements. */
async function roleWith(
  ...Statement: object[]
): Promise<Required<Pick<Caller, "credentials">> & { readonly role: string }> {
  roles += 1;
  const role = `reader-${roles}`;
  const trust = {
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${server.account}:root` },
    Action: "sts:AssumeRole",
  };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
  await root.iam.createRole({ RoleName: role, AssumeRolePolicyDocument });
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  await root.iam.putRolePolicy({ RoleName: role, PolicyName: "own", PolicyDocument });
  const { Credentials } = await root.sts.assumeRole({ RoleArn: asArn(role), RoleSessionName: "reader" });
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = Credentials ?? {};
  return {
    role,
    credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
  };
}

const objects = statement(["s3:GetObject", "s3:PutObject"], `arn:aws:s3:::${Bucket}/*`);

async function newKey(Policy?: object) {
  const { KeyMetadata } = await root.kms.createKey(Policy ? { Policy: JSON.stringify(Policy) } : {});
  return { id: KeyMetadata?.KeyId ?? "", arn: KeyMetadata?.Arn ?? "" };
}

const put = (by: Client, Key: string, SSEKMSKeyId?: string) => {
  const more = SSEKMSKeyId === undefined ? {} : { SSEKMSKeyId };
  return by.s3.putObject({ Bucket, Key, Body: Buffer.from("secret"), ServerSideEncryption: "aws:kms", ...more });
};

const read = async (by: Client, Key: string) => (await by.s3.getObject({ Bucket, Key })).Body?.transformToString();

describe.each([
  ["the SDK for JavaScript v3", javascript],
  ["boto3", boto3],
] as const)("by %s", (name, clientOf) => {
  const prefix = name.replaceAll(" ", "-");

  test("a key that is disabled or about to be deleted opens nothing and closes nothing", async () => {
    const key = await newKey();
    const by = clientOf(server);
    await put(by, `${prefix}/state`, key.id);
    await root.kms.disableKey({ KeyId: key.id });
    const disabled = { name: "KMS.DisabledException", message: `${key.arn} is disabled.` };
    await expect(read(by, `${prefix}/state`)).rejects.toMatchObject(disabled);
    await expect(put(by, `${prefix}/new`, key.id)).rejects.toMatchObject(disabled);
    await root.kms.enableKey({ KeyId: key.id });
    await root.kms.scheduleKeyDeletion({ KeyId: key.id, PendingWindowInDays: 7 });
    const pending = { name: "KMS.KMSInvalidStateException", message: `${key.arn} is pending deletion.` };
    await expect(read(by, `${prefix}/state`)).rejects.toMatchObject(pending);
    await expect(
      by.s3.copyObject({ Bucket, Key: "copy", CopySource: `${Bucket}/${prefix}/state` }),
    ).rejects.toMatchObject(pending);
    await root.kms.cancelKeyDeletion({ KeyId: key.id });
    await root.kms.enableKey({ KeyId: key.id });
    expect(await read(by, `${prefix}/state`)).toBe("secret");
  });

  test("the role that reads needs kms:Decrypt, and the one that writes kms:GenerateDataKey", async () => {
    const key = await newKey();
    await put(root, `${prefix}/denied`, key.id);
    const neither = clientOf(server, await roleWith(objects));
    await expect(read(neither, `${prefix}/denied`)).rejects.toMatchObject({
      name: "AccessDenied",
      message: expect.stringContaining(`is not authorized to perform: kms:Decrypt on resource: ${key.arn}`),
    });
    await expect(put(neither, `${prefix}/by-role`, key.id)).rejects.toMatchObject({
      name: "AccessDenied",
      message: expect.stringContaining("is not authorized to perform: kms:GenerateDataKey"),
    });
    const reader = clientOf(server, await roleWith(objects, statement("kms:Decrypt", key.arn)));
    expect(await read(reader, `${prefix}/denied`)).toBe("secret");
    await expect(put(reader, `${prefix}/by-role`, key.id)).rejects.toMatchObject({ name: "AccessDenied" });
    const writer = clientOf(server, await roleWith(objects, statement("kms:GenerateDataKey", key.arn)));
    await put(writer, `${prefix}/by-role`, key.id);
    await expect(read(writer, `${prefix}/by-role`)).rejects.toMatchObject({ name: "AccessDenied" });
  });
});

test("a key's policy that denies has the last word, and one that allows is enough", async () => {
  const { role, credentials } = await roleWith(objects);
  const reader = javascript(server, { credentials });
  const owner = {
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${server.account}:root` },
    Action: "kms:*",
    Resource: "*",
  };
  const one = { Principal: { AWS: asArn(role) }, Action: "kms:Decrypt", Resource: "*" };
  const key = await newKey({ Version: "2012-10-17", Statement: [owner, { Effect: "Allow", ...one }] });
  await put(root, "by-policy", key.id);
  expect(await read(reader, "by-policy")).toBe("secret");
  const Statement = [owner, { Effect: "Allow", ...one }, { Effect: "Deny", ...one }];
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
  await root.kms.putKeyPolicy({ KeyId: key.id, PolicyName: "default", Policy });
  await expect(read(reader, "by-policy")).rejects.toMatchObject({
    name: "AccessDenied",
    message: expect.stringContaining("with an explicit deny in a resource-based policy"),
  });
});

test("a permission for use through S3 opens objects there, and nothing at KMS itself", async () => {
  const key = await newKey();
  await put(root, "via", key.id);
  const through = (service: string) => ({ Condition: { StringEquals: { "kms:ViaService": service } } });
  const inS3 = await roleWith(objects, statement("kms:Decrypt", key.arn, through("s3.us-east-1.amazonaws.com")));
  expect(await read(javascript(server, inS3), "via")).toBe("secret");
  const { CiphertextBlob } = await root.kms.encrypt({ KeyId: key.id, Plaintext: Buffer.from("x") });
  await expect(javascript(server, inS3).kms.decrypt({ CiphertextBlob })).rejects.toMatchObject({
    name: "AccessDeniedException",
  });
  const elsewhere = await roleWith(objects, statement("kms:Decrypt", key.arn, through("s3.eu-west-1.amazonaws.com")));
  await expect(read(javascript(server, elsewhere), "via")).rejects.toMatchObject({ name: "AccessDenied" });
});

test("the encryption context is the object's ARN, to which a permission may be held", async () => {
  const key = await newKey();
  await put(root, "context/mine", key.id);
  await put(root, "context/other", key.id);
  const mine = { StringLike: { "kms:EncryptionContext:aws:s3:arn": `arn:aws:s3:::${Bucket}/context/mine*` } };
  const reader = javascript(server, await roleWith(objects, statement("kms:Decrypt", key.arn, { Condition: mine })));
  expect(await read(reader, "context/mine")).toBe("secret");
  await expect(read(reader, "context/other")).rejects.toMatchObject({ name: "AccessDenied" });
});

test("what a request adds to the context is bound as well, and may be asked for", async () => {
  const key = await newKey();
  const SSEKMSEncryptionContext = Buffer.from('{"project":"penstock"}').toString("base64");
  const place = { Bucket, ServerSideEncryption: "aws:kms", SSEKMSKeyId: key.id } as const;
  const put = await root.s3.putObject({ ...place, Key: "added", Body: "secret", SSEKMSEncryptionContext });
  expect(put.SSEKMSEncryptionContext).toBe(SSEKMSEncryptionContext);
  const { UploadId } = await root.s3.createMultipartUpload({ ...place, Key: "parts", SSEKMSEncryptionContext });
  const { ETag } = await root.s3.uploadPart({ Bucket, Key: "parts", UploadId, PartNumber: 1, Body: "secret" });
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await root.s3.completeMultipartUpload({ Bucket, Key: "parts", UploadId, MultipartUpload });
  await root.s3.putObject({ ...place, Key: "plain", Body: "secret" });
  const project = { StringEquals: { "kms:EncryptionContext:project": "penstock" } };
  const reader = javascript(server, await roleWith(objects, statement("kms:Decrypt", key.arn, { Condition: project })));
  expect(await read(reader, "added")).toBe("secret");
  expect(await read(reader, "parts")).toBe("secret");
  await expect(read(reader, "plain")).rejects.toMatchObject({ name: "AccessDenied" });
  const broken = Buffer.from('["penstock"').toString("base64");
  const wrong = root.s3.putObject({ ...place, Key: "wrong", Body: "x", SSEKMSEncryptionContext: broken });
  await expect(wrong).rejects.toMatchObject({ name: "InvalidArgument" });
});

test("aws:kms without a key is alias/aws/s3, which needs no permission and does nothing but for S3", async () => {
  const reader = javascript(server, await roleWith(objects));
  const { SSEKMSKeyId } = await put(reader, "managed");
  const { KeyMetadata } = await root.kms.describeKey({ KeyId: "alias/aws/s3" });
  expect(KeyMetadata).toMatchObject({ Arn: SSEKMSKeyId, KeyManager: "AWS" });
  expect(await read(reader, "managed")).toBe("secret");
  const named = await put(reader, "managed-by-name", "alias/aws/s3");
  expect(named.SSEKMSKeyId).toBe(SSEKMSKeyId);
  await expect(root.kms.encrypt({ KeyId: "alias/aws/s3", Plaintext: Buffer.from("x") })).rejects.toMatchObject({
    name: "AccessDeniedException",
  });
});

test("a bucket's own key is used for what says nothing, and asked for", async () => {
  const key = await newKey();
  const place = { Bucket: "with-a-key" };
  await root.s3.createBucket(place);
  const byDefault = { SSEAlgorithm: "aws:kms", KMSMasterKeyID: key.arn } as const;
  const Rules = [{ ApplyServerSideEncryptionByDefault: byDefault }];
  await root.s3.putBucketEncryption({ ...place, ServerSideEncryptionConfiguration: { Rules } });
  const everywhere = statement(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::with-a-key/*");
  const neither = javascript(server, await roleWith(everywhere));
  await expect(neither.s3.putObject({ ...place, Key: "k", Body: "x" })).rejects.toMatchObject({ name: "AccessDenied" });
  const { SSEKMSKeyId } = await root.s3.putObject({ ...place, Key: "k", Body: "x" });
  expect(SSEKMSKeyId).toBe(key.arn);
});
