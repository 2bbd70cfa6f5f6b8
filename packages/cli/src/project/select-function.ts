/** Which function `invoke` and `event` mean. */
import { basename, dirname, resolve } from "node:path";
import { inputWrong } from "../failure.ts";
import { suggestion } from "../nearest.ts";
import { checkFunctionCode, findFunctionCode, missingHandlerFile } from "./function-code.ts";
import { DEFAULT_MEMORY_MB, DEFAULT_TIMEOUT_SECONDS, type FunctionDeclaration } from "./project.ts";
import type { SingleAction } from "./single-action.ts";

export interface FunctionChoice {
  /** A path to a handler, or the name of a function in `penstock.yaml`. */
  readonly target: string;
  readonly runtime?: string | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly environment: Readonly<Record<string, string>>;
}

export type SelectedFunction = Pick<SingleAction, "functionName" | "declared" | "surroundings">;

/**
 * A file of that name comes first, so that nothing but the file is needed; else the function is looked for in
 * `penstock.yaml` of the current folder. Throws a `Failure` (exit status 2).
 */
export async function selectFunction(choice: FunctionChoice): Promise<SelectedFunction> {
  const { target, runtime } = choice;
  const code = findFunctionCode(target, runtime);
  if (code) {
    const functionName = nameOf(target, code.codeDir);
    checkFunctionCode(functionName, code);
    const declared = {
      ...code,
      code: code.codeDir,
      environment: {},
      timeoutSeconds: DEFAULT_TIMEOUT_SECONDS,
      memoryMb: DEFAULT_MEMORY_MB,
    };
    return { functionName, declared: withChoice(declared, choice) };
  }
  if (/[/\\]/.test(target)) throw missingHandlerFile(basename(target), resolve(dirname(target)), basename(target));
  return fromPenstockFile(choice);
}

async function fromPenstockFile(choice: FunctionChoice): Promise<SelectedFunction> {
  const { readSurroundings } = await import("./read-surroundings.ts");
  const { functions, roles, buckets, keys, account, accounts, region, otherServices } = await readSurroundings(".");
  const declared = functions[choice.target];
  if (!declared) {
    const names = Object.keys(functions);
    throw inputWrong(
      `there is no function ${choice.target}: no such file in this folder, and no such name in penstock.yaml`,
      names.length > 0
        ? suggestion(choice.target, names)
        : "Name it by its path, such as my/folder/lambda_function.lambda_handler.",
    );
  }
  return {
    functionName: choice.target,
    declared: withChoice(declared, choice),
    surroundings: {
      roles,
      buckets,
      keys,
      ...(otherServices ? { otherServices } : {}),
      ...(account ? { account } : {}),
      ...(accounts ? { accounts } : {}),
      ...(region ? { region } : {}),
    },
  };
}

function withChoice(
  declared: FunctionDeclaration,
  { runtime, timeoutSeconds, environment }: FunctionChoice,
): FunctionDeclaration {
  return {
    runtime: runtime ?? declared.runtime,
    handler: declared.handler,
    code: declared.code,
    environment: { ...declared.environment, ...environment },
    timeoutSeconds: timeoutSeconds ?? declared.timeoutSeconds,
    memoryMb: declared.memoryMb,
    ...(declared.role ? { role: declared.role } : {}),
  };
}

/** `lambda_function` of `lambda_function.lambda_handler`; the folder's name for a `bootstrap`. Lambda's letters only. */
function nameOf(target: string, codeDir: string): string {
  const handler = basename(target);
  const name = handler === "bootstrap" ? basename(codeDir) : handler.slice(0, handler.lastIndexOf("."));
  return name.replace(/[^\w-]+/g, "-").slice(0, 64) || "function";
}
