/** Which function a replay runs: the one that is named, the one that was captured, or the one that penstock.yaml has. */
import { existsSync } from "node:fs";
import { inputWrong } from "../failure.ts";
import { checkFunctionCode } from "../project/function-code.ts";
import type { PolicyText } from "../project/project.ts";
import { type SelectedFunction, selectFunction } from "../project/select-function.ts";
import type { ReadCapture } from "./capture-schema.ts";

export interface FunctionWish {
  readonly target: string | undefined;
  readonly timeoutSeconds: number | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly policy: PolicyText | undefined;
  readonly note: (message: string) => void;
}

/** The name in a function's name or ARN, without version or alias. */
export function plainName(reference: string): string {
  return (
    /^(?:arn:[^:]+:lambda:[^:]*:)?(?:\d{12}:)?(?:function:)?([\w-]+)(?::[\w$-]+)?$/.exec(reference)?.[1] ?? reference
  );
}

/** Throws a `Failure` (exit status 2) when there is none to be found. */
export async function replayedFunction(capture: ReadCapture, wish: FunctionWish): Promise<SelectedFunction> {
  const { FunctionName } = capture.event["CodePipeline.job"].data.actionConfiguration.configuration;
  const functionName = plainName(FunctionName);
  const { timeoutSeconds, environment } = wish;
  if (wish.target !== undefined) {
    const selected = await selectFunction({ target: wish.target, timeoutSeconds, environment });
    return told({ ...selected, functionName }, capture, wish);
  }
  const captured = capture.function;
  if (captured && existsSync(captured.codeDir)) {
    const { runtime, handler, codeDir, memoryMb } = captured;
    checkFunctionCode(functionName, { codeDir, handler, runtime });
    const declared = {
      runtime,
      handler,
      code: codeDir,
      environment: { ...captured.environment, ...environment },
      timeoutSeconds: timeoutSeconds ?? captured.timeoutSeconds,
      memoryMb,
    };
    return told({ functionName, declared }, capture, wish);
  }
  const inFile = await selectFunction({ target: functionName, timeoutSeconds, environment }).catch(() => undefined);
  if (inFile) return told({ ...inFile, functionName }, capture, wish);
  throw inputWrong(
    captured
      ? `the code of function ${functionName} is not at ${captured.codeDir} any more`
      : `the capture does not say where the code of function ${functionName} is`,
    "Name it: --function path/to/module.handler, or declare it in penstock.yaml of this folder.",
  );
}

/** Names the variables that the function had and will miss. */
function told(
  selected: SelectedFunction,
  { function: captured }: ReadCapture,
  { note }: FunctionWish,
): SelectedFunction {
  const missing = (captured?.environmentNames ?? []).filter(
    (name) => !Object.hasOwn(selected.declared.environment, name),
  );
  if (missing.length > 0) {
    note(
      `the capture has no values of the function's variables ${missing.join(", ")}: give them with --env NAME=VALUE`,
    );
  }
  return selected;
}
