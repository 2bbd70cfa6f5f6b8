import { expect, test } from "vitest";
import { play, tidy } from "./testing/policy-table.ts";

/* A stranger is a session of another account; `testing/policy-table.ts` tells how a line reads. */

test("across accounts both sides must allow, and either may deny", () => {
  const STRANGER = "AWS=arn:aws:iam::111111111111:role/x";
  const KEY = "arn:aws:kms:us-east-1:000000000000:key/k";
  const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f";
  const ROLE = "arn:aws:iam::000000000000:role/action";
  const table = `
    allow s3:* on *; bucket allow * s3:* on * ? as stranger s3:GetObject arn:aws:s3:::b/k                | allowed
    bucket allow * s3:* on * ? as stranger s3:GetObject arn:aws:s3:::b/k                                 | not allowed by identity
    bucket allow AWS=arn:aws:sts::111111111111:assumed-role/x/run s3:* on * ? as stranger s3:GetObject arn:aws:s3:::b/k | not allowed by identity
    allow s3:* on *; bucket allow AWS=arn:aws:sts::111111111111:assumed-role/x/run s3:* on * ? as stranger s3:GetObject arn:aws:s3:::b/k | allowed
    allow s3:* on *; bucket allow AWS=arn:aws:sts::111111111111:assumed-role/x/else s3:* on * ? as stranger s3:GetObject arn:aws:s3:::b/k | not allowed by resource
    allow s3:* on *; bucket allow AWS=000000000000 s3:* on * ? as stranger s3:GetObject arn:aws:s3:::b/k | not allowed by resource
    allow s3:* on *; bucket allow ${STRANGER} s3:GetObject on * ? as stranger s3:PutObject arn:aws:s3:::b/k | not allowed by resource
    allow s3:* on *; bucket allow ${STRANGER} s3:* on arn:aws:s3:::b/in/* ? as stranger s3:GetObject arn:aws:s3:::b/out | not allowed by resource
    allow s3:GetObject on *; bucket allow ${STRANGER} s3:* on * ? as stranger s3:PutObject arn:aws:s3:::b/k | not allowed by identity
    allow s3:* on *; deny s3:Put* on *; bucket allow ${STRANGER} s3:* on * ? as stranger s3:PutObject arn:aws:s3:::b/k | denied by identity
    allow s3:* on *; bucket allow ${STRANGER} s3:* on *; bucket deny AWS=111111111111 s3:Put* on * ? as stranger s3:PutObject arn:aws:s3:::b/k | denied by resource
    allow s3:* on *; bucket allow * s3:* on *; bucket deny not:AWS=000000000000 s3:* on * ? as stranger s3:GetObject arn:aws:s3:::b/k | denied by resource
    allow s3:* on *; bucket allow ${STRANGER} s3:* on *; session allow s3:GetObject on * ? as stranger s3:GetObject arn:aws:s3:::b/k | allowed
    allow s3:* on *; bucket allow ${STRANGER} s3:* on *; session allow s3:GetObject on * ? as stranger s3:PutObject arn:aws:s3:::b/k | not allowed by session
    allow s3:* on *; bucket allow AWS=arn:aws:sts::111111111111:assumed-role/x/run s3:* on *; session allow kms:* on * ? as stranger s3:GetObject arn:aws:s3:::b/k | not allowed by session
    allow s3:* on *; bucket allow ${STRANGER} s3:* on *; session allow s3:* on *; session deny s3:Put* on * ? as stranger s3:PutObject arn:aws:s3:::b/k | denied by session
    allow s3:* on * if StringEquals aws:ResourceAccount 000000000000; bucket allow * s3:* on * ? as stranger s3:GetObject arn:aws:s3:::b/k aws:ResourceAccount=000000000000 | allowed
    allow s3:* on * if StringEquals aws:ResourceAccount 111111111111; bucket allow * s3:* on * ? as stranger s3:GetObject arn:aws:s3:::b/k aws:ResourceAccount=000000000000 | not allowed by identity
    allow s3:* on *; bucket allow * s3:* on * if StringEquals aws:PrincipalAccount 111111111111 ? as stranger s3:GetObject arn:aws:s3:::b/k aws:PrincipalAccount=111111111111 | allowed
    allow s3:* on *; bucket allow * s3:* on * if StringEquals aws:PrincipalAccount 222222222222 ? as stranger s3:GetObject arn:aws:s3:::b/k aws:PrincipalAccount=111111111111 | not allowed by resource
    allow * on * ? as stranger's-root s3:GetObject arn:aws:s3:::b/k                                      | not allowed by resource
    allow * on *; bucket allow AWS=111111111111 s3:* on * ? as stranger's-root s3:GetObject arn:aws:s3:::b/k | allowed
    allow * on *; bucket allow ${STRANGER} s3:* on * ? as stranger's-root s3:GetObject arn:aws:s3:::b/k  | not allowed by resource
    allow kms:* on * ? as stranger kms:Decrypt ${KEY}                                                    | not allowed by resource
    allow kms:* on *; bucket allow AWS=000000000000 kms:* on * ? as stranger kms:Decrypt ${KEY}          | not allowed by resource
    allow kms:* on *; bucket allow AWS=111111111111 kms:* on * ? as stranger kms:Decrypt ${KEY}          | allowed
    allow kms:* on *; bucket allow ${STRANGER} kms:Decrypt on * ? as stranger kms:Decrypt ${KEY}         | allowed
    allow kms:* on *; bucket allow ${STRANGER} kms:Decrypt on * ? as stranger kms:GenerateDataKey ${KEY} | not allowed by resource
    bucket allow ${STRANGER} kms:* on * ? as stranger kms:Decrypt ${KEY}                                 | not allowed by identity
    allow kms:* on ${KEY}2; bucket allow ${STRANGER} kms:* on * ? as stranger kms:Decrypt ${KEY}         | not allowed by identity
    allow kms:* on *; bucket allow AWS=* kms:* on * if StringEquals kms:CallerAccount 000000000000 ? as stranger kms:Decrypt ${KEY} kms:CallerAccount=111111111111 | not allowed by resource
    allow lambda:* on * ? as stranger lambda:InvokeFunction ${FUNCTION}                                  | not allowed by resource
    bucket allow AWS=111111111111 lambda:InvokeFunction on ${FUNCTION} ? as stranger lambda:InvokeFunction ${FUNCTION} | not allowed by identity
    allow lambda:InvokeFunction on *; bucket allow AWS=111111111111 lambda:InvokeFunction on ${FUNCTION} ? as stranger lambda:InvokeFunction ${FUNCTION} | allowed
    allow lambda:InvokeFunction on *; bucket allow AWS=111111111111 lambda:InvokeFunction on ${FUNCTION} ? as stranger lambda:InvokeFunction ${FUNCTION}:live | not allowed by resource
    allow lambda:InvokeFunction on *; bucket allow Service=lambda.amazonaws.com lambda:InvokeFunction on * ? as stranger lambda:InvokeFunction ${FUNCTION} | not allowed by resource
    allow sts:AssumeRole on *; bucket allow AWS=111111111111 sts:AssumeRole ? as stranger sts:AssumeRole ${ROLE} | allowed
    bucket allow AWS=111111111111 sts:AssumeRole ? as stranger sts:AssumeRole ${ROLE}                    | not allowed by identity
    bucket allow ${STRANGER} sts:AssumeRole ? as stranger sts:AssumeRole ${ROLE}                         | not allowed by identity
    allow sts:AssumeRole on *; bucket allow AWS=arn:aws:iam::000000000000:root sts:AssumeRole ? as stranger sts:AssumeRole ${ROLE} | not allowed by resource
    allow sts:AssumeRole on *; bucket allow AWS=111111111111 sts:AssumeRole on * if StringEquals sts:ExternalId secret ? as stranger sts:AssumeRole ${ROLE} sts:ExternalId=other | not allowed by resource
    allow sts:AssumeRole on *; bucket allow AWS=111111111111 sts:AssumeRole on * if StringEquals sts:ExternalId secret ? as stranger sts:AssumeRole ${ROLE} sts:ExternalId=secret | allowed
    bucket allow AWS=arn:aws:iam::000000000000:root sts:AssumeRole ? sts:AssumeRole ${ROLE}              | not allowed by identity
    allow sts:AssumeRole on *; bucket allow AWS=arn:aws:iam::000000000000:root sts:AssumeRole ? sts:AssumeRole ${ROLE} | allowed
    bucket allow AWS=arn:aws:iam::000000000000:role/fn sts:AssumeRole ? sts:AssumeRole ${ROLE}           | allowed
    allow iam:PassRole on * ? as stranger iam:PassRole ${ROLE}                                           | not allowed by resource
    allow codepipeline:* on * ? as stranger codepipeline:GetPipeline arn:aws:codepipeline:us-east-1:000000000000:p | not allowed by resource
    allow iam:* on * ? as stranger's-root iam:GetRole ${ROLE}                                            | not allowed by resource
  `;
  expect(play(table)).toBe(tidy(table));
});
