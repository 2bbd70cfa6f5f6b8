import { readFileSync, statSync } from "node:fs";
import { inputWrong, isServiceError } from "../failure.ts";
import { suggestion } from "../nearest.ts";
import type { Server, ServerPackage } from "../server-port.ts";
import { roleArnOf } from "./deploy-roles.ts";
import { checkZip } from "./deploy-sources.ts";
import { checkFunctionCode } from "./function-code.ts";
import type { FunctionDeclaration, Project } from "./project.ts";
import { accountOfFunction, calledFunctions } from "./role-policies.ts";

/** What the API takes for code in a request. Source: Lambda quotas, zipped, uploaded directly. */
const ZIP_BYTES_MAX = 50 * 1024 * 1024;

/** Checks the code of every declared function that lies in a folder. Throws a `Failure` (exit status 2). */
export function checkFunctions(project: Project): void {
  for (const [name, declared] of Object.entries(project.functions)) {
    const found = statSync(declared.code, { throwIfNoEntry: false });
    if (!found)
      throw inputWrong(
        `function ${name}: its code ${declared.code} is not there`,
        "Correct the path; it is relative to penstock.yaml.",
      );
    if (found.isDirectory()) checkFunctionCode(name, { ...declared, codeDir: declared.code });
    else if (found.size > ZIP_BYTES_MAX)
      throw inputWrong(`function ${name}: ${declared.code} is larger than 50 MB`, "Unpack it and name the folder.");
  }
}

/** Looks into the zips of functions. Throws a `Failure` (exit status 2) for one that cannot be unpacked. */
export async function checkFunctionZips(archive: ServerPackage, project: Project): Promise<void> {
  for (const { code } of Object.values(project.functions)) {
    if (!statSync(code).isDirectory())
      await checkZip(archive, code, "Name a folder, which is used in place, or another zip.");
  }
}

/** Throws a `Failure` for an action whose function is neither declared nor on the server. */
export async function checkFunctionsAreThere(server: Server, project: Project): Promise<void> {
  for (const { name, account } of calledFunctions(project)) {
    const isDeclared = Object.hasOwn(project.functions, name) && accountOfFunction(name, project) === account;
    if (isDeclared || (await isOnServer(server, name, account))) continue;
    const whose = account === project.account ? "" : ` of account ${account}`;
    const declared = Object.keys(project.functions);
    throw inputWrong(
      `${project.origin} calls function ${name}${whose}, which is not declared`,
      declared.length > 0
        ? `${suggestion(name, declared)} Functions are declared under "functions" in penstock.yaml.`
        : 'Declare it under "functions" in penstock.yaml beside the pipeline: name, code, handler.',
    );
  }
}

async function isOnServer(server: Server, name: string, account: string): Promise<boolean> {
  try {
    await server.call("lambda", "GetFunction", { FunctionName: name }, account);
    return true;
  } catch (error) {
    if (isServiceError(error) && error.code === "ResourceNotFoundException") return false;
    throw error;
  }
}

/** Deploys what lies in folders, which are used in place; the server starts each at once. Needs no role to be there. */
export async function deployFolders(server: Server, project: Project): Promise<void> {
  const folders = Object.entries(project.functions).filter(([, { code }]) => statSync(code).isDirectory());
  await Promise.all(
    folders.map(([name, { runtime, handler, code, environment, timeoutSeconds, memoryMb }]) => {
      const roleArn = roleArnOf(project, name);
      return server.deployFunction({
        name,
        runtime,
        handler,
        codeDir: code,
        environment,
        timeoutSeconds,
        memoryMb,
        roleArn,
      });
    }),
  );
}

/** Deploys what lies in zips, through the API as anyone would. Their roles must be there. */
export async function deployZips(server: Server, project: Project): Promise<void> {
  for (const [name, declared] of Object.entries(project.functions)) {
    if (!statSync(declared.code).isDirectory()) await putZip(server, project, name, declared);
  }
}

async function putZip(server: Server, project: Project, name: string, declared: FunctionDeclaration): Promise<void> {
  const zip = readFileSync(declared.code);
  const settings = {
    FunctionName: name,
    Runtime: declared.runtime,
    Handler: declared.handler,
    Role: roleArnOf(project, name),
    Timeout: declared.timeoutSeconds,
    MemorySize: declared.memoryMb,
    Environment: { Variables: declared.environment },
  };
  const account = accountOfFunction(name, project);
  if (await isOnServer(server, name, account)) {
    await server.call("lambda", "UpdateFunctionCode", { FunctionName: name, ZipFile: zip }, account);
    await server.call("lambda", "UpdateFunctionConfiguration", settings, account);
  } else {
    await server.call("lambda", "CreateFunction", { ...settings, Code: { ZipFile: zip } }, account);
  }
}
