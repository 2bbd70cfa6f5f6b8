import { command, runCommand } from "../command-line.ts";
import { runProject } from "../execution/run-project.ts";
import { inputWrong } from "../failure.ts";
import { suggestion } from "../nearest.ts";
import { readPairs, readPaths } from "../option-values.ts";
import { certainTrouble } from "../preflight/check-values.ts";
import { checkProject } from "../project/check-project.ts";
import type { Project } from "../project/project.ts";
import { readProject } from "../project/read-project.ts";
import { RUN_OPTIONS, sessionOptionsOf } from "../run-options.ts";
import { chooseScreen } from "../screen/choose-screen.ts";

const declared = command({
  name: "run",
  about: "Runs a pipeline once, with everything it needs in this process, and shows it.",
  argument: {
    name: "<pipeline file or folder>",
    about: "Pipeline declaration (JSON or YAML), or the folder that has one",
  },
  options: {
    input: { value: "NAME=PATH", repeated: true, about: "Folder or zip for a source artifact" },
    variable: { value: "NAME=VALUE", repeated: true, about: "Value of a pipeline variable" },
    data: { value: "DIR", about: "Keep the data there; else it is thrown away" },
    watch: { about: "Stay, and run again what is saved: the actions of a function, or the whole pipeline" },
    ...RUN_OPTIONS,
  },
  examples: [
    { about: "The pipeline of a folder, with what its penstock.yaml declares", command: "penstock run examples/demo" },
    {
      about: "A pipeline as AWS has it",
      command: "aws codepipeline get-pipeline --name web > pipeline.json && penstock run pipeline.json",
    },
    {
      about: "With a source of one's own, and a variable",
      command: "penstock run . --input Source=./src --variable stage=test",
    },
    { about: "While writing a function", command: "penstock run --watch ." },
    { about: "For a script", command: "penstock run . --json | jq -r .status" },
  ],
  more: [
    "Functions, roles, buckets and inputs are declared in penstock.yaml beside the pipeline.",
    "Exit status: 0 Succeeded, 1 not Succeeded, 2 something given is wrong, 3 Penstock or its surroundings failed, 130 Ctrl-C.",
  ],
});

/** `penstock run`. */
export function pipelineRun(args: readonly string[]): Promise<number> {
  return runCommand(declared, args, async ({ argument, options }) => {
    const inputs = readPaths("input", options.input);
    const variables = readPairs("variable", options.variable);
    const read = () => readChecked(argument, inputs, variables);
    const serverFor = (project: Project) => sessionOptionsOf(project, options);
    if (options.watch) {
      if (options.json) throw inputWrong("--watch and --json do not go together", "Leave one out.");
      const { watchProject } = await import("../watch/watch-project.ts");
      return watchProject({ read, variables, serverFor });
    }
    const project = await read();
    const screen = await chooseScreen({ json: options.json });
    return runProject({ project, showsInterpreter: true, variables, screen, server: serverFor(project) });
  });
}

async function readChecked(
  path: string,
  inputs: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string>>,
): Promise<Project> {
  const found = await readProject(path);
  const project = { ...found, inputs: { ...found.inputs, ...inputs } };
  checkVariables(project, variables);
  checkProject(project);
  return { ...project, notes: [...project.notes, ...certainTrouble(project, variables)] };
}

/** The service passes over a variable that the pipeline does not declare, without a word. */
function checkVariables({ pipeline, origin }: Project, given: Readonly<Record<string, string>>): void {
  const names = (pipeline.variables ?? []).map(({ name }) => name);
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    throw inputWrong(
      `${origin} declares no variable ${name}`,
      names.length > 0 ? suggestion(name, names) : 'Declare it under "variables" of the pipeline (pipelineType V2).',
    );
  }
  const missing = (pipeline.variables ?? []).find(
    ({ name, defaultValue }) => defaultValue === undefined && !Object.hasOwn(given, name),
  );
  if (missing)
    throw inputWrong(
      `variable ${missing.name} of the pipeline has no value`,
      `Give one: --variable ${missing.name}=VALUE`,
    );
}
