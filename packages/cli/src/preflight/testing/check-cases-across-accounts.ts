import { call, giveRole, shipOf } from "./break-project.ts";
import type { CheckCase } from "./check-cases.ts";
import { trustOf } from "./web-project.ts";

/** Of two accounts, of which the project is the one that begins with 1. */
export const CASES_ACROSS_ACCOUNTS: readonly CheckCase[] = [
  [
    "the function is one of another account",
    (p) => call(p, "Ship", "arn:aws:lambda:us-east-1:999999999999:function:ship"),
    [
      "warning functionElsewhere Make/Ship of account 999999999999",
      "error invokeFunction Make/Ship arn:aws:lambda:us-east-1:999999999999:function:ship",
      "warning reportResults Make/Ship known in account 123456789012 alone",
    ],
  ],
  [
    "an action's role is of another account, and nothing there or here names it",
    (p) => {
      giveRole(p, trustOf({ AWS: "arn:aws:iam::123456789012:role/pipe" }), "999999999999");
      shipOf(p).role = "arn:aws:iam::999999999999:role/ships";
      p.roles["ships"] = { trust: trustOf({ Service: "lambda.amazonaws.com" }), policies: {} };
    },
    [
      'error trust Make/Ship "Action":"sts:AssumeRole","Resource":"arn:aws:iam::999999999999:role/shipper"',
      "error invokeFunction Make/Ship arn:aws:lambda:us-east-1:999999999999:function:ship",
      'error readArtifact Make/Ship "Principal":{"AWS":"arn:aws:iam::999999999999:role/shipper"},"Action":"s3:GetObject"',
      'error useKey Make/Ship "Principal":{"AWS":"arn:aws:iam::999999999999:role/shipper"},"Action":"kms:Decrypt"',
      "warning reportResults Make/Ship known in account 123456789012 alone",
    ],
  ],
  [
    "an action's role is of another account, and the store has no key that could serve both",
    (p) => {
      giveRole(p, trustOf({ AWS: "arn:aws:iam::123456789012:role/pipe" }), "999999999999");
      delete p.pipeline.artifactStore?.encryptionKey;
    },
    [
      "warning functionElsewhere Make/Ship of account 999999999999",
      'error trust Make/Ship "Action":"sts:AssumeRole","Resource":"arn:aws:iam::999999999999:role/shipper"',
      "error invokeFunction Make/Ship arn:aws:lambda:us-east-1:999999999999:function:ship",
      'error readArtifact Make/Ship "Principal":{"AWS":"arn:aws:iam::999999999999:role/shipper"},"Action":"s3:GetObject"',
      "warning reportResults Make/Ship known in account 123456789012 alone",
      "error useKey Make/Ship which no other account can use",
    ],
  ],
];
