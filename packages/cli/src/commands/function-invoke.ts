import { command, runCommand } from "../command-line.ts";
import { runProject } from "../execution/run-project.ts";
import { FUNCTION_OPTIONS, singleActionOf } from "../function-options.ts";
import { readPort, readTiming, unreportedOf } from "../option-values.ts";
import { checkSupplies } from "../project/deploy.ts";
import { INVOKE_STAGE, singleActionProject } from "../project/single-action.ts";
import { chooseScreen } from "../screen/choose-screen.ts";

const declared = command({
  name: "invoke",
  about: "Runs one function as one action of a pipeline, and tells the story of its job.",
  argument: { name: "<function>", about: "Path to a handler, or the name of a function in ./penstock.yaml" },
  options: {
    ...FUNCTION_OPTIONS,
    timing: {
      value: "fast|aws",
      about: "Act at once, or in the service's rhythm (default fast)",
      environment: "PENSTOCK_TIMING",
    },
    port: { value: "PORT", about: "Port of the server (default: any free one)" },
    save: { value: "DIR", about: "Unpack the output artifacts there, each in a folder of its name" },
    strict: { about: "Fail an action that reports success without having written a declared output" },
    json: { about: "Print one JSON document at the end, and nothing else" },
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
    const { save } = options;
    const timing = readTiming(options.timing, undefined);
    return runProject({
      project,
      variables: {},
      showsInterpreter: options.runtime !== undefined,
      only: { stage: INVOKE_STAGE },
      screen: await chooseScreen({ json: options.json, only: { stage: INVOKE_STAGE } }),
      server: {
        dataDir: options.data,
        port: readPort(options.port, 0),
        account: project.account,
        region: project.region,
        ...(project.otherServices ? { otherServices: project.otherServices } : {}),
        timing,
        unreported: unreportedOf(timing),
        strictOutputs: options.strict,
      },
      ...(save === undefined
        ? {}
        : {
            afterwards: async (session, view, note) => {
              const { saveArtifacts } = await import("../execution/save-artifacts.ts");
              await saveArtifacts(session, view, { stage: INVOKE_STAGE, folder: save, note });
            },
          }),
    });
  });
}
