import { expect, test } from "vitest";
import { checkProject } from "./check-project.ts";
import { INVOKE_STAGE, NO_INPUT, type SingleAction, singleActionProject } from "./single-action.ts";

const declared = {
  runtime: "python3.12",
  handler: "a.b",
  code: ".",
  environment: {},
  timeoutSeconds: 60,
  memoryMb: 256,
};
const single = (more: Partial<SingleAction> = {}): SingleAction => ({
  functionName: "F",
  declared,
  inputs: {},
  outputs: [],
  ...more,
});

test("the pipeline around a function obeys every structural rule of the service", () => {
  const cases = [
    single(),
    single({ inputs: { A: process.cwd(), B: process.cwd() }, outputs: ["C"], userParameters: "x" }),
  ];
  for (const one of cases) {
    const project = singleActionProject(one);
    expect(() => checkProject({ ...project, functions: {} })).not.toThrow();
  }
});

test("without an input there is a source all the same, and the function does not get it", () => {
  const { pipeline, inputs } = singleActionProject(single());
  expect(pipeline.stages[0]?.actions[0]?.outputArtifacts).toEqual([{ name: NO_INPUT }]);
  expect(pipeline.stages[1]).toMatchObject({
    name: INVOKE_STAGE,
    actions: [{ inputArtifacts: [], configuration: { FunctionName: "F" } }],
  });
  expect(inputs[NO_INPUT]).toHaveLength(22);
});

test("empty user parameters are not absent ones", () => {
  expect(singleActionProject(single({ userParameters: "" })).pipeline.stages[1]?.actions[0]?.configuration).toEqual({
    FunctionName: "F",
    UserParameters: "",
  });
});

test("a given policy takes the place of a declared role; without either, results may be reported and nothing else", () => {
  const withRole = { ...declared, role: "arn:aws:iam::123456789012:role/x/Own" };
  const surroundings = { roles: { Own: { policies: {} }, Other: { policies: {} } }, buckets: {} };
  const policiesOf = (project: ReturnType<typeof singleActionProject>) => {
    const role = project.functions["F"]?.role ?? "";
    return project.roles[role.slice(role.lastIndexOf("/") + 1)]?.policies;
  };
  expect(JSON.stringify(policiesOf(singleActionProject(single())))).toContain("PutJobSuccessResult");
  const own = singleActionProject(single({ declared: withRole, surroundings }));
  expect(policiesOf(own)).toEqual({});
  expect(Object.keys(own.roles)).not.toContain("Other");
  const policy = { Version: "2012-10-17", Statement: [] };
  expect(policiesOf(singleActionProject(single({ declared: withRole, surroundings, policy })))).toEqual({
    function: policy,
  });
});

test("more artifacts than an action may have are refused", () => {
  const outputs = ["A", "B", "C", "D", "E", "F"];
  expect(() => singleActionProject(single({ outputs }))).toThrowError(expect.objectContaining({ exitCode: 2 }));
});
