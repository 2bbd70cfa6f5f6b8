import fc from "fast-check";
import { expect, test } from "vitest";
import { ACTION_TYPES } from "./action-type-catalogue.ts";
import { checkDefinition, checkDefinitionAll } from "./check-definition.ts";
import { normaliseDefinition, type PipelineDeclaration } from "./definition.ts";

const lambda = { category: "Invoke", owner: "AWS", provider: "Lambda", version: "1" } as const;
const minimal: PipelineDeclaration = {
  name: "p",
  roleArn: "arn:aws:iam::000000000000:role/r",
  artifactStore: { type: "S3", location: "bucket" },
  stages: [{ name: "S", actions: [{ name: "A", actionTypeId: lambda }] }],
};

test("the defaults that the service echoes are filled in, and no others", () => {
  expect(normaliseDefinition(minimal)).toStrictEqual({
    ...minimal,
    executionMode: "SUPERSEDED",
    pipelineType: "V1",
    stages: [
      {
        name: "S",
        actions: [
          { name: "A", actionTypeId: lambda, runOrder: 1, configuration: {}, inputArtifacts: [], outputArtifacts: [] },
        ],
      },
    ],
  });
});

test("what is declared stays as declared", () => {
  const declared: PipelineDeclaration = {
    ...minimal,
    ...{ executionMode: "QUEUED", pipelineType: "V2", version: 3, variables: [{ name: "v" }] },
    stages: [
      {
        name: "S",
        onFailure: { result: "RETRY" },
        actions: [
          {
            ...{ name: "A", actionTypeId: lambda, runOrder: 7, region: "eu-west-1", namespace: "n" },
            ...{
              configuration: { FunctionName: "f" },
              inputArtifacts: [{ name: "i" }],
              outputArtifacts: [{ name: "o" }],
            },
          },
        ],
      },
    ],
  };
  expect(normaliseDefinition(declared)).toStrictEqual(declared);
});

test("normalising changes nothing the second time, nor what it was given", () => {
  fc.assert(
    fc.property(declarations(), (declaration) => {
      const before = structuredClone(declaration);
      const once = normaliseDefinition(declaration);
      expect(normaliseDefinition(once)).toStrictEqual(once);
      expect(declaration).toEqual(before); // A clone has the usual prototype, so not strictly.
    }),
  );
});

test("checking never throws, says the same of the normalised declaration, and the first problem is the first of all", () => {
  fc.assert(
    fc.property(declarations(), (declaration) => {
      const where = { region: "us-east-1" };
      const all = checkDefinitionAll(declaration, where);
      expect(checkDefinition(declaration, where)).toStrictEqual(all[0]);
      expect(checkDefinitionAll(normaliseDefinition(declaration), where)).toStrictEqual(all);
      for (const problem of all) expect(problem.message).not.toMatch(/undefined|\[object|NaN/);
    }),
  );
});

const optional = { requiredKeys: [] };
const name = fc.constantFrom("A", "B", "__proto__", "constructor", "variables", "codepipeline");
const names = fc.array(fc.record({ name }), { maxLength: 3 });
const region = fc.constantFrom("us-east-1", "eu-west-1", "moon");

function configurations() {
  const text = fc.constantFrom(
    "x",
    "#{A.B}",
    "#{variables.A}",
    "#{codepipeline.PipelineExecutionId}",
    "#{",
    "#{}",
    "{}",
  );
  return fc.dictionary(fc.constantFrom("FunctionName", "__proto__", "NotificationArn"), text);
}

function stages() {
  const configuration = configurations();
  const result = fc.constantFrom("ROLLBACK", "FAIL", "RETRY", "SKIP");
  const rule = fc.record({
    name,
    ruleTypeId: fc.record({
      category: fc.constant("Rule"),
      provider: fc.constantFrom("LambdaInvoke", "Commands", "A"),
    }),
    configuration,
  });
  const conditions = fc.array(fc.record({ result, rules: fc.array(rule, { maxLength: 2 }) }, optional), {
    maxLength: 1,
  });
  const action = fc.record(
    {
      name,
      actionTypeId: fc.oneof(
        fc.constantFrom(...ACTION_TYPES.map((type) => type.id)),
        fc.constantFrom(
          { category: "Build", owner: "Custom", provider: "A", version: "1" },
          { ...lambda, version: "2" },
        ),
      ),
      ...{ configuration, region, namespace: name, inputArtifacts: names, outputArtifacts: names },
      runOrder: fc.integer({ min: 1, max: 3 }),
      commands: fc.constant(["ls"]),
    },
    { requiredKeys: ["name", "actionTypeId"] },
  );
  return fc.record(
    {
      ...{ name, actions: fc.array(action, { maxLength: 4 }) },
      blockers: fc.array(fc.record({ name, type: fc.constant("Schedule") }), { maxLength: 2 }),
      onFailure: fc.record({ result, conditions }, optional),
      onSuccess: fc.record({ conditions }),
      beforeEntry: fc.record({ conditions }),
    },
    { requiredKeys: ["name", "actions"] },
  );
}

/** Declarations of the right shape, from few names, so that their parts often meet. */
function declarations(): fc.Arbitrary<PipelineDeclaration> {
  const store = fc.constant({ type: "S3", location: "bucket" });
  const filter = fc.record({ branches: fc.constant({ includes: ["main"] }), filePaths: fc.constant({}) }, optional);
  const git = fc.record(
    {
      sourceActionName: name,
      push: fc.array(filter, { maxLength: 2 }),
      pullRequest: fc.array(filter, { maxLength: 2 }),
    },
    { requiredKeys: ["sourceActionName"] },
  );
  const declaration = fc.record(
    {
      ...{ name, roleArn: fc.constant(minimal.roleArn), stages: fc.array(stages(), { maxLength: 4 }) },
      ...{ artifactStore: store, artifactStores: fc.dictionary(region, store), variables: names },
      executionMode: fc.constantFrom("QUEUED", "SUPERSEDED", "PARALLEL"),
      pipelineType: fc.constantFrom("V1", "V2"),
      triggers: fc.array(fc.record({ providerType: fc.constant("CodeStarSourceConnection"), gitConfiguration: git }), {
        maxLength: 2,
      }),
    },
    { requiredKeys: ["name", "roleArn", "stages"] },
  );
  // fast-check widens the literals above to strings; each of them is one of the model's.
  return declaration as fc.Arbitrary<PipelineDeclaration>;
}
