import { command, runCommand } from "../command-line.ts";
import { runSingleAction } from "../execution/run-single-action.ts";
import { FUNCTION_OPTIONS, singleActionOf } from "../function-options.ts";
import { checkSupplies } from "../project/deploy.ts";
import { singleActionProject } from "../project/single-action.ts";
import { RUN_OPTIONS, sessionOptionsOf } from "../run-options.ts";

const declared = command({
  name: "invoke",
  about: "Runs one function as one action of a pipeline, and tells the story of its job.",
  argument: { name: "<function>", about: "Path to a handler, or the name of a function in ./penstock.yaml" },
  options: {
    ...FUNCTION_OPTIONS,
    timing: RUN_OPTIONS.timing,
    port: RUN_OPTIONS.port,
    save: { value: "DIR", about: "Unpack the output artifacts there, each in a folder of its name" },
    strict: RUN_OPTIONS.strict,
    json: RUN_OPTIONS.json,
  },
  examples: [
    {
      about: "A function in a Python file",
      command: "penstock invoke examples/invoke-lambda/lambda_function.lambda_handler",
    },
    {
      about: "With an artifact in, an artifact out, and user parameters",
      command:
        'penstock invoke src/transform.handler --input Source=./data --output Build --save out --user-parameters \'{"mode":"fast"}\'',
    },
    {
      about: "With the policy that its role has in AWS",
      command: "penstock invoke src/transform.handler --role-policy policy.json",
    },
    { about: "A function that penstock.yaml declares", command: "penstock invoke Transform" },
  ],
  more: [
    "Without --role-policy, the function's role may report job results and nothing else.",
    "Exit status: 0 Succeeded, 1 not Succeeded, 2 something given is wrong, 3 Penstock or its surroundings failed, 130 Ctrl-C.",
  ],
});

/** `penstock invoke`. */
export function functionInvoke(args: readonly string[]): Promise<number> {
  return runCommand(declared, args, async ({ argument, options }) => {
    const project = singleActionProject(await singleActionOf(argument, options));
    checkSupplies(project);
    return runSingleAction({
      project,
      showsInterpreter: options.runtime !== undefined,
      server: sessionOptionsOf(project, options),
      save: options.save,
      json: options.json,
    });
  });
}
