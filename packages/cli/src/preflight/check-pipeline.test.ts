import { expect, test } from "vitest";
import { checkPipeline } from "./check-pipeline.ts";
import { ACCESS_CASES } from "./testing/access-cases.ts";
import { roleOf } from "./testing/break-project.ts";
import { CASES } from "./testing/check-cases.ts";
import { CASES_ACROSS_ACCOUNTS } from "./testing/check-cases-across-accounts.ts";
import { webProject } from "./testing/web-project.ts";

test("in a pipeline with nothing wrong nothing is found", async () => {
  expect(await checkPipeline(webProject())).toEqual([]);
});

test.each([...CASES, ...ACCESS_CASES, ...CASES_ACROSS_ACCOUNTS])("%s", async (_, breakIt, expected) => {
  const project = webProject();
  breakIt(project);
  const found = (await checkPipeline(project)).map(({ severity, check, action, message, remedy, statement }) => {
    const place = action ? `${action.stage}/${action.action}` : "-";
    return {
      head: `${severity} ${check} ${place} `,
      text: `${message} ${remedy} ${JSON.stringify(statement?.statement)}`,
    };
  });
  expect(found.map(({ head }) => head)).toEqual(expected.map(headOf));
  for (const [index, line] of expected.entries()) expect(found[index]?.text).toContain(line.slice(headOf(line).length));
});

test("a check that finds an error tells what a run would meet: the same evaluator refuses the report", async () => {
  const project = webProject();
  roleOf(project, "worker").policies = {};
  const [finding] = await checkPipeline(project);
  expect(finding?.message).toContain(
    "User: arn:aws:sts::123456789012:assumed-role/worker/check is not authorized to perform: " +
      "codepipeline:PutJobSuccessResult because no identity-based policy allows the codepipeline:PutJobSuccessResult action",
  );
});

function headOf(line: string): string {
  return `${line.split(" ").slice(0, 3).join(" ")} `;
}
