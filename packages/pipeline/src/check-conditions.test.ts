import { expect, test } from "vitest";
import { checkConditions } from "./check-conditions.ts";
import type { Condition, PipelineDeclaration, StageDeclaration } from "./definition.ts";

const rule = (provider: string) => ({ name: "R", ruleTypeId: { category: "Rule", provider } }) as const;
const condition = (result: Condition["result"], provider = "LambdaInvoke"): Condition => ({
  ...(result ? { result } : {}),
  rules: [rule(provider)],
});
const message = (stage: Partial<StageDeclaration>, mode: "SUPERSEDED" | "PARALLEL" = "SUPERSEDED") =>
  [...checkConditions(withGate(stage, mode))][0]?.message;

test("what follows a condition fits the gate where it stands", () => {
  expect(message({ beforeEntry: { conditions: [condition("SKIP")] } })).toBeUndefined();
  expect(message({ beforeEntry: { conditions: [condition("ROLLBACK")] } })).toMatch(/must be one of FAIL, SKIP$/);
  expect(message({ onSuccess: { conditions: [condition("ROLLBACK")] } })).toBeUndefined();
  expect(message({ onSuccess: { conditions: [condition("SKIP")] } })).toMatch(/must be one of ROLLBACK, FAIL$/);
  expect(message({ onFailure: { conditions: [condition("ROLLBACK")] } })).toBeUndefined();
  expect(message({ onFailure: { conditions: [condition("RETRY")] } })).toMatch(/must be one of ROLLBACK$/);
  expect(message({ onFailure: { result: "SKIP" } })).toMatch(/must be one of ROLLBACK, RETRY, FAIL$/);
});

test("a failure gate has a result or conditions; the service forgets the closing quote", () => {
  expect(message({ onFailure: { result: "ROLLBACK", conditions: [condition("ROLLBACK")] } })).toBe(
    "The following stage cannot have a failure exit gate configured with both top level result and conditions: 'B",
  );
  const retryConfiguration = { retryMode: "ALL_ACTIONS" } as const;
  expect(message({ onFailure: { result: "RETRY", retryConfiguration } })).toBeUndefined();
  expect(message({ onFailure: { result: "ROLLBACK", retryConfiguration } })).toMatch(
    /only be used with the result RETRY$/,
  );
});

test("a PARALLEL pipeline cannot roll back", () => {
  const refused = "Failure conditions with rollback result type cannot be added to a PARALLEL pipeline.";
  expect(message({ onFailure: { conditions: [condition("ROLLBACK")] } }, "PARALLEL")).toBe(refused);
  expect(message({ onFailure: { result: "ROLLBACK" } }, "PARALLEL")).toBe(refused);
  expect(message({ onSuccess: { conditions: [condition("ROLLBACK")] } }, "PARALLEL")).toMatch(/^Success conditions/);
  expect(message({ onFailure: { result: "RETRY" } }, "PARALLEL")).toBeUndefined();
});

test("rules exist, can do what is asked of them, have names of their own and know what they refer to", () => {
  expect(message({ beforeEntry: { conditions: [condition("FAIL", "Nope")] } })).toMatch(
    /'Nope' version '1'.*does not exist/,
  );
  expect(message({ beforeEntry: { conditions: [condition("SKIP", "DeploymentWindow")] } })).toMatch(/cannot skip/);
  expect(message({ beforeEntry: { conditions: [{ result: "FAIL" }] } })).toMatch(/There must be at least 1$/);
  const twice = { rules: [rule("LambdaInvoke"), rule("VariableCheck")] };
  expect(message({ beforeEntry: { conditions: [twice] } })).toMatch(/^Rule name 'R' .* more than once$/);
  const check = (Variable: string) => ({ rules: [{ ...rule("VariableCheck"), configuration: { Variable } }] });
  expect(message({ beforeEntry: { conditions: [check("#{no.Branch}")] } })).toMatch(
    /^#\{no\.Branch\} in the configuration/,
  );
  expect(message({ beforeEntry: { conditions: [check("#{rule.R.x}")] } })).toBeUndefined();
});

/** As much of a pipeline as conditions look at: its stage B has the given gates. */
function withGate(gate: Partial<StageDeclaration>, executionMode: "SUPERSEDED" | "PARALLEL"): PipelineDeclaration {
  const stage: StageDeclaration = { name: "B", actions: [], ...gate };
  return { name: "demo", roleArn: "arn:aws:iam::000000000000:role/pipeline", executionMode, stages: [stage] };
}
