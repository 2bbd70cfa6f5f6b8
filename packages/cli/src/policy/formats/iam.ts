import { type NeededRole, policyOf } from "../needed-role.ts";

/** Of one role its policy, as `aws iam put-role-policy` takes it; of several a map by name, with who may assume each. */
export function iamText(roles: readonly NeededRole[]): string {
  const [only, ...others] = roles;
  const document =
    only && others.length === 0
      ? policyOf(only.statements)
      : Object.fromEntries(roles.map(({ name, trust, statements }) => [name, { trust, policy: policyOf(statements) }]));
  return `${JSON.stringify(document, null, 2)}\n`;
}
