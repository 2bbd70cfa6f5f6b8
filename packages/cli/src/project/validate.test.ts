import { expect, test } from "vitest";
import { envelopeSchema, pipelineSchema } from "./declaration-schema.ts";
import { penstockSchema } from "./penstock-schema.ts";
import { parseSource } from "./source-text.ts";
import { validate } from "./validate.ts";

/** What a person reads: the message, an arrow, the remedy. */
async function refusal(schema: Parameters<typeof validate>[0], text: string, file: string): Promise<string> {
  try {
    await validate(schema, await parseSource(text, file));
  } catch (error) {
    const { message, remedy, exitCode } = error as { message: string; remedy: string; exitCode: number }; // a Failure
    expect(exitCode).toBe(2);
    return `${message} -> ${remedy}`;
  }
  return "accepted";
}

const penstock = (text: string) => refusal(penstockSchema, text, "penstock.yaml");

test("an unknown key is refused with its place and the nearest key", async () => {
  expect(await penstock("functions:\n  Transform:\n    code: .\n    hanlder: a.b\n")).toBe(
    'penstock.yaml:4:5: unknown key "hanlder" in functions.Transform -> Did you mean "handler"?',
  );
  expect(await penstock("layers: []\n")).toBe(
    'penstock.yaml:1:1: unknown key "layers" -> There is: pipeline, account, accounts, region, timing, throttling, strict, functions, roles, buckets, keys, actionTypes, aws, inputs.',
  );
  const policy =
    "roles:\n  R:\n    policies:\n      P:\n        Statement:\n          - Efect: Allow\n            Effect: Allow\n";
  expect(await penstock(policy)).toBe(
    'penstock.yaml:6:13: unknown key "Efect" in roles.R.policies.P.Statement[0] -> Did you mean "Effect"?',
  );
});

test("one statement may stand without a list, and is looked over as well", async () => {
  const one = (key: string) => `roles:\n  R:\n    policies:\n      P:\n        Statement:\n          ${key}: Allow\n`;
  expect(await penstock(one("Effect"))).toBe("accepted");
  expect(await penstock(one("effect"))).toContain('Did you mean "Effect"?');
});

test("a missing key, a wrong kind and a value out of range are told with their place", async () => {
  expect(await penstock("functions:\n  T: { handler: a.b }\n")).toBe(
    'penstock.yaml:2:6: "code" is missing in functions.T -> Add code: to it.',
  );
  expect(await penstock("account: 123456789012\n")).toBe(
    'penstock.yaml:1:10: account must be a string, not the number 123456789012 -> Put it in quotes: "123456789012".',
  );
  expect(await penstock("functions:\n  T:\n    code: .\n    timeout: 901\n")).toBe(
    "penstock.yaml:4:14: functions.T.timeout must be at most 900 -> Correct it in the file.",
  );
  expect(await penstock("timing: slow\n")).toBe(
    'penstock.yaml:1:9: timing must be one of ("fast" | "aws"), not another string -> Correct it in the file.',
  );
  expect(await penstock("functions: []\n")).toBe(
    "penstock.yaml:1:12: functions must be a map, not a list -> Correct it in the file.",
  );
});

test("a list where a map belongs is refused, however deep", async () => {
  expect(await penstock("[]\n")).toContain("penstock.yaml:1:1: the file must be a map, not a list");
  expect(await penstock("roles:\n  R:\n    policies:\n      P: { Statement: [[]] }\n")).toContain(
    "penstock.yaml:4:24: roles.R.policies.P.Statement[0] must be a map, not a list",
  );
});

test("a value is not shown: it may be a secret", async () => {
  expect(await penstock("functions:\n  T:\n    code: .\n    environment: hunter2\n")).not.toContain("hunter2");
});

test("several mistakes are told at once", async () => {
  const text = await penstock("functions:\n  A: { code: 1 }\n  B: { code: 2 }\n");
  expect(text.split("\n")).toHaveLength(2);
  expect(text).toContain("functions.B.code must be a string");
});

test("an empty file is told what it may hold", async () => {
  expect(await penstock("# nothing\n")).toMatch(/^penstock.yaml is empty -> It may have these keys: pipeline, /);
});

test("text that is no YAML is told with its place", async () => {
  expect(await penstock("a: [1,\n")).toMatch(/^penstock.yaml:2:1: .+ -> Correct the YAML at this place.$/);
  expect(await penstock("a: 1\na: 2\n")).toMatch(/^penstock.yaml:2:1: the same key is there twice/);
  expect(await penstock("a: 1\n---\nb: 2\n")).toContain("more than one document");
});

test("a JSON declaration is told by line and column as well", async () => {
  const json =
    '{\n  "pipeline": {\n    "name": "p",\n    "roleArn": "r",\n    "stages": [ { "name": "S", "action": [] } ]\n  }\n}';
  expect(await refusal(envelopeSchema, json, "pipeline.json")).toContain(
    'pipeline.json:5:17: "actions" is missing in pipeline.stages[0]',
  );
  expect(await refusal(envelopeSchema, '{\n "pipeline": { "name": "p",, }\n}', "pipeline.json")).toMatch(
    /^pipeline.json:2:\d+: .* -> Correct the JSON at this place.$/,
  );
});

test("YAML's numbers where the service wants strings are told how to write", async () => {
  const yaml =
    "name: p\nroleArn: r\nstages:\n- name: S\n  actions:\n  - name: A\n    actionTypeId: { category: Invoke, owner: AWS, provider: Lambda, version: 1 }\n";
  expect(await refusal(pipelineSchema, yaml, "pipeline.yaml")).toBe(
    'pipeline.yaml:7:78: stages[0].actions[0].actionTypeId.version must be a string, not the number 1 -> Put it in quotes: "1".',
  );
});
