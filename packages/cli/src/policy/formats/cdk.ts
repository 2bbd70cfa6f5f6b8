import type { PolicyText } from "../../project/project.ts";
import type { NeededRole, NeededStatement } from "../needed-role.ts";
import { POLICY_NAME } from "./cloudformation.ts";
import { camelCase, logicalIds } from "./logical-id.ts";

/** A construct in TypeScript with a role each, for `new PipelineRoles(this, "Roles")` in a stack. */
export function cdkText(roles: readonly NeededRole[]): string {
  const ids = logicalIds(roles.map(({ name }) => name));
  const named = roles.map((role) => ({ role, id: ids.get(role.name) ?? "" }));
  return `import * as iam from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";

export class PipelineRoles extends Construct {
${named.map(({ id }) => `  readonly ${camelCase(id)}: iam.Role;\n`).join("")}
  constructor(scope: Construct, id: string) {
    super(scope, id);
${named.map(({ role, id }) => roleText(role, id)).join("")}  }
}
`;
}

function roleText({ name, path, uses, trust, statements }: NeededRole, id: string): string {
  const principal = principalOf(trust);
  const members = [
    `roleName: ${text(name)},`,
    ...(path === "/" ? [] : [`path: ${text(path)},`]),
    `description: ${text(`Of ${uses}`)},`,
    `assumedBy: ${principal ?? "new iam.AccountRootPrincipal()"},`,
    ...(statements.length === 0 ? [] : [policyText(statements)]),
  ];
  const made = `    this.${camelCase(id)} = new iam.Role(this, ${text(id)}, {\n${indented(members, 6)}\n    });\n`;
  if (principal) return made;
  return `${made}    (this.${camelCase(id)}.node.defaultChild as iam.CfnRole).assumeRolePolicyDocument = ${JSON.stringify(trust)};\n`;
}

/** A trust of one plain statement has a principal of its own in the CDK; any other replaces the document. */
function principalOf({ Statement }: PolicyText): string | undefined {
  const [one, ...others] = Array.isArray(Statement) ? (Statement as readonly PolicyText[]) : [];
  if (!one || others.length > 0 || one["Condition"] || one["Action"] !== "sts:AssumeRole") return undefined;
  const { Service: service, AWS: aws } = (one["Principal"] ?? {}) as { Service?: unknown; AWS?: unknown }; // checked below
  const [name, ...more] = [service, aws].flat().filter((value) => value !== undefined);
  if (typeof name !== "string" || more.length > 0) return undefined;
  return service === undefined ? `new iam.ArnPrincipal(${text(name)})` : `new iam.ServicePrincipal(${text(name)})`;
}

function policyText(statements: readonly NeededStatement[]): string {
  const list = statements.map(
    ({ Sid, Action, Resource, Condition }) =>
      `new iam.PolicyStatement({\n${indented(
        [
          `sid: ${text(Sid)},`,
          `actions: ${textList(Action)},`,
          `resources: ${textList(Resource)},`,
          ...(Condition ? [`conditions: ${JSON.stringify(Condition)},`] : []),
        ],
        2,
      )}\n}),`,
  );
  return `inlinePolicies: {\n  ${POLICY_NAME}: new iam.PolicyDocument({\n    statements: [\n${indented(list, 6)}\n    ],\n  }),\n},`;
}

function indented(blocks: readonly string[], spaces: number): string {
  const lines = blocks.flatMap((block) => block.split("\n"));
  return lines.map((line) => " ".repeat(spaces) + line).join("\n");
}

const text = (value: string) => JSON.stringify(value);

/** A list of texts; one of more than a few stands in lines. */
function textList(values: readonly string[]): string {
  const joined = values.map(text);
  return joined.join(", ").length <= LINE_MAX
    ? `[${joined.join(", ")}]`
    : `[\n${indented(
        joined.map((value) => `${value},`),
        2,
      )}\n]`;
}

const LINE_MAX = 80;
