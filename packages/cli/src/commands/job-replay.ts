import { readCapture } from "../capture/read-capture.ts";
import { replayedFunction } from "../capture/replay-function.ts";
import { inputsOf } from "../capture/replay-inputs.ts";
import { replayOf } from "../capture/replay-project.ts";
import { command, runCommand } from "../command-line.ts";
import { runSingleAction } from "../execution/run-single-action.ts";
import { throwAwayFolder } from "../execution/throw-away-folder.ts";
import { inputWrong } from "../failure.ts";
import { readPolicy } from "../function-options.ts";
import { readPairs, readPaths, readPort, readTimeout } from "../option-values.ts";
import { checkSupplies } from "../project/deploy.ts";
import { RUN_OPTIONS } from "../run-options.ts";
import { loadCapture } from "../server-port.ts";

const declared = command({
  name: "replay",
  about: "Runs a captured job again, as a real job with fresh credentials, and tells its story.",
  argument: { name: "<capture file>", about: "What penstock capture wrote" },
  options: {
    function: {
      value: "FUNCTION",
      about: "Path to a handler, or a name in ./penstock.yaml (default: the captured code folder)",
    },
    input: {
      value: "NAME=PATH",
      repeated: true,
      about: "Input artifact from a folder or zip, instead of the captured one",
    },
    data: { value: "DIR", about: "Data directory that has the artifacts, where they are not in the capture" },
    inspect: {
      value: "PORT",
      isValueOptional: true,
      about: "Wait for a debugger: Node's on port 9229, Python's debugpy on 5678",
    },
    "role-policy": { value: "FILE", about: "Policy of the function's role (JSON or YAML)" },
    timeout: { value: "SECONDS", about: "Timeout of the function, 1 to 900 (default: as captured)" },
    env: { value: "NAME=VALUE", repeated: true, about: "Environment variable of the function" },
    save: { value: "DIR", about: "Unpack the output artifacts there, each in a folder of its name" },
    json: RUN_OPTIONS.json,
  },
  examples: [
    { about: "With the code from where it was", command: "penstock replay job.json" },
    {
      about: "A job of AWS, with a function and an artifact of this machine",
      command: "penstock replay job.json --function src/transform.handler --input Source=./data",
    },
    { about: "Under the debugger", command: "penstock replay job.json --inspect" },
  ],
  more: [
    "The job has the captured user parameters, artifacts and continuation token; its id, its credentials and the keys of its artifacts are new. It runs on a server of its own, which is thrown away: nothing of --data is changed.",
    "With --inspect neither the function nor the job is timed.",
    "Exit status: 0 Succeeded, 1 not Succeeded, 2 something given is wrong, 3 Penstock or its surroundings failed, 130 Ctrl-C.",
  ],
});

/** `penstock replay`. */
export function jobReplay(args: readonly string[]): Promise<number> {
  return runCommand(declared, args, async ({ argument, options }) => {
    const { CAPTURE_VERSION } = await loadCapture();
    const capture = await readCapture(argument, CAPTURE_VERSION);
    const notes: string[] = [];
    const note = (message: string) => void notes.push(message);
    const policy = options["role-policy"] === undefined ? undefined : await readPolicy(options["role-policy"]);
    const selected = await replayedFunction(capture, {
      target: options.function,
      timeoutSeconds: readTimeout(options.timeout),
      environment: readPairs("env", options.env),
      policy,
      note,
    });
    const debugPort =
      options.inspect === undefined ? undefined : debuggerPort(options.inspect, selected.declared.runtime);
    const folder = throwAwayFolder();
    try {
      const given = readPaths("input", options.input);
      const inputs = await inputsOf(capture, { given, dataDir: options.data, folder: folder.path, note });
      const { project, replayed } = replayOf(capture, selected, inputs, policy, note);
      checkSupplies(project);
      if (debugPort !== undefined) note(howToAttach(debugPort, selected.declared.runtime));
      return await runSingleAction({
        project: { ...project, notes },
        showsInterpreter: options.inspect !== undefined,
        server: {
          port: 0,
          account: project.account,
          region: project.region,
          timing: "fast",
          unreported: "fail",
          ...(replayed ? { replayed } : {}),
          ...(debugPort === undefined ? {} : { debugPort }),
        },
        save: options.save,
        json: options.json,
      });
    } finally {
      folder.remove();
    }
  });
}

/** The debuggers' own defaults. */
const NODE_PORT = 9229;
const PYTHON_PORT = 5678;

function debuggerPort(given: string, runtime: string): number {
  if (runtime.startsWith("nodejs")) return readPort(given || undefined, NODE_PORT);
  if (runtime.startsWith("python")) return readPort(given || undefined, PYTHON_PORT);
  throw inputWrong(
    `--inspect is for functions of Node and Python, not for ${runtime}`,
    "Start its debugger in bootstrap.",
  );
}

function howToAttach(port: number, runtime: string): string {
  const inEditor = `In VS Code: {"type": "${runtime.startsWith("nodejs") ? "node" : "debugpy"}", "request": "attach", `;
  if (runtime.startsWith("nodejs")) {
    return `the function waits for a debugger on 127.0.0.1:${port}. ${inEditor}"port": ${port}}; in Chrome: chrome://inspect. It stops first in Penstock's runtime: set a breakpoint in the function, and continue.`;
  }
  return `the function waits for a debugger on 127.0.0.1:${port}. ${inEditor}"connect": {"host": "127.0.0.1", "port": ${port}}}.`;
}
