import fc from "fast-check";
import { expect, test } from "vitest";
import { compilePolicy } from "./compile.ts";
import { deniedMessage } from "./denied-message.ts";
import { evaluate } from "./evaluate.ts";
import type { PolicyStatement } from "./identity.ts";
import { ACCOUNT, FN, play, SUBJECTS, tidy } from "./testing/policy-table.ts";

test("statements cover actions and resources as IAM spells them", () => {
  const table = `
    allow s3:GetObject on * ? s3:GetObject arn:aws:s3:::b/k                             | allowed
    allow s3:GetObject on * ? s3:PutObject arn:aws:s3:::b/k                             | not allowed by identity
    ? s3:GetObject arn:aws:s3:::b/k                                                     | not allowed by identity
    allow S3:getobject on * ? s3:GetObject arn:aws:s3:::b/k                             | allowed
    allow s3:Get* on * ? s3:GetObjectVersion arn:aws:s3:::b/k                           | allowed
    allow s3:Get* on * ? s3:PutObject arn:aws:s3:::b/k                                  | not allowed by identity
    allow s3:?etObject on * ? s3:GetObject arn:aws:s3:::b/k                             | allowed
    allow s3:?etObject on * ? s3:etObject arn:aws:s3:::b/k                              | not allowed by identity
    allow * on * ? kms:Decrypt arn:aws:kms:us-east-1:000000000000:key/k                 | allowed
    allow s3:* on * ? s3-outposts:GetObject arn:aws:s3:::b/k                            | not allowed by identity
    allow s3:PutObject,s3:GetObject on * ? s3:GetObject arn:aws:s3:::b/k                | allowed
    allow not:s3:PutObject on * ? s3:GetObject arn:aws:s3:::b/k                         | allowed
    allow not:s3:PutObject on * ? s3:PutObject arn:aws:s3:::b/k                         | not allowed by identity
    allow not:s3:Put*,s3:Delete* on * ? s3:DeleteObject arn:aws:s3:::b/k                | not allowed by identity
    allow s3:* on arn:aws:s3:::b/* ? s3:GetObject arn:aws:s3:::b/k                      | allowed
    allow s3:* on arn:aws:s3:::b/* ? s3:GetObject arn:aws:s3:::b/a/b/c                  | allowed
    allow s3:* on arn:aws:s3:::b/* ? s3:ListBucket arn:aws:s3:::b                       | not allowed by identity
    allow s3:* on arn:aws:s3:::b ? s3:GetObject arn:aws:s3:::b/k                        | not allowed by identity
    allow s3:* on arn:aws:s3:::b/?.zip ? s3:GetObject arn:aws:s3:::b/a.zip              | allowed
    allow s3:* on arn:aws:s3:::b/?.zip ? s3:GetObject arn:aws:s3:::b/aa.zip             | not allowed by identity
    allow s3:* on arn:aws:s3:::B/* ? s3:GetObject arn:aws:s3:::b/k                      | not allowed by identity
    allow s3:* on arn:aws:s3:::b/*.zip ? s3:GetObject arn:aws:s3:::b/a.zip.zip          | allowed
    allow s3:* on arn:aws:s3:::b/a*b*c ? s3:GetObject arn:aws:s3:::b/abbc               | allowed
    allow s3:* on arn:aws:s3:::b/a*b*c ? s3:GetObject arn:aws:s3:::b/acb                | not allowed by identity
    allow s3:* on arn:aws:s3:::a/*,arn:aws:s3:::b/* ? s3:GetObject arn:aws:s3:::b/k     | allowed
    allow s3:* on not:arn:aws:s3:::b/* ? s3:GetObject arn:aws:s3:::b/k                  | not allowed by identity
    allow s3:* on not:arn:aws:s3:::b/* ? s3:GetObject arn:aws:s3:::c/k                  | allowed
    allow codepipeline:PutJobSuccessResult on * ? codepipeline:PutJobSuccessResult *    | allowed
    allow codepipeline:* on arn:aws:codepipeline:*:*:p ? codepipeline:PutJobSuccessResult * | not allowed by identity
    allow codepipeline:* on arn:aws:codepipeline:*:*:p ? codepipeline:GetPipeline arn:aws:codepipeline:us-east-1:000000000000:p | allowed
  `;
  expect(play(table)).toBe(tidy(table));
});

test("an explicit deny wins wherever it stands", () => {
  const table = `
    allow s3:* on *; deny s3:DeleteObject on * ? s3:DeleteObject arn:aws:s3:::b/k       | denied by identity
    deny s3:DeleteObject on *; allow s3:* on * ? s3:DeleteObject arn:aws:s3:::b/k       | denied by identity
    allow s3:* on *; deny s3:DeleteObject on * ? s3:GetObject arn:aws:s3:::b/k          | allowed
    allow s3:* on *; deny not:s3:GetObject on * ? s3:PutObject arn:aws:s3:::b/k         | denied by identity
    allow s3:* on *; deny s3:* on not:arn:aws:s3:::b/* ? s3:GetObject arn:aws:s3:::c/k  | denied by identity
    deny s3:* on * ? s3:GetObject arn:aws:s3:::b/k                                      | denied by identity
    allow s3:* on *; session allow s3:* on *; session deny s3:Put* on * ? s3:PutObject arn:aws:s3:::b/k | denied by session
    allow s3:* on *; bucket deny * s3:* on * ? s3:GetObject arn:aws:s3:::b/k            | denied by resource
    allow s3:* on *; bucket deny AWS=000000000000 s3:* on * ? s3:GetObject arn:aws:s3:::b/k | denied by resource
    allow s3:* on *; bucket deny AWS=arn:aws:iam::000000000000:role/fn s3:* on * ? s3:GetObject arn:aws:s3:::b/k | denied by resource
    allow s3:* on *; bucket deny AWS=arn:aws:iam::000000000000:role/other s3:* on * ? s3:GetObject arn:aws:s3:::b/k | allowed
    allow s3:* on *; bucket deny not:AWS=arn:aws:iam::000000000000:role/fn s3:* on * ? s3:GetObject arn:aws:s3:::b/k | allowed
    allow s3:* on *; bucket deny not:AWS=arn:aws:iam::000000000000:role/other s3:* on * ? s3:GetObject arn:aws:s3:::b/k | denied by resource
    allow * on *; bucket deny * s3:* on * ? as root s3:GetObject arn:aws:s3:::b/k       | denied by resource
    bucket allow * s3:* on *; bucket deny * s3:Get* on * ? s3:GetObject arn:aws:s3:::b/k | denied by resource
  `;
  expect(play(table)).toBe(tidy(table));
});

test("a session policy narrows what the role may do and grants nothing", () => {
  const table = `
    allow s3:* on *; session allow s3:GetObject on arn:aws:s3:::b/in ? s3:GetObject arn:aws:s3:::b/in    | allowed
    allow s3:* on *; session allow s3:GetObject on arn:aws:s3:::b/in ? s3:GetObject arn:aws:s3:::b/other | not allowed by session
    allow s3:Put* on *; session allow s3:* on * ? s3:GetObject arn:aws:s3:::b/in                         | not allowed by identity
    session allow s3:* on * ? s3:GetObject arn:aws:s3:::b/in                                             | not allowed by identity
    allow s3:* on *; session allow kms:* on * ? s3:GetObject arn:aws:s3:::b/in                           | not allowed by session
  `;
  expect(play(table)).toBe(tidy(table));
});

test("a resource's policy grants within the account, and both sides must across accounts", () => {
  const table = `
    bucket allow AWS=arn:aws:iam::000000000000:role/fn s3:* on * ? s3:GetObject arn:aws:s3:::b/k         | allowed
    bucket allow AWS=arn:aws:sts::000000000000:assumed-role/fn/run s3:* on * ? s3:GetObject arn:aws:s3:::b/k | allowed
    bucket allow AWS=arn:aws:sts::000000000000:assumed-role/fn/else s3:* on * ? s3:GetObject arn:aws:s3:::b/k | not allowed by identity
    bucket allow * s3:* on * ? s3:GetObject arn:aws:s3:::b/k                                             | allowed
    bucket allow AWS=* s3:* on * ? s3:GetObject arn:aws:s3:::b/k                                         | allowed
    bucket allow AWS=000000000000 s3:* on * ? s3:GetObject arn:aws:s3:::b/k                              | not allowed by identity
    bucket allow AWS=arn:aws:iam::000000000000:root s3:* on *; allow s3:* on * ? s3:GetObject arn:aws:s3:::b/k | allowed
    bucket allow Service=lambda.amazonaws.com s3:* on * ? s3:GetObject arn:aws:s3:::b/k                  | not allowed by identity
    bucket allow Service=lambda.amazonaws.com s3:* on * ? as lambda s3:GetObject arn:aws:s3:::b/k        | allowed
    bucket allow Service=events.amazonaws.com s3:* on * ? as lambda s3:GetObject arn:aws:s3:::b/k        | not allowed by identity
    bucket allow CanonicalUser=abc s3:* on * ? s3:GetObject arn:aws:s3:::b/k                             | not allowed by identity
    bucket allow AWS=arn:aws:iam::000000000000:role/fn s3:* on *; session allow kms:* on * ? s3:GetObject arn:aws:s3:::b/k | not allowed by session
    bucket allow AWS=arn:aws:sts::000000000000:assumed-role/fn/run s3:* on *; session allow kms:* on * ? s3:GetObject arn:aws:s3:::b/k | allowed
    allow s3:* on * ? as stranger s3:GetObject arn:aws:s3:::b/k                                          | not allowed by resource
    bucket allow AWS=111111111111 s3:* on * ? as stranger s3:GetObject arn:aws:s3:::b/k                  | not allowed by identity
    allow s3:* on *; bucket allow AWS=111111111111 s3:* on * ? as stranger s3:GetObject arn:aws:s3:::b/k | allowed
    allow s3:* on *; bucket allow AWS=arn:aws:iam::111111111111:role/x s3:* on * ? as stranger s3:GetObject arn:aws:s3:::b/k | allowed
    bucket allow AWS=arn:aws:iam::111111111111:role/x s3:* on * ? as stranger s3:GetObject arn:aws:s3:::b/k | not allowed by identity
    allow s3:* on *; bucket allow AWS=222222222222 s3:* on * ? as stranger s3:GetObject arn:aws:s3:::b/k | not allowed by resource
    allow kms:* on *; bucket allow AWS=000000000000 kms:* on * ? kms:Decrypt arn:aws:kms:r:000000000000:key/k | allowed
    bucket allow AWS=000000000000 kms:* on * ? kms:Decrypt arn:aws:kms:r:000000000000:key/k              | not allowed by identity
    allow kms:* on *; bucket allow AWS=111111111111 kms:* on * ? kms:Decrypt arn:aws:kms:r:000000000000:key/k | not allowed by resource
    allow * on *; bucket allow AWS=111111111111 kms:* on * ? as root kms:Decrypt arn:aws:kms:r:000000000000:key/k | not allowed by resource
    bucket allow AWS=arn:aws:iam::000000000000:role/fn kms:* on * ? kms:Decrypt arn:aws:kms:r:000000000000:key/k | allowed
    allow kms:* on * ? kms:ListKeys *                                                                    | allowed
    allow sts:* on *; bucket allow Service=lambda.amazonaws.com sts:AssumeRole ? sts:AssumeRole arn:aws:iam::000000000000:role/r | not allowed by resource
  `;
  expect(play(table)).toBe(tidy(table));
});

test("policy variables take the request's values, and a star inside a value stays a star", () => {
  const table = `
    allow s3:* on arn:aws:s3:::b/\${aws:PrincipalAccount}/* ? s3:GetObject arn:aws:s3:::b/000000000000/k aws:PrincipalAccount=000000000000 | allowed
    allow s3:* on arn:aws:s3:::b/\${aws:principalaccount}/* ? s3:GetObject arn:aws:s3:::b/9/k aws:PrincipalAccount=000000000000 | not allowed by identity
    allow s3:* on arn:aws:s3:::b/\${aws:username}/* ? s3:GetObject arn:aws:s3:::b/ann/k              | not allowed by identity
    allow s3:* on *; deny s3:* on arn:aws:s3:::b/\${aws:username}/* ? s3:GetObject arn:aws:s3:::b/ann/k | allowed
    allow s3:* on not:arn:aws:s3:::b/\${aws:username}/* ? s3:GetObject arn:aws:s3:::b/ann/k          | not allowed by identity
    allow s3:* on arn:aws:s3:::b/\${aws:username,'guest'}/* ? s3:GetObject arn:aws:s3:::b/guest/k    | allowed
    allow s3:* on arn:aws:s3:::b/\${*} ? s3:GetObject arn:aws:s3:::b/*                               | allowed
    allow s3:* on arn:aws:s3:::b/\${*} ? s3:GetObject arn:aws:s3:::b/k                               | not allowed by identity
    allow s3:* on arn:aws:s3:::b/\${?}\${$}k ? s3:GetObject arn:aws:s3:::b/?$k                       | allowed
    allow s3:* on arn:aws:s3:::b/\${aws:username}/k ? s3:GetObject arn:aws:s3:::b/ann/k aws:username=* | not allowed by identity
    allow s3:* on * if StringEquals s3:prefix \${aws:username} ? s3:ListBucket arn:aws:s3:::b s3:prefix=ann aws:username=ann | allowed
    allow s3:* on * if StringLike s3:prefix \${aws:username}/* ? s3:ListBucket arn:aws:s3:::b s3:prefix=ann/x aws:username=ann | allowed
    allow s3:* on * if StringLike s3:prefix \${aws:username}/* ? s3:ListBucket arn:aws:s3:::b s3:prefix=bob/x aws:username=ann | not allowed by identity
  `;
  expect(play(table)).toBe(tidy(table));
});

test("conditions compare as their operators say", () => {
  const table = `
    if StringEquals k:a x,y ? k:a=y                                         | allowed
    if StringEquals k:a x ? k:a=X                                           | not allowed by identity
    if StringEquals k:a x ? K:A=x                                           | allowed
    if StringEquals k:a x ?                                                 | not allowed by identity
    if StringEquals k:a x and StringEquals k:b y ? k:a=x                    | not allowed by identity
    if StringEquals k:a x and StringEquals k:b y ? k:a=x k:b=y              | allowed
    if StringNotEquals k:a x ? k:a=y                                        | allowed
    if StringNotEquals k:a x,y ? k:a=y                                      | not allowed by identity
    if StringNotEquals k:a x ?                                              | allowed
    if StringEqualsIgnoreCase k:a x ? k:a=X                                 | allowed
    if StringNotEqualsIgnoreCase k:a x ? k:a=X                              | not allowed by identity
    if StringLike k:a a*c ? k:a=abbc                                        | allowed
    if StringEquals k:a a*c ? k:a=abbc                                      | not allowed by identity
    if StringNotLike k:a a* ? k:a=abc                                       | not allowed by identity
    if StringEqualsIfExists k:a x ?                                         | allowed
    if StringEqualsIfExists k:a x ? k:a=y                                   | not allowed by identity
    if Null k:a true ?                                                      | allowed
    if Null k:a true ? k:a=x                                                | not allowed by identity
    if Null k:a false ? k:a=x                                               | allowed
    if Bool k:a true ? k:a=True                                             | allowed
    if Bool k:a false ?                                                     | not allowed by identity
    if NumericEquals k:a 10 ? k:a=10.0                                      | allowed
    if NumericLessThan k:a 10 ? k:a=9                                       | allowed
    if NumericLessThan k:a 10 ? k:a=10                                      | not allowed by identity
    if NumericLessThanEquals k:a 10 ? k:a=10                                | allowed
    if NumericGreaterThan k:a 10 ? k:a=x                                    | not allowed by identity
    if NumericGreaterThanEquals k:a 10 ? k:a=11                             | allowed
    if NumericNotEquals k:a 10 ? k:a=10                                     | not allowed by identity
    if DateLessThan k:a 2026-01-01T00:00:00Z ? k:a=2025-12-31T23:59:59Z     | allowed
    if DateGreaterThan k:a 2026-01-01T00:00:00Z ? k:a=1767225600            | not allowed by identity
    if DateGreaterThanEquals k:a 2026-01-01T00:00:00Z ? k:a=1767225600      | allowed
    if DateEquals k:a 2026-01-01T00:00:00Z ? k:a=2026-01-01T01:00:00+01:00  | allowed
    if IpAddress aws:SourceIp 10.0.0.0/8 ? aws:SourceIp=10.1.2.3            | allowed
    if IpAddress aws:SourceIp 10.0.0.0/8 ? aws:SourceIp=11.1.2.3            | not allowed by identity
    if IpAddress aws:SourceIp 10.0.0.1 ? aws:SourceIp=10.0.0.1              | allowed
    if IpAddress aws:SourceIp 2001:db8::/32 ? aws:SourceIp=2001:db8::1      | allowed
    if NotIpAddress aws:SourceIp 10.0.0.0/8 ? aws:SourceIp=10.1.2.3         | not allowed by identity
    if IpAddress aws:SourceIp nonsense ? aws:SourceIp=10.1.2.3              | not allowed by identity
    if ArnLike k:a arn:aws:s3:*:*:b ? k:a=arn:aws:s3:::b                    | allowed
    if ArnLike k:a arn:aws:s3:* ? k:a=arn:aws:s3:::b                        | not allowed by identity
    if ArnEquals k:a arn:aws:iam::*:role/* ? k:a=arn:aws:iam::1:role/x/y    | allowed
    if ArnNotLike k:a arn:aws:iam::*:role/* ? k:a=arn:aws:iam::1:role/x     | not allowed by identity
    if BinaryEquals k:a QmFzZTY0 ? k:a=QmFzZTY0                             | allowed
    if ForAnyValue:StringEquals k:a x,y ? k:a=z,y                           | allowed
    if ForAnyValue:StringEquals k:a x,y ? k:a=z                             | not allowed by identity
    if ForAnyValue:StringEquals k:a x ?                                     | not allowed by identity
    if ForAllValues:StringEquals k:a x,y ? k:a=x,y                          | allowed
    if ForAllValues:StringEquals k:a x,y ? k:a=x,z                          | not allowed by identity
    if ForAllValues:StringEquals k:a x ?                                    | allowed
    if ForAnyValue:StringNotEquals k:a x ? k:a=x,z                          | allowed
    if ForAllValues:StringNotEquals k:a x ? k:a=x,z                         | not allowed by identity
    if ForAllValues:StringLike k:a x* ? k:a=x1,x2                           | allowed
  `;
  expect(play(table, (line) => line.replace("if ", "allow s3:* on * if ").replace("?", "? s3:GetObject *"))).toBe(
    tidy(table),
  );
});

test("a version before 2012-10-17 has no variables", () => {
  const statement = { Effect: "Allow", Action: "s3:*", Resource: `arn:aws:s3:::b/$\{aws:username}` } as const;
  const old = compilePolicy({ Version: "2008-10-17", Statement: [statement] });
  const keys = (name: string) => (name === "aws:username" ? "ann" : undefined);
  const base = { subject: FN, action: "s3:GetObject", resourceAccount: ACCOUNT, identityPolicies: [old], keys };
  expect(evaluate({ ...base, resource: "arn:aws:s3:::b/ann" }).allowed).toBe(false);
  expect(evaluate({ ...base, resource: `arn:aws:s3:::b/$\{aws:username}` }).allowed).toBe(true);
});

test("a hostile pattern costs no more than the product of the lengths", () => {
  const resource = `arn:aws:s3:::${"a".repeat(2_000)}`;
  const policy = compilePolicy({ Statement: [{ Effect: "Allow", Action: "*", Resource: `${"*a".repeat(900)}*b` }] });
  const question = { subject: FN, action: "s3:GetObject", resource, resourceAccount: ACCOUNT, keys: () => undefined };
  expect(evaluate({ ...question, identityPolicies: [policy] }).allowed).toBe(false);
});

test("refusals are told in the service's words", () => {
  const noResource = { arn: FN.arn, action: "codepipeline:PutJobSuccessResult", resource: "*" };
  const withResource = { arn: FN.arn, action: "s3:GetObject", resource: "arn:aws:s3:::b/k" };
  const by = (sort: "identity" | "session" | "resource", explicit: boolean) =>
    ({ allowed: false, explicit, by: sort }) as const;
  expect([
    deniedMessage(noResource, by("identity", false)),
    deniedMessage(withResource, by("identity", false)),
    deniedMessage(withResource, by("session", false)),
    deniedMessage(withResource, by("resource", false)),
    deniedMessage(withResource, by("identity", true)),
    deniedMessage(withResource, by("session", true)),
    deniedMessage(withResource, by("resource", true)),
    deniedMessage({ ...withResource, action: "iam:PassRole" }, by("resource", false)),
  ]).toEqual([
    "User: arn:aws:sts::000000000000:assumed-role/fn/run is not authorized to perform: codepipeline:PutJobSuccessResult because no identity-based policy allows the codepipeline:PutJobSuccessResult action",
    "User: arn:aws:sts::000000000000:assumed-role/fn/run is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/k because no identity-based policy allows the s3:GetObject action",
    "User: arn:aws:sts::000000000000:assumed-role/fn/run is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/k because no session policy allows the s3:GetObject action",
    "User: arn:aws:sts::000000000000:assumed-role/fn/run is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/k because no resource-based policy allows the s3:GetObject action",
    "User: arn:aws:sts::000000000000:assumed-role/fn/run is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/k with an explicit deny in an identity-based policy",
    "User: arn:aws:sts::000000000000:assumed-role/fn/run is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/k with an explicit deny in a session policy",
    "User: arn:aws:sts::000000000000:assumed-role/fn/run is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/k with an explicit deny in a resource-based policy",
    "Cross-account pass role is not allowed.",
  ]);
});

const places = ["identity", "session", "resource"] as const;
const someStatement = fc.record({
  place: fc.constantFrom(...places),
  effect: fc.constantFrom("Allow", "Deny"),
  action: fc.constantFrom("s3:GetObject", "s3:*", "*", "s3:Put*", "kms:*"),
  resource: fc.constantFrom("*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/k", "arn:aws:s3:::c/*"),
  condition: fc.option(fc.constantFrom("x", "y")),
});

test("whatever else the policies say, nothing passes a matching deny, and nothing passes without an allow", () => {
  fc.assert(
    fc.property(
      fc.array(someStatement, { maxLength: 12 }),
      fc.constantFrom("fn", "stranger", "root", "stranger's-root"),
      (all, who) => {
        const compiled = places.map((place) => {
          const statements = all.filter((each) => each.place === place).map((each) => toStatement(each, place));
          return compilePolicy({ Version: "2012-10-17", Statement: statements });
        });
        const [identity = [], sessionPolicy, resourcePolicy] = compiled;
        const { allowed } = evaluate({
          subject: SUBJECTS[who] ?? FN,
          action: "s3:GetObject",
          resource: "arn:aws:s3:::b/k",
          resourceAccount: ACCOUNT,
          identityPolicies: [identity],
          sessionPolicy,
          resourcePolicy,
          keys: () => "x",
        });
        const matching = all.filter(
          ({ action, resource, condition }) =>
            ["s3:GetObject", "s3:*", "*"].includes(action) && !resource.includes(":c/") && condition !== "y",
        );
        if (matching.some(({ effect }) => effect === "Deny")) expect(allowed).toBe(false);
        if (!matching.some(({ effect }) => effect === "Allow")) expect(allowed).toBe(false);
        const allows = (side: string) => matching.some(({ effect, place }) => effect === "Allow" && place === side);
        if (who.startsWith("stranger") && !(allows("identity") && allows("resource"))) expect(allowed).toBe(false);
      },
    ),
  );
});

type SomeStatement = typeof someStatement extends fc.Arbitrary<infer T> ? T : never;

function toStatement({ effect, action, resource, condition }: SomeStatement, place: string): PolicyStatement {
  return {
    Effect: effect,
    Action: action,
    Resource: resource,
    ...(place === "resource" && { Principal: "*" }),
    ...(condition && { Condition: { StringEquals: { "k:a": condition } } }),
  };
}
