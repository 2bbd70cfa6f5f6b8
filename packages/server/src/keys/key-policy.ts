import type { Home } from "../wire/operation.ts";

/**
 * The policy of a key that was made without one: the account decides, by its own policies.
 *
 * Source: KMS developer guide, "Default key policy".
 */
export function defaultKeyPolicy(account: string): string {
  return toText("key-default-1", [
    {
      Sid: "Enable IAM User Permissions",
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: "kms:*",
      Resource: "*",
    },
  ]);
}

/**
 * The policy of `aws/s3`: everybody in the account may use it, but only through S3; nobody may change it.
 *
 * Source: KMS developer guide, "AWS managed keys", in our words.
 */
export function s3KeyPolicy({ account, region }: Home): string {
  return toText("auto-s3-2", [
    {
      Sid: "Allow use through S3 by all principals of the account",
      Effect: "Allow",
      Principal: { AWS: "*" },
      Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
      Resource: "*",
      Condition: {
        StringEquals: { "kms:CallerAccount": account, "kms:ViaService": `s3.${region}.amazonaws.com` },
      },
    },
    {
      Sid: "Allow the account to look at the key",
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: ["kms:Describe*", "kms:Get*", "kms:List*"],
      Resource: "*",
    },
  ]);
}

function toText(id: string, statements: readonly object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Id: id, Statement: statements }, undefined, 2);
}
