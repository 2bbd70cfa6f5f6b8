import { command, runCommand } from "../command-line.ts";
import { jobEventOf, maskSecrets } from "../execution/job-event.ts";
import { EXIT } from "../failure.ts";
import { FUNCTION_OPTIONS, singleActionOf } from "../function-options.ts";
import { checkSupplies } from "../project/deploy.ts";
import { singleActionProject } from "../project/single-action.ts";

const declared = command({
  name: "event",
  about: "Prints the exact job event that a function would receive, without running the function.",
  argument: { name: "<function>", about: "Path to a handler, or the name of a function in ./penstock.yaml" },
  options: {
    ...FUNCTION_OPTIONS,
    "show-secrets": { about: "Print the artifact credentials too; they are valid for 15 minutes" },
  },
  examples: [
    {
      about: "The event of a function without artifacts",
      command: "penstock event examples/invoke-lambda/lambda_function.lambda_handler",
    },
    {
      about: "For a unit test",
      command: "penstock event src/transform.handler --input Source=./data --output Build > test/event.json",
    },
  ],
  more: ["Secrets are shown as **** unless --show-secrets is given."],
});

/** `penstock event`. */
export function eventPrint(args: readonly string[]): Promise<number> {
  return runCommand(declared, args, async ({ argument, options }) => {
    const project = singleActionProject(await singleActionOf(argument, options));
    checkSupplies(project);
    const { account, region } = project;
    const event = await jobEventOf(project, { dataDir: options.data, port: 0, account, region, timing: "fast" });
    process.stdout.write(`${JSON.stringify(options["show-secrets"] ? event : maskSecrets(event), null, 2)}\n`);
    return EXIT.fine;
  });
}
