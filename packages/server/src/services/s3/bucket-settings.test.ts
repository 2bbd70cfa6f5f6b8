import { CreateBucketCommand, type LifecycleRule, PutBucketPolicyCommand, S3 } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { REGION, type S3Server, startS3 } from "./testing/s3-server.ts";

let server: S3Server;
let s3: S3;

beforeEach(async () => {
  server = await startS3();
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  s3 = new S3({ endpoint: server.endpoint, region: REGION, credentials, forcePathStyle: true, maxAttempts: 1 });
});

afterEach(async () => {
  s3.destroy();
  await server.end();
});

const Bucket = "artifacts";
const refusal = (name: string, httpStatusCode: number) => ({ name, $metadata: { httpStatusCode } });

/** Sends a rule with what every rule needs. */
const putRules = (...rules: Partial<LifecycleRule>[]) =>
  s3.putBucketLifecycleConfiguration({
    Bucket,
    LifecycleConfiguration: { Rules: rules.map((rule) => ({ Status: "Enabled", Filter: { Prefix: "" }, ...rule })) },
  });

describe("a bucket of which nothing was said", () => {
  test("answers as S3 does, so that Terraform and CDK can read it", async () => {
    const allBlocked = {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    };
    expect((await s3.getPublicAccessBlock({ Bucket })).PublicAccessBlockConfiguration).toEqual(allBlocked);
    expect((await s3.getBucketOwnershipControls({ Bucket })).OwnershipControls).toEqual({
      Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }],
    });
    expect((await s3.getBucketLogging({ Bucket })).LoggingEnabled).toBeUndefined();
    expect((await s3.getBucketAccelerateConfiguration({ Bucket })).Status).toBeUndefined();
    expect((await s3.getBucketRequestPayment({ Bucket })).Payer).toBe("BucketOwner");
    expect((await s3.getBucketNotificationConfiguration({ Bucket })).LambdaFunctionConfigurations).toBeUndefined();
    await expect(s3.getBucketCors({ Bucket })).rejects.toMatchObject(refusal("NoSuchCORSConfiguration", 404));
    await expect(s3.getBucketWebsite({ Bucket })).rejects.toMatchObject(refusal("NoSuchWebsiteConfiguration", 404));
    await expect(s3.getBucketReplication({ Bucket })).rejects.toMatchObject(
      refusal("ReplicationConfigurationNotFoundError", 404),
    );
    await expect(s3.getObjectLockConfiguration({ Bucket })).rejects.toMatchObject(
      refusal("ObjectLockConfigurationNotFoundError", 404),
    );
    await expect(s3.getBucketPolicyStatus({ Bucket })).rejects.toMatchObject(refusal("NoSuchBucketPolicy", 404));
    await expect(s3.getBucketLifecycleConfiguration({ Bucket })).rejects.toMatchObject(
      refusal("NoSuchLifecycleConfiguration", 404),
    );
    await expect(s3.getBucketCors({ Bucket: "other" })).rejects.toMatchObject(refusal("NoSuchBucket", 404));
  });

  test("refuses what would have no effect", async () => {
    const CORSConfiguration = { CORSRules: [{ AllowedMethods: ["GET"], AllowedOrigins: ["*"] }] };
    await expect(s3.putBucketCors({ Bucket, CORSConfiguration })).rejects.toMatchObject({
      ...refusal("NotImplemented", 501),
      message: expect.stringContaining("PutBucketCors is not served by Penstock"),
    });
  });
});

describe("what is put", () => {
  test("is answered, can be taken away, and goes with the bucket", async () => {
    await s3.putPublicAccessBlock({ Bucket, PublicAccessBlockConfiguration: { BlockPublicAcls: true } });
    expect((await s3.getPublicAccessBlock({ Bucket })).PublicAccessBlockConfiguration).toEqual({
      ...{ BlockPublicAcls: true, IgnorePublicAcls: false, BlockPublicPolicy: false, RestrictPublicBuckets: false },
    });
    await s3.deletePublicAccessBlock({ Bucket });
    await s3.deletePublicAccessBlock({ Bucket });
    await expect(s3.getPublicAccessBlock({ Bucket })).rejects.toMatchObject(
      refusal("NoSuchPublicAccessBlockConfiguration", 404),
    );
    const OwnershipControls = { Rules: [{ ObjectOwnership: "ObjectWriter" as const }] };
    await s3.putBucketOwnershipControls({ Bucket, OwnershipControls });
    expect((await s3.getBucketOwnershipControls({ Bucket })).OwnershipControls).toEqual(OwnershipControls);
    await s3.deleteBucketOwnershipControls({ Bucket });
    await expect(s3.getBucketOwnershipControls({ Bucket })).rejects.toMatchObject(
      refusal("OwnershipControlsNotFoundError", 404),
    );
    await s3.deleteBucket({ Bucket });
    const CreateBucketConfiguration = { LocationConstraint: REGION } as const;
    await s3.send(
      new CreateBucketCommand({ Bucket, CreateBucketConfiguration, ObjectOwnership: "BucketOwnerPreferred" }),
    );
    expect((await s3.getPublicAccessBlock({ Bucket })).PublicAccessBlockConfiguration?.BlockPublicPolicy).toBe(true);
    expect((await s3.getBucketOwnershipControls({ Bucket })).OwnershipControls?.Rules).toEqual([
      { ObjectOwnership: "BucketOwnerPreferred" },
    ]);
  });

  test("is taken away with the tags", async () => {
    await s3.putBucketTagging({ Bucket, Tagging: { TagSet: [{ Key: "a", Value: "b" }] } });
    await s3.deleteBucketTagging({ Bucket });
    await expect(s3.getBucketTagging({ Bucket })).rejects.toMatchObject(refusal("NoSuchTagSet", 404));
    await s3.deleteBucketTagging({ Bucket });
  });

  test("needs a permission of its own", async () => {
    server.asked.length = 0;
    await s3.getPublicAccessBlock({ Bucket });
    await s3.deleteBucketTagging({ Bucket });
    await s3.deleteBucketLifecycle({ Bucket });
    expect(server.asked.map(({ action }) => action)).toEqual([
      "s3:GetBucketPublicAccessBlock",
      "s3:PutBucketTagging",
      "s3:PutLifecycleConfiguration",
    ]);
  });
});

describe("a policy for anybody", () => {
  const policy = (more: object = {}) => {
    const one = {
      Effect: "Allow",
      Principal: "*",
      Action: "s3:GetObject",
      Resource: `arn:aws:s3:::${Bucket}/*`,
      ...more,
    };
    return new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: "2012-10-17", Statement: [one] }) });
  };
  const isPublic = async () => (await s3.getBucketPolicyStatus({ Bucket })).PolicyStatus?.IsPublic;

  test("is refused unless the bucket allows it", async () => {
    await expect(s3.send(policy())).rejects.toMatchObject({
      ...refusal("AccessDenied", 403),
      message: expect.stringContaining("BlockPublicPolicy"),
    });
    await s3.deletePublicAccessBlock({ Bucket });
    await s3.send(policy());
    expect(await isPublic()).toBe(true);
  });

  test("is one that denies nobody and narrows nothing", async () => {
    await s3.send(policy({ Effect: "Deny" }));
    expect(await isPublic()).toBe(false);
    await s3.send(policy({ Condition: { StringEquals: { "aws:PrincipalAccount": "000000000000" } } }));
    expect(await isPublic()).toBe(false);
    await expect(s3.send(policy({ Condition: { IpAddress: { "aws:SourceIp": "0.0.0.0/0" } } }))).rejects.toThrow();
    await expect(s3.send(policy({ Condition: { Bool: { "aws:SecureTransport": "true" } } }))).rejects.toThrow();
  });
});

describe("lifecycle rules", () => {
  test("are answered as they were put, with an id where they had none", async () => {
    const Tags = [{ Key: "a", Value: "b" }];
    await putRules(
      { ID: "one", Expiration: { Days: 30 }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
      { Filter: { And: { Prefix: "x", Tags } }, Status: "Disabled", Expiration: { Date: new Date("2027-01-01") } },
      { NoncurrentVersionExpiration: { NoncurrentDays: 1, NewerNoncurrentVersions: 2 } },
    );
    const answer = await s3.getBucketLifecycleConfiguration({ Bucket });
    expect(answer.TransitionDefaultMinimumObjectSize).toBe("all_storage_classes_128K");
    expect(answer.Rules).toEqual([
      {
        ...{ ID: "one", Status: "Enabled", Filter: { Prefix: "" }, Expiration: { Days: 30 } },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
      },
      {
        ...{ ID: expect.stringMatching(/^[\w-]{32}$/), Status: "Disabled", Filter: { And: { Prefix: "x", Tags } } },
        Expiration: { Date: new Date("2027-01-01") },
      },
      {
        ...{ ID: expect.any(String), Status: "Enabled", Filter: { Prefix: "" } },
        NoncurrentVersionExpiration: { NoncurrentDays: 1, NewerNoncurrentVersions: 2 },
      },
    ]);
    await s3.deleteBucketLifecycle({ Bucket });
    await expect(s3.getBucketLifecycleConfiguration({ Bucket })).rejects.toMatchObject(
      refusal("NoSuchLifecycleConfiguration", 404),
    );
  });

  test.each<[string, Partial<LifecycleRule>]>([
    ["InvalidRequest", {}],
    ["InvalidArgument", { Expiration: { Days: 0 } }],
    ["InvalidArgument", { Expiration: { Date: new Date("2027-01-01T01:00:00Z") } }],
    ["InvalidArgument", { ID: "x".repeat(256), Expiration: { Days: 1 } }],
    ["InvalidArgument", { NoncurrentVersionExpiration: { NoncurrentDays: 1, NewerNoncurrentVersions: 101 } }],
    ["MalformedXML", { Expiration: { Days: 1, Date: new Date("2027-01-01") } }],
    ["MalformedXML", { Prefix: "a", Expiration: { Days: 1 } }],
    ["MalformedXML", { Filter: { Prefix: "a", ObjectSizeGreaterThan: 1 } as never, Expiration: { Days: 1 } }],
    ["MalformedXML", { NoncurrentVersionExpiration: {} }],
    [
      "InvalidRequest",
      { Filter: { Tag: { Key: "a", Value: "b" } }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
    ],
    ["NotImplemented", { Transitions: [{ Days: 1, StorageClass: "GLACIER" }] }],
    ["NotImplemented", { NoncurrentVersionTransitions: [{ NoncurrentDays: 1, StorageClass: "GLACIER" }] }],
  ])("are refused with %s: %o", async (name, rule) => {
    await expect(putRules(rule)).rejects.toMatchObject({ name });
    await expect(s3.getBucketLifecycleConfiguration({ Bucket })).rejects.toThrow();
  });

  test("with the same id twice are refused", async () => {
    const rule = { ID: "a", Expiration: { Days: 1 } };
    await expect(putRules(rule, rule)).rejects.toMatchObject({ name: "InvalidArgument" });
  });
});
