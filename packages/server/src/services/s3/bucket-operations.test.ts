import {
  CreateBucketCommand,
  GetBucketAclCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { insertRole } from "../../store/role.ts";
import { ACCOUNT } from "../../wire/testing/listen.ts";
import { at, REGION, type S3Server, startS3 } from "./testing/s3-server.ts";

let server: S3Server;
let client: S3Client;

beforeEach(async () => {
  server = await startS3();
  ({ client } = server);
});

afterEach(() => server.end());

const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/worker`;
const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

describe("buckets, through SDK v3", () => {
  test("are made where they are asked for, once", async () => {
    const again = new CreateBucketCommand({
      Bucket: "artifacts",
      CreateBucketConfiguration: { LocationConstraint: REGION },
    });
    await expect(client.send(again)).rejects.toMatchObject({
      name: "BucketAlreadyOwnedByYou",
      $metadata: { httpStatusCode: 409 },
    });
    const CreateBucketConfiguration = { LocationConstraint: "eu-central-1" } as const;
    await expect(
      client.send(new CreateBucketCommand({ Bucket: "elsewhere", CreateBucketConfiguration })),
    ).rejects.toMatchObject({
      name: "IllegalLocationConstraintException",
    });
    const classic = server.clientFor("us-east-1");
    await classic.send(new CreateBucketCommand({ Bucket: "classic" }));
    await classic.send(new CreateBucketCommand({ Bucket: "classic" }));
    expect(
      (await classic.send(new GetBucketLocationCommand({ Bucket: "classic" }))).LocationConstraint,
    ).toBeUndefined();
    expect((await client.send(new GetBucketLocationCommand({ Bucket: "artifacts" }))).LocationConstraint).toBe(REGION);
    const { Buckets } = await client.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual(["artifacts", "classic"]);
  });

  test("of another region are told where they are", async () => {
    const elsewhere = server.clientFor("us-east-1");
    expect((await elsewhere.send(new HeadBucketCommand({ Bucket: "artifacts" }))).BucketRegion).toBe(REGION);
    await expect(elsewhere.send(new PutObjectCommand({ ...at("a"), Body: "x" }))).rejects.toMatchObject({
      name: "PermanentRedirect",
      Region: REGION,
    });
    const following = new S3Client({
      ...{ endpoint: server.endpoint, region: "us-east-1", forcePathStyle: true, followRegionRedirects: true },
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
    await following.send(new PutObjectCommand({ ...at("a"), Body: "x" }));
  });

  test("keep their policy as it was put", async () => {
    const Bucket = "artifacts";
    await expect(client.send(new GetBucketPolicyCommand({ Bucket }))).rejects.toMatchObject({
      name: "NoSuchBucketPolicy",
    });
    const Policy = policyOf("Allow", "s3:GetObject", "arn:aws:s3:::artifacts/*");
    await client.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    expect((await client.send(new GetBucketPolicyCommand({ Bucket }))).Policy).toBe(Policy);
    for (const broken of ["{", policyOf("Allow", "s3:GetObject", "arn:aws:s3:::other/*")]) {
      await expect(client.send(new PutBucketPolicyCommand({ Bucket, Policy: broken }))).rejects.toMatchObject({
        name: "MalformedPolicy",
      });
    }
  });

  test("have tags and an owner", async () => {
    const Bucket = "artifacts";
    await expect(client.send(new GetBucketTaggingCommand({ Bucket }))).rejects.toMatchObject({ name: "NoSuchTagSet" });
    await client.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: "k", Value: "v" }] } }));
    expect((await client.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual([{ Key: "k", Value: "v" }]);
    const { Owner, Grants } = await client.send(new GetBucketAclCommand({ Bucket }));
    expect(Grants).toMatchObject([{ Grantee: { ID: Owner?.ID, Type: "CanonicalUser" }, Permission: "FULL_CONTROL" }]);
  });
});

describe("permissions", () => {
  /** A session of a role without policies, so that only the bucket's can allow anything. */
  async function sessionClient(): Promise<S3Client> {
    await server.store.transact((tx) =>
      tx.run(insertRole, {
        ...{
          account: ACCOUNT,
          name: "worker",
          path: "/",
          id: "AROAWORKER",
          arn: ROLE_ARN,
          description: null,
          tags: "[]",
        },
        ...{ trust_policy: TRUST, max_session_seconds: 3600, created_at: 0 },
      }),
    );
    const session = server.identity.issueSession({
      ...{ roleArn: ROLE_ARN, sessionName: "job", durationSeconds: 900, now: Date.now() },
      policy: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] },
    });
    return server.clientFor(REGION, session);
  }

  test("come from the bucket's policy as well, and a refusal is AccessDenied", async () => {
    await server.put("a");
    const worker = await sessionClient();
    await expect(worker.send(new GetObjectCommand(at("a")))).rejects.toMatchObject({
      name: "AccessDenied",
      $metadata: { httpStatusCode: 403 },
    });
    const Policy = policyOf("Allow", ["s3:GetObject"], "arn:aws:s3:::artifacts/*");
    await client.send(new PutBucketPolicyCommand({ Bucket: "artifacts", Policy }));
    const found = await worker.send(new GetObjectCommand(at("a")));
    expect(await found.Body?.transformToString()).toBe("x");
  });

  test("to list are needed to be told that a key is not there", async () => {
    const Policy = policyOf("Allow", ["s3:GetObject"], "arn:aws:s3:::artifacts/*");
    await client.send(new PutBucketPolicyCommand({ Bucket: "artifacts", Policy }));
    const missing = (await sessionClient()).send(new GetObjectCommand(at("nothing")));
    await expect(missing).rejects.toMatchObject({
      name: "AccessDenied",
      message: expect.stringContaining("s3:ListBucket"),
    });
  });
});

function policyOf(Effect: "Allow" | "Deny", Action: string | string[], Resource: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect, Principal: { AWS: ROLE_ARN }, Action, Resource }],
  });
}
