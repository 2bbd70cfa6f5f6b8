/**
 * From the command line to a command. This file and what it imports is loaded by every command, so it stays
 * small; a command's own code is loaded when it is the one.
 */
import { columns } from "./command-line.ts";
import { checkEnvironment } from "./environment.ts";
import { EXIT, type Failure, inputWrong, toFailure } from "./failure.ts";
import { suggestion } from "./nearest.ts";

type Command = (args: readonly string[]) => Promise<number>;

interface Entry {
  readonly about: string;
  readonly load: () => Promise<Command>;
  /** What is begun before the command's code is loaded. */
  readonly prepare?: (args: readonly string[]) => Promise<void>;
}

const COMMANDS: Readonly<Record<string, Entry>> = {
  init: {
    about: "Write a project to start from: a function, its test, a pipeline",
    load: async () => (await import("./commands/project-init.ts")).projectInit,
  },
  run: {
    about: "Run a pipeline once, with everything it needs, and show it",
    load: async () => (await import("./commands/pipeline-run.ts")).pipelineRun,
  },
  invoke: {
    about: "Run one function as one action, and tell the story of its job",
    load: async () => (await import("./commands/function-invoke.ts")).functionInvoke,
    prepare: async (args) => (await import("./execution/head-start.ts")).giveHeadStart(args),
  },
  event: {
    about: "Print the job event that a function would receive",
    load: async () => (await import("./commands/event-print.ts")).eventPrint,
  },
  check: {
    about: "Tell what would go wrong with a pipeline, without running it",
    load: async () => (await import("./commands/pipeline-check.ts")).pipelineCheck,
  },
  why: {
    about: "Say why an action stands where it stands: evidence and remedy",
    load: async () => (await import("./commands/job-why.ts")).jobWhy,
  },
  approve: {
    about: "Approve or reject what a manual approval waits for",
    load: async () => (await import("./commands/approval-put.ts")).approvalPut,
  },
  capture: {
    about: "Write down a job, without its credentials, to run it again",
    load: async () => (await import("./commands/job-capture.ts")).jobCapture,
  },
  replay: {
    about: "Run a captured job again, under a debugger if wanted",
    load: async () => (await import("./commands/job-replay.ts")).jobReplay,
  },
  package: {
    about: "Make the zip of a function that Lambda takes",
    load: async () => (await import("./commands/function-package.ts")).functionPackage,
  },
  policy: {
    about: "Print the policies that a function or a pipeline needs, and no more",
    load: async () => (await import("./commands/role-policy.ts")).rolePolicy,
  },
  clock: {
    about: "Set the clock of a server forward, so that what is due happens now",
    load: async () => (await import("./commands/clock-advance.ts")).clockAdvance,
  },
  serve: {
    about: "Serve CodePipeline on a port for any AWS client",
    load: async () => (await import("./commands/server-serve.ts")).serverServe,
  },
};

/** Runs what a command line says. Answers the exit status; whatever goes wrong is told on standard error. */
export async function dispatch(args: readonly string[]): Promise<number> {
  try {
    checkEnvironment(process.env);
    const [name = "", ...rest] = args[0] === "help" && args[1] ? [args[1], "--help"] : args;
    if (name === "--version" || name === "-V") return await printVersion();
    if (name === "" || name === "help" || name === "--help" || name === "-h") {
      (name === "" ? process.stderr : process.stdout).write(usage());
      return name === "" ? EXIT.inputWrong : EXIT.fine;
    }
    const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!entry) throw unknownCommand(name);
    await entry.prepare?.(rest);
    const run = await entry.load();
    return await run(rest);
  } catch (error) {
    return tell(toFailure(error), args);
  }
}

function usage(): string {
  return [
    "penstock <command> [options]",
    "",
    "A CodePipeline of your own: pipelines with Lambda actions, run here as in AWS.",
    "",
    ...columns(Object.entries(COMMANDS).map(([name, { about }]) => [name, about])),
    "",
    "  penstock <command> --help shows its options, with examples.",
    "  penstock --version",
    "",
  ].join("\n");
}

function unknownCommand(name: string): Failure {
  const what = name.startsWith("-") ? `there is no option ${name} before the command` : `there is no command ${name}`;
  return inputWrong(what, `${suggestion(name, Object.keys(COMMANDS))} See: penstock --help`);
}

async function printVersion(): Promise<number> {
  const { readFileSync } = await import("node:fs");
  // Written by us: a package.json has a version.
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  process.stdout.write(`penstock ${version}\n`);
  return EXIT.fine;
}

/** With `--json`, standard output gets one document in this case too. */
function tell(failure: Failure, args: readonly string[]): number {
  const { message, remedy, exitCode } = failure;
  if (args.includes("--json"))
    process.stdout.write(`${JSON.stringify({ error: { message, remedy, exitCode } }, null, 2)}\n`);
  process.stderr.write(`penstock: ${message}\n${remedy.replace(/^(?=.)/gm, "  ")}${remedy ? "\n" : ""}`);
  if (process.env["PENSTOCK_DEBUG"] === "1") console.error(failure.cause ?? failure);
  return exitCode;
}
