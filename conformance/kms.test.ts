import { afterAll, describe, expect, test } from "vitest";
import { awsCli } from "./aws-cli.ts";
import { boto3 } from "./boto3.ts";
import { javascript } from "./javascript.ts";
import { startPenstock } from "./server.ts";

const server = await startPenstock();
afterAll(server.stop);

describe.each([javascript(server), boto3(server)])("KMS by $name", ({ name, kms, s3 }) => {
  test("a key encrypts and decrypts under its context, by id, ARN and alias", async () => {
    const { KeyMetadata: key } = await kms.createKey({ Description: "of a test" });
    expect(key).toMatchObject({
      Arn: `arn:aws:kms:us-east-1:${server.account}:key/${key?.KeyId}`,
      Enabled: true,
      KeyState: "Enabled",
    });
    expect((await kms.describeKey({ KeyId: key?.Arn })).KeyMetadata).toMatchObject({
      KeyId: key?.KeyId,
      Description: "of a test",
    });
    const alias = `alias/of-${name.length}`;
    await kms.createAlias({ AliasName: alias, TargetKeyId: key?.KeyId });
    const EncryptionContext = { purpose: "test" };
    const { Plaintext: plain, CiphertextBlob } = await kms.generateDataKey({
      KeyId: alias,
      KeySpec: "AES_256",
      EncryptionContext,
    });
    expect(plain).toHaveLength(32);
    const decrypted = await kms.decrypt({ CiphertextBlob, EncryptionContext });
    expect(decrypted.KeyId).toBe(key?.Arn);
    expect(Buffer.from(decrypted.Plaintext ?? [])).toEqual(Buffer.from(plain ?? []));
    await expect(kms.decrypt({ CiphertextBlob, EncryptionContext: { purpose: "another" } })).rejects.toMatchObject({
      name: "InvalidCiphertextException",
    });
  });

  test("an object encrypted with a key names it, and needs it to be read", async () => {
    const { KeyMetadata: key } = await kms.createKey({});
    const place = { Bucket: `encrypted-${name.length}`, Key: "secret" };
    await s3.createBucket({ Bucket: place.Bucket });
    await s3.putObject({
      ...place,
      Body: Buffer.from("hello"),
      ServerSideEncryption: "aws:kms",
      SSEKMSKeyId: key?.KeyId,
    });
    const read = await s3.getObject(place);
    expect(read).toMatchObject({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: key?.Arn });
    expect(await read.Body?.transformToString()).toBe("hello");
    await kms.disableKey({ KeyId: key?.KeyId });
    await expect(s3.getObject(place)).rejects.toMatchObject({
      name: expect.stringMatching(/^KMS\.DisabledException$/),
    });
    await kms.enableKey({ KeyId: key?.KeyId });
    expect(await (await s3.getObject(place)).Body?.transformToString()).toBe("hello");
  });

  test("a key that is not there is not found", async () => {
    const KeyId = "01234567-89ab-4cde-8f01-23456789abcd";
    await expect(kms.describeKey({ KeyId })).rejects.toMatchObject({
      name: "NotFoundException",
      message: `Key 'arn:aws:kms:us-east-1:${server.account}:key/${KeyId}' does not exist`,
    });
  });
});

test("the AWS CLI makes a key and finds it", async () => {
  const { kms } = awsCli(server);
  const { KeyMetadata: key } = await kms.createKey({ Description: "by the CLI" });
  expect((await kms.describeKey({ KeyId: key?.KeyId })).KeyMetadata?.Description).toBe("by the CLI");
});
