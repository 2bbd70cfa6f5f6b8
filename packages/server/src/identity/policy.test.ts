import { expect, test } from "vitest";
import { checkPolicy, type PolicyKind, storedPolicy } from "./policy.ts";

const ALLOW = { Effect: "Allow", Action: "s3:GetObject", Resource: "*" };
const TRUST = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };

test("a document that IAM takes is taken, with a lone statement as a list", () => {
  expect(problem({ Version: "2012-10-17", Statement: [ALLOW] })).toBe("");
  expect(problem({ Version: "2008-10-17", Id: "old", Statement: ALLOW })).toBe("");
  expect(problem({ Statement: { ...ALLOW, Sid: "" } })).toBe("");
  expect(problem({ Version: "2012-10-17", Statement: TRUST }, "trust")).toBe("");
  expect(problem({ Statement: { ...ALLOW, Principal: "*" } }, "resource")).toBe("");
  const checked = checkPolicy(JSON.stringify({ Statement: ALLOW }), "identity");
  expect(checked).toEqual({ ok: true, document: { Version: "2008-10-17", Statement: [ALLOW] } });
});

test("what the grammar does not allow is a syntax error", () => {
  const wrong: readonly unknown[] = [
    "text",
    [],
    { Version: "2012-10-17" },
    { Version: "2012-10-17", Statement: [] },
    { Version: 2012, Statement: [ALLOW] },
    { Version: "2012-10-17", Statement: [ALLOW], Extra: 1 },
    { Statement: ["text"] },
    { Statement: [{ ...ALLOW, Effect: "allow" }] },
    { Statement: [{ ...ALLOW, Sid: 1 }] },
    { Statement: [{ ...ALLOW, Actions: "s3:*" }] },
    { Statement: [{ ...ALLOW, NotAction: "s3:*" }] },
    { Statement: [{ ...ALLOW, NotResource: "*" }] },
    { Statement: [{ ...ALLOW, Action: "s3:Get Object" }] },
    { Statement: [{ ...ALLOW, Condition: [] }] },
    { Statement: [{ ...ALLOW, Condition: { StringSame: { "k:a": "x" } } }] },
    { Statement: [{ ...ALLOW, Condition: { NullIfExists: { "k:a": "true" } } }] },
    { Statement: [{ ...ALLOW, Condition: { StringEquals: { "k:a": { x: 1 } } } }] },
  ];
  expect(wrong.map((document) => problem(document))).toEqual(wrong.map(() => "Syntax errors in policy."));
  expect(checkPolicy("{", "identity")).toEqual({ ok: false, problem: "Syntax errors in policy." });
});

test("rules with a text of their own are answered with it", () => {
  expect([
    problem({ Version: "2020-01-01", Statement: [ALLOW] }),
    problem({ Statement: [{ Effect: "Allow", Resource: "*" }] }),
    problem({ Statement: [{ Effect: "Allow", Action: "s3:*" }] }),
    problem({ Statement: [{ ...ALLOW, Action: "GetObject" }] }),
    problem({ Statement: [{ ...ALLOW, Action: "s 3:GetObject" }] }),
    problem({ Statement: [{ ...ALLOW, Resource: "bucket" }] }),
    problem({ Statement: [{ ...ALLOW, Resource: "arn:aws:s3" }] }),
    problem({ Statement: [{ ...ALLOW, Principal: "*" }] }),
    problem({
      Statement: [
        { ...ALLOW, Sid: "One" },
        { ...ALLOW, Sid: "One" },
      ],
    }),
    problem({ Statement: [{ ...ALLOW, Condition: { StringEquals: { username: "x" } } }] }),
  ]).toEqual([
    "The policy failed legacy parsing",
    "Policy statement must contain actions.",
    "Policy statement must contain resources.",
    "Actions/Conditions must be prefixed by a vendor, e.g., iam, sdb, ec2, etc.",
    "Vendor s 3 is not valid",
    'Resource bucket must be in ARN format or "*".',
    "The policy failed legacy parsing",
    "Policy document should not specify a principal.",
    "Statement IDs (SID) in a single policy must be unique.",
    "Actions/Conditions must be prefixed by a vendor, e.g., iam, sdb, ec2, etc.",
  ]);
});

test("a trust policy has principals, no resources, and speaks of STS only", () => {
  expect([
    checkPolicy("{", "trust"),
    problem({ Statement: [{ ...TRUST, Principal: undefined }] }, "trust"),
    problem({ Statement: [{ ...TRUST, Resource: "*" }] }, "trust"),
    problem({ Statement: [{ ...TRUST, Action: "s3:GetObject" }] }, "trust"),
    problem({ Statement: [{ ...TRUST, Principal: { AWS: "arn:aws:iam::000000000000:role/*" } }] }, "trust"),
    problem({ Statement: [{ ...TRUST, Principal: { AWS: "somebody" } }] }, "trust"),
    problem({ Statement: [{ ...TRUST, Principal: { Somebody: "x" } }] }, "trust"),
    problem({ Statement: [{ ...TRUST, Principal: {} }] }, "trust"),
  ]).toEqual([
    { ok: false, problem: "This policy contains invalid Json" },
    "Missing required field Principal",
    "Has prohibited field Resource",
    "AssumeRole policy may only specify STS AssumeRole actions.",
    'Invalid principal in policy: "AWS":"arn:aws:iam::000000000000:role/*"',
    'Invalid principal in policy: "AWS":"somebody"',
    "Syntax errors in policy.",
    "Syntax errors in policy.",
  ]);
});

test("a stored text is parsed once, and a broken one is our bug", () => {
  const text = JSON.stringify({ Statement: ALLOW });
  expect(storedPolicy(text, "identity")).toBe(storedPolicy(text, "identity"));
  expect(() => storedPolicy("{", "identity")).toThrow("A stored policy is not valid: Syntax errors in policy.");
});

function problem(document: unknown, kind: PolicyKind = "identity"): string {
  const checked = checkPolicy(JSON.stringify(document), kind);
  return checked.ok ? "" : checked.problem;
}
