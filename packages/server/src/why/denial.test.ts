import { expect, test } from "vitest";
import { type Denial, denialOf, denialRemedy } from "./denial.ts";

const USER = "User: arn:aws:sts::123456789012:assumed-role/Fn/1790648060701 is not authorized to perform: ";
const call = (message: string, code = "AccessDenied") => ({
  service: "s3",
  operation: "GetObject",
  error: { code, message },
});
const missing = (Action: string, Resource: string) => ({
  role: "Fn",
  statement: { Effect: "Allow", Action, Resource } as const,
});

test("the service's words name role, action, resource and reason", () => {
  const table: readonly (readonly [string, Denial])[] = [
    [
      `${USER}s3:GetObject on resource: "arn:aws:s3:::b/k" because no identity-based policy allows the s3:GetObject action`,
      {
        role: "Fn",
        action: "s3:GetObject",
        resource: "arn:aws:s3:::b/k",
        reason: "notAllowed",
        missing: missing("s3:GetObject", "arn:aws:s3:::b/k"),
      },
    ],
    [
      `${USER}codepipeline:PutJobFailureResult`,
      {
        role: "Fn",
        action: "codepipeline:PutJobFailureResult",
        resource: "*",
        reason: "notAllowed",
        missing: missing("codepipeline:PutJobFailureResult", "*"),
      },
    ],
    [
      `${USER}s3:GetObject on resource: arn:aws:s3:::b/other because no session policy allows the s3:GetObject action`,
      { role: "Fn", action: "s3:GetObject", resource: "arn:aws:s3:::b/other", reason: "artifactCredentials" },
    ],
    [
      `${USER}s3:PutObject on resource: "arn:aws:s3:::b/k" with an explicit deny in an identity-based policy`,
      { role: "Fn", action: "s3:PutObject", resource: "arn:aws:s3:::b/k", reason: "explicitDeny" },
    ],
    [
      `${USER}kms:Decrypt on resource: arn:k because no resource-based policy allows the kms:Decrypt action`,
      { role: "Fn", action: "kms:Decrypt", resource: "arn:k", reason: "resourcePolicy" },
    ],
    [
      "Access Denied",
      {
        action: "s3:GetObject",
        resource: "*",
        reason: "notAllowed",
        missing: { statement: { Effect: "Allow", Action: "s3:GetObject", Resource: "*" } },
      },
    ],
  ];
  for (const [message, denial] of table) expect(denialOf(call(message))).toEqual(denial);
});

test("a call that failed for another reason is no denial", () => {
  expect(denialOf(call("The specified key does not exist.", "NoSuchKey"))).toBeUndefined();
});

test("a remedy gives a statement only where one helps", () => {
  const remedy = (message: string, inputs: readonly string[] = []) => {
    const denial = denialOf(call(message));
    return denial && denialRemedy(denial, inputs);
  };
  expect(remedy(`${USER}s3:GetObject because no identity-based policy allows`)).toContain(
    '{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}',
  );
  expect(remedy(`${USER}s3:GetObject with an explicit deny in`)).toContain('"Deny" statement');
  expect(remedy(`${USER}s3:GetObject because no session policy allows`)).not.toContain('"Effect"');
  const listing = `${USER}s3:ListBucket on resource: "arn:aws:s3:::b" because no session policy allows`;
  expect(remedy(listing, ["arn:aws:s3:::b/in"])).toContain("was never written");
  expect(remedy(listing, ["arn:aws:s3:::other/in"])).not.toContain("was never written");
});
