import { stringify } from "yaml";
import { type NeededRole, policyOf } from "../needed-role.ts";
import { logicalIds } from "./logical-id.ts";

/** Name of the inline policy that a role gets, whatever makes it. */
export const POLICY_NAME = "needed";

/** A template with a role each. Because roles are named, it wants CAPABILITY_NAMED_IAM. */
export function cloudFormationText(roles: readonly NeededRole[]): string {
  return templateText({ AWSTemplateFormatVersion: "2010-09-09", Resources: roleResources(roles) });
}

/** Resources by their logical ids. */
export function roleResources(roles: readonly NeededRole[]): Readonly<Record<string, object>> {
  const ids = logicalIds(roles.map(({ name }) => name));
  return Object.fromEntries(
    roles.map((role) => [`${ids.get(role.name)?.replace(/Role$/, "")}Role`, roleResource(role)]),
  );
}

function roleResource({ name, path, uses, trust, statements }: NeededRole): object {
  return {
    Type: "AWS::IAM::Role",
    Properties: {
      RoleName: name,
      ...(path === "/" ? {} : { Path: path }),
      Description: `Of ${uses}`,
      AssumeRolePolicyDocument: trust,
      ...(statements.length > 0 && {
        Policies: [{ PolicyName: POLICY_NAME, PolicyDocument: policyOf(statements) }],
      }),
    },
  };
}

/** YAML without anchors, which CloudFormation does not take; as 1.1 has it, so that versions stay texts. */
export function templateText(template: object): string {
  return stringify(template, { aliasDuplicateObjects: false, lineWidth: 0, version: "1.1" });
}
