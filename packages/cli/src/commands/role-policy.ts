import { statSync } from "node:fs";
import { command, runCommand } from "../command-line.ts";
import { EXIT, inputWrong } from "../failure.ts";
import { suggestion } from "../nearest.ts";
import { cdkText } from "../policy/formats/cdk.ts";
import { cloudFormationText } from "../policy/formats/cloudformation.ts";
import { iamText } from "../policy/formats/iam.ts";
import { samText } from "../policy/formats/sam.ts";
import { terraformText } from "../policy/formats/terraform.ts";
import type { NeededRole, NeededRoles } from "../policy/needed-role.ts";
import { neededRoleOfFunction, neededRoles } from "../policy/needed-roles.ts";
import type { Project } from "../project/project.ts";
import { projectIn, readProject } from "../project/read-project.ts";
import { selectFunction } from "../project/select-function.ts";
import { singleActionProject } from "../project/single-action.ts";

const declared = command({
  name: "policy",
  about: "Prints the policies that a function or a whole pipeline needs, and no more.",
  argument: {
    name: "<function or pipeline>",
    about: "Path to a handler, name of a function in ./penstock.yaml, or a pipeline's file or folder",
  },
  options: {
    format: { value: "FORMAT", about: "iam, cloudformation, sam, cdk or terraform (default iam)" },
    role: { value: "NAME", about: "Of a pipeline's roles only this one" },
    trust: { about: "With one role and iam: who may assume it, instead of what it may do" },
  },
  examples: [
    { about: "Of every role that a pipeline needs", command: "penstock policy . --format cloudformation" },
    {
      about: "Of one function, to be given to its role",
      command: "penstock policy demo-render > policy.json",
    },
    { about: "Of the pipeline's role", command: "penstock policy . --role demo-pipeline > policy.json" },
  ],
  more: [
    "It is derived from the pipeline's file, penstock.yaml and the sources of the functions: reports of results, fresh credentials and a bucket for states where the toolkit wants them, logs; and for the pipeline exactly its functions, sources, artifacts, key and roles of actions. What cannot be known is told on standard error.",
    "Exit status: 0 it is printed, 2 a file cannot be read.",
  ],
});

/** `penstock policy`. */
export function rolePolicy(args: readonly string[]): Promise<number> {
  return runCommand(declared, args, async ({ argument, options }) => {
    const { project, needed, functionNames } = await derive(argument);
    const roles = chosen(needed.roles, options.role);
    const text = textOf(options.format ?? "iam", options.trust, roles, project, functionNames);
    for (const note of needed.notes) process.stderr.write(`note: ${note}\n`);
    process.stdout.write(text);
    return EXIT.fine;
  });
}

interface Derived {
  readonly project: Project;
  readonly needed: NeededRoles;
  readonly functionNames: readonly string[];
}

async function derive(target: string): Promise<Derived> {
  const found = statSync(target, { throwIfNoEntry: false });
  if (found?.isDirectory() || /\.(json|ya?ml)$/.test(target)) {
    const project = await readProject(target);
    return { project, needed: neededRoles(project), functionNames: Object.keys(project.functions) };
  }
  const selected = await selectFunction({ target, environment: {} });
  const { functionName, declared: code, surroundings } = selected;
  // One of penstock.yaml is in the account and region of the pipeline beside it.
  const whole = surroundings && (await projectIn("."));
  // With its own role, not the one that a run would make up.
  const alone = () => singleActionProject({ ...selected, inputs: {}, outputs: [] });
  const project = { ...(whole ?? alone()), functions: { [functionName]: code } };
  const needed = neededRoleOfFunction(project, functionName);
  return { project, needed, functionNames: [functionName] };
}

function chosen(roles: readonly NeededRole[], name: string | undefined): readonly NeededRole[] {
  if (name === undefined) return roles;
  const found = roles.filter((role) => role.name === name);
  const names = roles.map((role) => role.name);
  if (found.length === 0) throw inputWrong(`no role ${name} is needed here`, suggestion(name, names));
  return found;
}

const FORMATS = ["iam", "cloudformation", "sam", "cdk", "terraform"];

function textOf(
  format: string,
  wantsTrust: boolean,
  roles: readonly NeededRole[],
  project: Project,
  functionNames: readonly string[],
): string {
  if (wantsTrust) return trustText(format, roles);
  if (format === "iam") return iamText(roles);
  if (format === "cloudformation") return cloudFormationText(roles);
  if (format === "sam") return samText(roles, project, functionNames);
  if (format === "cdk") return cdkText(roles);
  if (format === "terraform") return terraformText(roles);
  throw inputWrong(`there is no format ${format}`, suggestion(format, FORMATS));
}

function trustText(format: string, [role, ...others]: readonly NeededRole[]): string {
  if (format !== "iam" || !role || others.length > 0) {
    throw inputWrong(
      "--trust is for one role in the form of IAM",
      "Name the role: --role NAME. Other formats hold it anyway.",
    );
  }
  return `${JSON.stringify(role.trust, null, 2)}\n`;
}
