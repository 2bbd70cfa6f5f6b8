import { join, resolve } from "node:path";
import { command, runCommand } from "../command-line.ts";
import { accountsOf, rootKeys } from "../environment.ts";
import { watchInterrupts } from "../execution/interrupts.ts";
import { startServer } from "../execution/session.ts";
import { throwAwayFolder } from "../execution/throw-away-folder.ts";
import { EXIT, inputWrong } from "../failure.ts";
import { readPaths, readPort, readThrottling, readTiming, readUnreported } from "../option-values.ts";
import type { Project } from "../project/project.ts";
import { RUN_OPTIONS } from "../run-options.ts";
import { type LogLevel, loadServer, type Server, type ServerPackage, type StoryEntry } from "../server-port.ts";

const PORT_DEFAULT = 4566;
const HOST_DEFAULT = "127.0.0.1";
const DATA_DEFAULT = "./.penstock";

const declared = command({
  name: "serve",
  about: "Serves CodePipeline, and what its functions need, on one port until it is stopped.",
  options: {
    port: {
      value: "PORT",
      about: `Port to listen on (default ${PORT_DEFAULT}; 0 for any free one)`,
      environment: "PENSTOCK_PORT",
    },
    host: { value: "ADDRESS", about: `Address to listen on (default ${HOST_DEFAULT})`, environment: "PENSTOCK_HOST" },
    data: { value: "DIR", about: `Where everything is kept (default ${DATA_DEFAULT})`, environment: "PENSTOCK_DATA" },
    timing: RUN_OPTIONS.timing,
    throttling: { value: "off|aws", about: "Refuse requests that come too fast, as the service does (default off)" },
    project: { value: "PATH", about: "Pipeline file or folder to deploy before serving, as run takes it" },
    input: { value: "NAME=PATH", repeated: true, about: "Folder or zip for a source artifact of the project" },
    unreported: {
      value: "wait|fail",
      about: "Give a job whose function ended without a report 20 minutes (default), or fail it",
    },
    "throw-away": { about: "Keep the data in a folder of its own, which goes when the server ends" },
    "until-stdin-ends": { about: "Stop when standard input ends: with the program that started the server" },
  },
  examples: [
    { about: "On port 4566, data in ./.penstock", command: "penstock serve" },
    { about: "With the pipeline of this folder and its functions", command: "penstock serve --project ." },
    {
      about: "Any client, unmodified",
      command:
        "AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1 \\\n    aws --endpoint-url http://127.0.0.1:4566 codepipeline list-pipelines",
    },
  ],
  more: [
    "GET /_penstock/ready answers 200 once requests are served. SIGTERM and Ctrl-C stop it when what is under way is safe.",
    "On another address than loopback, set PENSTOCK_ROOT_ACCESS_KEY_ID and PENSTOCK_ROOT_SECRET_ACCESS_KEY first.",
    "On loopback every account's number is its access key, with the secret test; PENSTOCK_ACCOUNTS gives accounts keys of their own.",
  ],
});

/** `penstock serve`. */
export function serverServe(args: readonly string[]): Promise<number> {
  return runCommand(declared, args, async ({ options }) => {
    if (options.input.length > 0 && options.project === undefined) {
      throw inputWrong("--input is for the sources of a project", "Name it as well: --project PATH.");
    }
    const project = options.project === undefined ? undefined : await readChecked(options.project, options.input);
    const unreported = readUnreported(options.unreported);
    const folder = options["throw-away"] ? throwAwayFolder() : undefined;
    // The server keeps its master key beside the data folder, so that goes one level below.
    const dataDir = folder ? join(folder.path, "data") : resolve(options.data ?? DATA_DEFAULT);
    const keys = rootKeys(process.env);
    const archive = await loadServer();
    const server = await startServer(archive, {
      dataDir,
      isThrowAway: folder !== undefined,
      ...(unreported ? { unreported } : {}),
      host: options.host ?? HOST_DEFAULT,
      port: readPort(options.port, PORT_DEFAULT),
      timing: readTiming(options.timing, project?.timing),
      throttling: readThrottling(options.throttling, project?.throttling),
      // A server that stays has many cold starts before it; a run of one execution would not see the second.
      preloadedFork: "python",
      log,
      ...(keys ? { rootKeys: keys } : {}),
      accounts: accountsOf(project?.accounts, process.env),
      ...(project ? { account: project.account, region: project.region } : {}),
      ...(project?.otherServices ? { otherServices: project.otherServices } : {}),
    });
    try {
      return await serveUntilStopped(server, archive, { dataDir, project, withStdin: options["until-stdin-ends"] });
    } finally {
      await server.stop();
      folder?.remove();
    }
  });
}

interface Serving {
  readonly dataDir: string;
  readonly project: Project | undefined;
  readonly withStdin: boolean;
}

async function serveUntilStopped(
  server: Server,
  archive: ServerPackage,
  { dataDir, project, withStdin }: Serving,
): Promise<number> {
  const interrupts = watchInterrupts();
  const starterIsGone = withStdin ? stdinEnds() : new Promise<never>(() => {});
  if (project) await deploy(server, archive, project);
  server.watch(tellOutcome);
  process.stdout.write(`Penstock is ready on ${server.url} (data in ${dataDir})\n`);
  await Promise.race([interrupts.first, starterIsGone]);
  process.stdout.write("Stopping. Ctrl-C again leaves at once.\n");
  return EXIT.fine;
}

/** The system closes the pipe of a program that ends, however it ends. */
function stdinEnds(): Promise<void> {
  return new Promise((resolve) => {
    process.stdin.once("end", resolve).once("error", resolve).resume();
  });
}

/** What an owner of a server wants to see go by; the whole story is the inspector's. */
function tellOutcome(entry: StoryEntry): void {
  const where = `${entry.pipeline} ${entry.executionId}`;
  if (entry.type === "executionStarted") log("info", `${where} started`);
  if (entry.type === "executionFinished") log(entry.status === "Failed" ? "warn" : "info", `${where} ${entry.status}`);
  if (entry.type === "actionFinished" && entry.error) {
    log("warn", `${where} ${entry.stage}/${entry.action} ${entry.status}: ${entry.error.code}: ${entry.error.message}`);
  }
  if (entry.type === "attemptEnded" && entry.error) {
    const { errorType, errorMessage } = entry.error;
    log(
      "warn",
      `${where} ${entry.stage}/${entry.action}: the function ${entry.outcome}: ${errorType}: ${errorMessage}`,
    );
  }
}

async function readChecked(path: string, inputs: readonly string[]): Promise<Project> {
  const [{ readProject }, { checkProject }] = await Promise.all([
    import("../project/read-project.ts"),
    import("../project/check-project.ts"),
  ]);
  const found = await readProject(path);
  const project = { ...found, inputs: { ...found.inputs, ...readPaths("input", inputs) } };
  checkProject(project);
  return project;
}

async function deploy(server: Server, archive: ServerPackage, project: Project): Promise<void> {
  const { deployProject } = await import("../project/deploy.ts");
  for (const note of project.notes) log("warn", note);
  await deployProject(server, archive, project, (note) => log("info", note));
  log("info", `pipeline ${project.pipeline.name} is deployed from ${project.origin}`);
}

function log(level: LogLevel, message: string): void {
  process.stderr.write(`${new Date().toISOString()} ${level} ${message}\n`);
}
