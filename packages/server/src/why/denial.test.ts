import { expect, test } from "vitest";
import { type Denial, denialOf, denialRemedy } from "./denial.ts";

const USER = "User: arn:aws:sts::123456789012:assumed-role/Fn/1790648060701 is not authorized to perform: ";
const call = (message: string, code = "AccessDenied") => ({
  service: "s3",
  operation: "GetObject",
  error: { code, message },
});
const FN = { role: "Fn", account: "123456789012" };
const ALLOWED = { Effect: "Allow", Principal: { AWS: "arn:aws:iam::123456789012:role/Fn" } } as const;
const missing = (Action: string, Resource: string) => ({
  role: "Fn",
  statement: { Effect: "Allow", Action, Resource } as const,
});

test("the service's words name role, action, resource and reason", () => {
  const table: readonly (readonly [string, Denial])[] = [
    [
      `${USER}s3:GetObject on resource: "arn:aws:s3:::b/k" because no identity-based policy allows the s3:GetObject action`,
      {
        ...FN,
        action: "s3:GetObject",
        resource: "arn:aws:s3:::b/k",
        reason: "notAllowed",
        missing: missing("s3:GetObject", "arn:aws:s3:::b/k"),
      },
    ],
    [
      `${USER}codepipeline:PutJobFailureResult`,
      {
        ...FN,
        action: "codepipeline:PutJobFailureResult",
        resource: "*",
        reason: "notAllowed",
        missing: missing("codepipeline:PutJobFailureResult", "*"),
      },
    ],
    [
      `${USER}s3:GetObject on resource: arn:aws:s3:::b/other because no session policy allows the s3:GetObject action`,
      { ...FN, action: "s3:GetObject", resource: "arn:aws:s3:::b/other", reason: "artifactCredentials" },
    ],
    [
      `${USER}s3:PutObject on resource: "arn:aws:s3:::b/k" with an explicit deny in an identity-based policy`,
      { ...FN, action: "s3:PutObject", resource: "arn:aws:s3:::b/k", reason: "explicitDeny" },
    ],
    [
      `${USER}kms:Decrypt on resource: arn:k because no resource-based policy allows the kms:Decrypt action`,
      {
        ...FN,
        action: "kms:Decrypt",
        resource: "arn:k",
        reason: "resourcePolicy",
        missing: { policyOf: "key arn:k", statement: { ...ALLOWED, Action: "kms:Decrypt", Resource: "*" } },
      },
    ],
    [
      `${USER}s3:PutObject on resource: "arn:aws:s3:::b/k" because no resource-based policy allows the s3:PutObject action`,
      {
        ...FN,
        action: "s3:PutObject",
        resource: "arn:aws:s3:::b/k",
        reason: "resourcePolicy",
        missing: {
          policyOf: "bucket b",
          statement: { ...ALLOWED, Action: "s3:PutObject", Resource: "arn:aws:s3:::b/k" },
        },
      },
    ],
    [
      `${USER}sts:AssumeRole on resource: arn:aws:iam::999999999999:role/r because no resource-based policy allows the sts:AssumeRole action`,
      {
        ...FN,
        action: "sts:AssumeRole",
        resource: "arn:aws:iam::999999999999:role/r",
        reason: "resourcePolicy",
        missing: { policyOf: "arn:aws:iam::999999999999:role/r", statement: { ...ALLOWED, Action: "sts:AssumeRole" } },
      },
    ],
    [
      `${USER}sts:AssumeRole on resource: arn:aws:iam::999999999999:role/r`,
      { ...FN, action: "sts:AssumeRole", resource: "arn:aws:iam::999999999999:role/r", reason: "eitherSide" },
    ],
    [
      `${USER}s3:GetObject on resource: arn:aws:s3:::b/k with an explicit deny in a resource-based policy`,
      { ...FN, action: "s3:GetObject", resource: "arn:aws:s3:::b/k", reason: "resourceDeny" },
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
    return denial && denialRemedy(denial, { inputs });
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

test("a remedy across accounts names the policy, its holder and the holder's account", () => {
  const remedy = (message: string, hasKey = true) => {
    const denial = denialOf(call(`${USER}${message}`));
    return denial && denialRemedy(denial, { account: "999999999999", hasKey });
  };
  const key = "arn:aws:kms:r:999999999999:key/k";
  const noResource = (action: string, resource: string) =>
    `${action} on resource: ${resource} because no resource-based policy allows the ${action} action`;
  expect(remedy("s3:GetObject on resource: arn:aws:s3:::b/k because no identity-based policy allows")).toMatch(
    /^Add this statement to a policy of role Fn of account 123456789012:\n/,
  );
  expect(remedy(noResource("s3:GetObject", "arn:aws:s3:::b/k"))).toBe(
    'Add this statement to the policy of bucket b:\n  {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/Fn"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/k"}',
  );
  expect(remedy(noResource("kms:Decrypt", key))).toContain(`Add this statement to the policy of key ${key}:`);
  expect(remedy(noResource("kms:Decrypt", key), false)).toContain("Give the artifact store a key of its own");
  expect(remedy(noResource("lambda:InvokeFunction", "arn:f"))).toContain("the policy of function arn:f:");
  expect(remedy(noResource("sts:AssumeRole", "arn:r"))).toBe(
    'Add this statement to the trust policy of arn:r:\n  {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/Fn"},"Action":"sts:AssumeRole"}',
  );
  const ofSts = remedy("sts:AssumeRole on resource: arn:r");
  expect(ofSts).toContain("In a policy of role Fn of account 123456789012:");
  expect(ofSts).toContain("In the trust policy of arn:r:");
  expect(remedy("s3:GetObject on resource: arn:aws:s3:::b/k with an explicit deny in a resource-based policy")).toBe(
    'The policy of bucket b denies it explicitly. Take that "Deny" statement out of it.',
  );
});
