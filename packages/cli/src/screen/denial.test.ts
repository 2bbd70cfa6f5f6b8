import { expect, test } from "vitest";
import { denialOf, denialRemedy, denialsOf } from "./denial.ts";

const USER = "User: arn:aws:sts::123456789012:assumed-role/Fn/1790648060701 is not authorized to perform: ";
const call = (message: string, code = "AccessDenied") => ({ service: "s3", operation: "GetObject", code, message });

test("the service's words name role, action, resource and reason", () => {
  const table: readonly (readonly [string, object])[] = [
    [
      `${USER}s3:GetObject on resource: "arn:aws:s3:::b/k" because no identity-based policy allows the s3:GetObject action`,
      {
        role: "Fn",
        action: "s3:GetObject",
        resource: "arn:aws:s3:::b/k",
        reason: "notAllowed",
        statement: { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k" },
      },
    ],
    [
      `${USER}codepipeline:PutJobFailureResult`,
      {
        role: "Fn",
        action: "codepipeline:PutJobFailureResult",
        resource: "*",
        reason: "notAllowed",
        statement: { Effect: "Allow", Action: "codepipeline:PutJobFailureResult", Resource: "*" },
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
      "Access Denied",
      {
        action: "s3:GetObject",
        resource: "*",
        reason: "notAllowed",
        statement: { Effect: "Allow", Action: "s3:GetObject", Resource: "*" },
      },
    ],
  ];
  for (const [message, denial] of table) expect(denialOf(call(message))).toEqual(denial);
});

test("a call that failed for another reason is no denial", () => {
  expect(denialOf(call("The specified key does not exist.", "NoSuchKey"))).toBeUndefined();
});

test("the same denial of every retry is told once", () => {
  expect(
    denialsOf([call(`${USER}s3:GetObject`), call(`${USER}s3:GetObject`), call(`${USER}s3:PutObject`)]),
  ).toHaveLength(2);
});

test("a remedy gives a statement only where one helps", () => {
  const remedy = (message: string) =>
    denialsOf([call(message)])
      .flatMap(denialRemedy)
      .join("\n");
  expect(remedy(`${USER}s3:GetObject because no identity-based policy allows`)).toContain(
    '{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}',
  );
  expect(remedy(`${USER}s3:GetObject with an explicit deny in`)).toContain('"Deny" statement');
  expect(remedy(`${USER}s3:GetObject because no session policy allows`)).not.toContain('"Effect"');
});
