import { expect, test } from "vitest";
import { readPartnerResult } from "./partner-result.ts";

test("what a partner's function returns becomes its job's report", () => {
  const table: readonly (readonly [returned: unknown, report: object])[] = [
    [{ result: "Success" }, { type: "success" }],
    [
      { result: "success", failureType: null, continuation: null, outputVariables: { A: "1" } },
      { type: "success", outputVariables: { A: "1" } },
    ],
    [
      { result: "SUCCESS", status: { ExternalExecutionId: "b7", Summary: "built" } },
      { type: "success", executionDetails: { externalExecutionId: "b7", summary: "built" } },
    ],
    [
      { result: "success", status: { externalExecutionId: "b7", summary: "" } },
      { type: "success", executionDetails: { externalExecutionId: "b7" } },
    ],
    [
      { result: "Continue", continuation: { State: "page 2" } },
      { type: "success", continuationToken: "page 2" },
    ],
    [
      { result: "continue", continuation: { state: { page: 2 } } },
      { type: "success", continuationToken: '{"page":2}' },
    ],
    [
      { result: "continue", continuation: "page 2" },
      { type: "success", continuationToken: "page 2" },
    ],
    [
      { result: "Fail", failureType: "PermissionsError", status: { Summary: "no", ExternalExecutionId: "b7" } },
      { type: "failure", failureType: "PermissionError", message: "no", externalExecutionId: "b7" },
    ],
    [
      { result: "fail" },
      { type: "failure", failureType: "JobFailed", message: "The function of the action type gave no reason." },
    ],
  ];
  for (const [returned, report] of table) expect(readPartnerResult(JSON.stringify(returned))).toEqual(report);
});

test("what is not of the form fails the job, and says why", () => {
  const table: readonly (readonly [returned: string, why: string])[] = [
    ["null", "its result is not Success, Continue or Fail: null"],
    ["no JSON", "its result is not Success, Continue or Fail: no JSON"],
    ['{"result":"done"}', 'its result is not Success, Continue or Fail: {"result":"done"}'],
    ['{"result":"continue"}', "it says Continue and has no continuation"],
    [
      JSON.stringify({ result: "continue", continuation: { state: "x".repeat(2049) } }),
      "its continuation has more than 2048 characters",
    ],
    ['{"result":"success","outputVariables":{"A":1}}', "its outputVariables are not all strings"],
  ];
  for (const [returned, why] of table) {
    const message = `The function of the action type returned no valid result: ${why}.`;
    expect(readPartnerResult(returned)).toEqual({ type: "failure", failureType: "JobFailed", message });
  }
});
