/**
 * Exactly what the roles of a project need, derived from its files: nothing more, and in statements of which each is
 * needed. `penstock policy` prints them.
 */
import { type UsedRole, usedRoles } from "../project/deploy-roles.ts";
import type { PolicyText, Project } from "../project/project.ts";
import { trust } from "../project/role-policies.ts";
import { functionNeeds } from "./function-needs.ts";
import type { NeededRole, NeededRoles, NeededStatement } from "./needed-role.ts";
import { pipelineNeeds, pipelineNotes } from "./pipeline-needs.ts";

/** All roles of a pipeline: its own, its actions' and its functions'. */
export function neededRoles(project: Project): NeededRoles {
  const functions = Object.entries(project.functions).map(([name, declared]) => functionNeeds(project, name, declared));
  const needs = [
    ...pipelineNeeds(project),
    ...functions.map(({ roleArn, statements }) => [roleArn, statements] as const),
  ];
  return {
    roles: [...usedRoles(project).values()].map((used): NeededRole => {
      const statements = needs.flatMap(([arn, list]) => (nameOf(arn) === used.name ? list : []));
      const { name, path, uses } = used;
      return { name, path, uses, trust: trustOf(project, used), statements: merged(statements) };
    }),
    notes: [...pipelineNotes(project), ...functions.flatMap(({ notes }) => notes)],
  };
}

/** The role of one function, for that function alone, whoever else has it. */
export function neededRoleOfFunction(project: Project, functionName: string): NeededRoles {
  const declared = project.functions[functionName];
  if (!declared) throw new TypeError(`there is no function ${functionName}`);
  const { roleArn, statements, notes } = functionNeeds(project, functionName, declared);
  const name = nameOf(roleArn);
  const used = usedRoles(project).get(name);
  const role: NeededRole = {
    name,
    path: used?.path ?? "/",
    uses: `function ${functionName}`,
    trust: project.roles[name]?.trust ?? used?.trust ?? {},
    statements,
  };
  return { roles: [role], notes };
}

/**
 * Of a role that an action brings, and that nobody declared, the trust names the account: then the pipeline's role needs a
 * statement, and can be made anew without breaking the trust. Source: IAM user guide, "AWS JSON policy elements: Principal".
 */
function trustOf({ roles, account }: Project, { name, uses, trust: usual }: UsedRole): PolicyText {
  const declared = roles[name]?.trust;
  if (declared) return declared;
  return uses.startsWith("action ") ? trust({ AWS: `arn:aws:iam::${account}:root` }) : usual;
}

function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}

/** Statements of one name are one: functions that share a role each bring their own. */
function merged(statements: readonly NeededStatement[]): readonly NeededStatement[] {
  const bySid = new Map<string, NeededStatement>();
  for (const one of statements) {
    const known = bySid.get(one.Sid);
    bySid.set(
      one.Sid,
      known
        ? { ...known, Action: union(known.Action, one.Action), Resource: union(known.Resource, one.Resource) }
        : one,
    );
  }
  return [...bySid.values()];
}

function union(left: readonly string[], right: readonly string[]): readonly string[] {
  return [...new Set([...left, ...right])].sort();
}
