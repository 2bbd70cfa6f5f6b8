import { type NeededRole, policyOf } from "../needed-role.ts";
import { POLICY_NAME } from "./cloudformation.ts";
import { logicalIds, snakeCase } from "./logical-id.ts";

/** A role and its policy each, in Terraform's language. */
export function terraformText(roles: readonly NeededRole[]): string {
  const ids = logicalIds(roles.map(({ name }) => name));
  return roles.map((role) => roleText(role, snakeCase(ids.get(role.name) ?? ""))).join("\n");
}

function roleText({ name, path, uses, trust, statements }: NeededRole, id: string): string {
  const role = block("aws_iam_role", id, [
    ["name", literal(name)],
    ...(path === "/" ? [] : [["path", literal(path)] as const]),
    ["description", literal(`Of ${uses}`)],
    ["assume_role_policy", `jsonencode(${expression(trust, 1)})`],
  ]);
  if (statements.length === 0) return role;
  const policy = block("aws_iam_role_policy", id, [
    ["name", literal(POLICY_NAME)],
    ["role", `aws_iam_role.${id}.id`],
    ["policy", `jsonencode(${expression(policyOf(statements), 1)})`],
  ]);
  return `${role}\n${policy}`;
}

function block(type: string, id: string, members: readonly (readonly [string, string])[]): string {
  const width = Math.max(...members.map(([name]) => name.length));
  const lines = members.map(([name, value]) => `  ${name.padEnd(width)} = ${value}`);
  return `resource "${type}" "${id}" {\n${lines.join("\n")}\n}\n`;
}

function expression(value: unknown, depth: number): string {
  const indent = "  ".repeat(depth);
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== "object"))
      return `[${value.map((item) => expression(item, depth)).join(", ")}]`;
    return `[\n${value.map((item) => `${indent}  ${expression(item, depth + 1)},\n`).join("")}${indent}]`;
  }
  if (typeof value !== "object" || value === null) return typeof value === "string" ? literal(value) : String(value);
  const members = Object.entries(value).map(
    ([key, member]) => `${indent}  ${keyOf(key)} = ${expression(member, depth + 1)}\n`,
  );
  return `{\n${members.join("")}${indent}}`;
}

function keyOf(key: string): string {
  return /^[A-Za-z_]\w*$/.test(key) ? key : literal(key);
}

/** `${` and `%{` would begin templates; IAM has variables that look the same. */
function literal(value: string): string {
  return JSON.stringify(value).replaceAll(/[$%](?=\{)/g, "$&$&");
}
