import { inputWrong, isServiceError } from "../failure.ts";
import type { Server } from "../server-port.ts";
import { actionsOf, type PolicyText, type Project, type RoleDeclaration } from "./project.ts";
import { accountOfFunction, accountOfRole, pipelinePolicy, REPORT_RESULTS, trust } from "./role-policies.ts";

/** A role that the project uses, and what it gets when nobody declared it. */
export interface UsedRole {
  readonly name: string;
  /** IAM path with both slashes, such as `/service-role/`. */
  readonly path: string;
  /** Twelve digits. */
  readonly account: string;
  readonly trust: PolicyText;
  readonly policy?: PolicyText;
  readonly uses: string;
}

/**
 * Makes the roles that the project declares or uses. A declared role gets exactly its declared policies;
 * one that is only used is made with the least it needs, unless it is there, and `note` is told.
 */
export async function deployRoles(server: Server, project: Project, note: (message: string) => void): Promise<void> {
  const used = usedRoles(project);
  const unused = Object.keys(project.roles).filter((name) => !used.has(name));
  const others = unused.map(
    (name): UsedRole => ({ name, path: "/", account: project.account, trust: ANY_SERVICE, uses: "" }),
  );
  const put = [...used.values(), ...others].map(async (role) => {
    const declared = project.roles[role.name];
    if (declared) await putDeclared(server, role, declared);
    else if (await putMadeUp(server, role)) return [`${role.name} (${role.uses})`];
    return [];
  });
  const madeUp = (await Promise.all(put)).flat();
  if (madeUp.length > 0) note(`no role is declared for ${madeUp.join(", ")}; each was made with the least it needs`);
}

const ANY_SERVICE = trust({ Service: ["codepipeline.amazonaws.com", "lambda.amazonaws.com"] });

/** All roles that the pipeline, its actions and its functions name, by their names. The first use counts. */
export function usedRoles(project: Project): ReadonlyMap<string, UsedRole> {
  const found = new Map<string, UsedRole>();
  const add = (arn: string, rest: Omit<UsedRole, "name" | "path" | "account">) => {
    const role = { ...splitRole(arn), account: accountOfRole(arn, project), ...rest };
    const before = found.get(role.name);
    if (before && before.account !== role.account) throw twoRoles(role.name, before.account, role.account);
    if (!before) found.set(role.name, role);
  };
  const { pipeline } = project;
  const service = (name: string) => trust({ Service: [`${name}.amazonaws.com`] });
  add(pipeline.roleArn, { trust: service("codepipeline"), policy: pipelinePolicy(project), uses: "the pipeline" });
  for (const { action } of actionsOf(pipeline)) {
    if (!action.roleArn) continue;
    add(action.roleArn, {
      trust: trust({ AWS: pipeline.roleArn }),
      policy: pipelinePolicy(project),
      uses: `action ${action.name}`,
    });
  }
  for (const name of Object.keys(project.functions)) {
    add(roleArnOf(project, name), { trust: service("lambda"), policy: REPORT_RESULTS, uses: `function ${name}` });
  }
  return found;
}

/** The ARN of a function's role, from its name or ARN. */
export function roleArnOf(project: Project, functionName: string): string {
  const role = project.functions[functionName]?.role ?? defaultRoleName(functionName);
  return role.startsWith("arn:") ? role : `arn:aws:iam::${accountOfFunction(functionName, project)}:role/${role}`;
}

const twoRoles = (name: string, one: string, other: string) =>
  inputWrong(
    `role ${name} is named in account ${one} and in account ${other}`,
    "Give the roles different names: penstock.yaml declares each by its name alone.",
  );

/** IAM takes 64 letters for the name of a role, Lambda 64 for that of a function. */
function defaultRoleName(functionName: string): string {
  return `${functionName.slice(0, 59)}-role`;
}

function splitRole(arnOrName: string): { readonly name: string; readonly path: string } {
  const full = arnOrName.replace(/^arn:[\w-]+:iam::\d{12}:role\//, "");
  const slash = full.lastIndexOf("/");
  return { name: full.slice(slash + 1), path: slash < 0 ? "/" : `/${full.slice(0, slash)}/` };
}

async function putDeclared(server: Server, role: UsedRole, declared: RoleDeclaration): Promise<void> {
  const isNew = await createRole(server, role, declared.trust ?? role.trust);
  if (!isNew) await dropOldPolicies(server, role, declared);
  if (!isNew && declared.trust) {
    const PolicyDocument = JSON.stringify(declared.trust);
    await server.call("iam", "UpdateAssumeRolePolicy", { RoleName: role.name, PolicyDocument }, role.account);
  }
  for (const [policyName, document] of Object.entries(declared.policies))
    await putPolicy(server, role, policyName, document);
}

async function putMadeUp(server: Server, role: UsedRole): Promise<boolean> {
  const isNew = await createRole(server, role, role.trust);
  if (isNew && role.policy) await putPolicy(server, role, MADE_UP_POLICY, role.policy);
  return isNew;
}

const MADE_UP_POLICY = "penstock-made-up";

/** Answers whether the role is new. */
async function createRole(
  server: Server,
  { name, path, account }: UsedRole,
  trustPolicy: PolicyText,
): Promise<boolean> {
  try {
    const input = { RoleName: name, Path: path, AssumeRolePolicyDocument: JSON.stringify(trustPolicy) };
    await server.call("iam", "CreateRole", input, account);
    return true;
  } catch (error) {
    if (isServiceError(error) && error.code.startsWith("EntityAlreadyExists")) return false;
    throw error;
  }
}

async function putPolicy(
  server: Server,
  { name: role, account }: UsedRole,
  policyName: string,
  document: PolicyText,
): Promise<void> {
  const input = { RoleName: role, PolicyName: policyName, PolicyDocument: JSON.stringify(document) };
  try {
    await server.call("iam", "PutRolePolicy", input, account);
  } catch (error) {
    if (!isServiceError(error)) throw error;
    const message = `policy ${policyName} of role ${role}: ${error.code}: ${error.message}`;
    throw inputWrong(message, "Correct the policy document; the text above is IAM's own.", error);
  }
}

/** What was taken out of `penstock.yaml` must not go on allowing things. */
async function dropOldPolicies(
  server: Server,
  { name: role, account }: UsedRole,
  declared: RoleDeclaration,
): Promise<void> {
  // Output of IAM's ListRolePolicies, as the model has it.
  const { PolicyNames: names } = (await server.call("iam", "ListRolePolicies", { RoleName: role }, account)) as {
    PolicyNames: string[];
  };
  for (const name of names) {
    if (!Object.hasOwn(declared.policies, name))
      await server.call("iam", "DeleteRolePolicy", { RoleName: role, PolicyName: name }, account);
  }
}
