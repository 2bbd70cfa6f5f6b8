import type { Project } from "../../project/project.ts";
import { functionNeeds } from "../function-needs.ts";
import { type NeededRole, policyOf } from "../needed-role.ts";
import { roleResources, templateText } from "./cloudformation.ts";
import { logicalIds } from "./logical-id.ts";

/** What SAM grants every function by itself: the managed policy AWSLambdaBasicExecutionRole. Source: SAM developer guide, `Policies`. */
const OF_SAM = ["WriteLogs"];

/**
 * A template in which each function has its policies, from which SAM makes a role of its own; `zipOf` names its code. Roles
 * that belong to no function are resources.
 */
export function samText(roles: readonly NeededRole[], project: Project, functionNames: readonly string[]): string {
  const ids = logicalIds(functionNames);
  const functions = functionNames.map((name) => [`${ids.get(name)}Function`, functionResource(project, name)]);
  const others = roles.filter(({ uses }) => !uses.startsWith("function "));
  return templateText({
    AWSTemplateFormatVersion: "2010-09-09",
    Transform: "AWS::Serverless-2016-10-31",
    Resources: { ...Object.fromEntries(functions), ...roleResources(others) },
  });
}

function functionResource(project: Project, name: string): object {
  const declared = project.functions[name];
  if (!declared) throw new TypeError(`there is no function ${name}`);
  const { handler, runtime, timeoutSeconds, memoryMb } = declared;
  const statements = functionNeeds(project, name, declared).statements.filter(({ Sid }) => !OF_SAM.includes(Sid));
  return {
    Type: "AWS::Serverless::Function",
    Properties: {
      FunctionName: name,
      CodeUri: `${name}.zip`,
      Handler: handler,
      Runtime: runtime,
      Timeout: timeoutSeconds,
      MemorySize: memoryMb,
      Policies: [policyOf(statements)],
    },
  };
}
