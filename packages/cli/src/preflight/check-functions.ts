/** Is there a function to call, with code that can hold its handler? */
import { statSync } from "node:fs";
import { inputWrong } from "../failure.ts";
import { suggestion } from "../nearest.ts";
import { checkFunctionCode, handlerExtensions } from "../project/function-code.ts";
import { type Action, type FunctionDeclaration, isLambdaAction, type Project } from "../project/project.ts";
import { accountOfFunction } from "../project/role-policies.ts";
import type { Finding } from "./finding.ts";
import { functionReference } from "./function-reference.ts";
import { orFinding } from "./or-finding.ts";

/** Whether the function of an action is declared, or cannot be told from here. Nothing for an action that calls none. */
export function checkCalledFunction(project: Project, action: Action): Omit<Finding, "action">[] {
  if (!isLambdaAction(action)) return [];
  const given = action.configuration?.["FunctionName"];
  if (given === undefined) return []; // told with the definition
  const reference = functionReference(action, project);
  if (!reference) return [given.includes("#{") ? decidedLater(given) : noFunctionName(given)];
  const { name, account, region } = reference;
  if (region !== (action.region ?? project.region)) return [elsewhere(given)];
  if (Object.hasOwn(project.functions, name) && accountOfFunction(name, project) === account) return [];
  if (account !== project.account) return [ofAnotherAccount(name, account)];
  return [notDeclared(name, Object.keys(project.functions))];
}

/** Whether the code of a function is there, and can hold its handler. */
export async function checkCode(name: string, declared: FunctionDeclaration): Promise<Omit<Finding, "action">[]> {
  const path = ["functions", name];
  return orFinding({ check: "functionCode", at: { file: "penstock", path } }, async () => {
    const found = statSync(declared.code, { throwIfNoEntry: false });
    if (!found) {
      throw inputWrong(
        `function ${name}: its code ${declared.code} is not there`,
        "Correct the path; it is relative to penstock.yaml.",
      );
    }
    if (found.isDirectory()) checkFunctionCode(name, { ...declared, codeDir: declared.code });
    else await checkZippedCode(name, declared);
  });
}

async function checkZippedCode(name: string, { code, handler, runtime }: FunctionDeclaration): Promise<void> {
  const { loadServer } = await import("../server-port.ts");
  const { checkZip } = await import("../project/deploy-sources.ts");
  const archive = await loadServer();
  await checkZip(archive, code, "Name a folder, which is used in place, or another zip.");
  const paths = new Set((await archive.listZip(code)).map((entry) => entry.path));
  const wanted = runtime.startsWith("provided") ? ["bootstrap"] : handlerFiles(handler, runtime);
  if (wanted.some((file) => paths.has(file))) return;
  throw inputWrong(
    `function ${name}: ${code} has no ${wanted.join(" or ")}`,
    "Zip the files themselves, not the folder that they are in, or correct the handler.",
  );
}

function handlerFiles(handler: string, runtime: string): string[] {
  const module = handler.slice(0, handler.lastIndexOf("."));
  const path = runtime.startsWith("python") ? module.replaceAll(".", "/") : module;
  const files = handlerExtensions(runtime).map((extension) => `${path}${extension}`);
  return runtime.startsWith("python") ? [...files, `${path}/__init__.py`] : files;
}

function notDeclared(name: string, declared: readonly string[]): Omit<Finding, "action"> {
  return {
    severity: "error",
    check: "functionDeclared",
    message: `function ${name} is not declared in penstock.yaml`,
    remedy:
      declared.length > 0
        ? `${suggestion(name, declared)} Functions are declared under "functions".`
        : 'Declare it there under "functions": name, code, handler.',
  };
}

function decidedLater(given: string): Omit<Finding, "action"> {
  return {
    severity: "note",
    check: "functionDeclared",
    message: `a variable decides which function is called (${given}), so nothing of it is checked`,
    remedy: "Write out the name where it is always the same.",
  };
}

function noFunctionName(given: string): Omit<Finding, "action"> {
  return {
    severity: "error",
    check: "functionDeclared",
    message: `"${given}" is the name of no function`,
    remedy: "Give a function's name, or its ARN, with a version or alias or without.",
  };
}

function elsewhere(given: string): Omit<Finding, "action"> {
  return {
    severity: "warning",
    check: "functionElsewhere",
    message: `${given} is a function of another region, and a Lambda action calls only those of its own`,
    remedy: "Name a function of the action's region, or give the action the function's.",
  };
}

function ofAnotherAccount(name: string, account: string): Omit<Finding, "action"> {
  return {
    severity: "warning",
    check: "functionElsewhere",
    message: `function ${name} is of account ${account} and not declared, so its code and its role are not checked`,
    remedy: `Declare it under "functions" in penstock.yaml with a role of that account, arn:aws:iam::${account}:role/NAME.`,
  };
}
