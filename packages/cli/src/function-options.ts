/** The options by which `invoke` and `event` choose a function and its job. */
import { resolve } from "node:path";
import type { GivenOptions, OptionDeclaration } from "./command-line.ts";
import { inputWrong } from "./failure.ts";
import { readPairs, readPaths, readTimeout } from "./option-values.ts";
import type { PolicyText } from "./project/project.ts";
import { selectFunction } from "./project/select-function.ts";
import type { SingleAction } from "./project/single-action.ts";

export const FUNCTION_OPTIONS = {
  "user-parameters": { value: "TEXT", about: "UserParameters of the action" },
  input: { value: "NAME=PATH", repeated: true, about: "Input artifact from a folder or zip" },
  output: { value: "NAME", repeated: true, about: "Output artifact" },
  runtime: { value: "RUNTIME", about: "Lambda runtime, such as python3.12 (default: by the file)" },
  "role-policy": { value: "FILE", about: "Policy of the function's role (JSON or YAML)" },
  timeout: { value: "SECONDS", about: "Timeout of the function, 1 to 900 (default 60)" },
  env: { value: "NAME=VALUE", repeated: true, about: "Environment variable of the function" },
  data: { value: "DIR", about: "Keep the data there; else it is thrown away" },
} as const satisfies Readonly<Record<string, OptionDeclaration>>;

/** Throws a `Failure` (exit status 2) for options that cannot be right. */
export async function singleActionOf(
  target: string,
  options: GivenOptions<typeof FUNCTION_OPTIONS>,
): Promise<SingleAction> {
  const userParameters = options["user-parameters"];
  const inputs = readPaths("input", options.input);
  const repeated = options.output.find(
    (name, index) => options.output.indexOf(name) !== index || Object.hasOwn(inputs, name),
  );
  if (repeated)
    throw inputWrong(`artifact ${repeated} is named twice`, "Artifacts of one pipeline have names of their own.");
  const selected = await selectFunction({
    target,
    runtime: options.runtime,
    timeoutSeconds: readTimeout(options.timeout),
    environment: readPairs("env", options.env),
  });
  const policy = options["role-policy"] === undefined ? undefined : await readPolicy(options["role-policy"]);
  return {
    ...selected,
    inputs,
    outputs: options.output,
    ...(userParameters === undefined ? {} : { userParameters }),
    ...(policy ? { policy } : {}),
  };
}

/** Reads a policy document of `--role-policy`. Throws a `Failure` (exit status 2) for what is none. */
export async function readPolicy(file: string): Promise<PolicyText> {
  const { readSource } = await import("./project/source-text.ts");
  const { value } = await readSource(resolve(file), file);
  if (typeof value === "object" && value !== null && "Statement" in value) return { ...value };
  throw inputWrong(`${file} is not a policy document`, 'It is a map with "Version" and "Statement", as IAM has it.');
}
