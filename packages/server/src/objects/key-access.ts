import type { Access, Home } from "../wire/operation.ts";

/**
 * The use of a key through S3, by somebody of an account in a region, for an object: with what the object's data key is
 * bound to. Source: KMS developer guide, "AWS KMS condition keys".
 */
export function keyAccess(
  action: "kms:Decrypt" | "kms:GenerateDataKey",
  keyArn: string,
  objectArn: string,
  { account, region }: Home,
  context: Readonly<Record<string, string>> = {},
): Access {
  const bound = { ...context, "aws:s3:arn": objectArn };
  return {
    action,
    resource: keyArn,
    context: {
      "kms:ViaService": `s3.${region}.amazonaws.com`,
      "kms:CallerAccount": account,
      ...Object.fromEntries(Object.entries(bound).map(([name, value]) => [`kms:EncryptionContext:${name}`, value])),
      "kms:EncryptionContextKeys": Object.keys(bound),
    },
  };
}
