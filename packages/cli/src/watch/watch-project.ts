/**
 * `penstock run --watch`: one server stays, and what is saved is run again on it.
 *
 * A function that was saved runs again as its actions alone, with the parameters and artifacts that they had, because
 * that answers at once. Another input, the pipeline or `penstock.yaml` runs the whole pipeline again, and so does Enter.
 * What is saved during a run ends it.
 */
import { createInterface } from "node:readline";
import { type Interrupts, watchInterrupts } from "../execution/interrupts.ts";
import { runOn } from "../execution/run-project.ts";
import { type Session, type SessionOptions, withServer } from "../execution/session.ts";
import { type ThrowAwayFolder, throwAwayFolder } from "../execution/throw-away-folder.ts";
import { createViewer } from "../execution/viewer.ts";
import { EXIT, type Failure, toFailure } from "../failure.ts";
import { checkSupplies } from "../project/deploy.ts";
import { deployFolders, deployZips } from "../project/deploy-functions.ts";
import type { Project } from "../project/project.ts";
import { shown } from "../project/shown.ts";
import { INVOKE_STAGE } from "../project/single-action.ts";
import { chooseScreen } from "../screen/choose-screen.ts";
import { duration } from "../screen/format.ts";
import type { Server } from "../server-port.ts";
import { calledActions, makeReady } from "./action-again.ts";
import { createSpares, type Spares } from "./spares.ts";
import { type WatchedFiles, watchFiles } from "./watched-files.ts";
import { type FileProject, watchedPaths, whatChanged } from "./what-changed.ts";

export interface WatchProject {
  /** Reads the project's files. Throws a `Failure`. */
  read(): Promise<Project>;
  readonly variables: Readonly<Record<string, string>>;
  serverFor(project: Project): SessionOptions;
}

/** Runs until Ctrl-C; answers the exit status then. Throws what is wrong at the beginning; later it is shown. */
export async function watchProject(options: WatchProject): Promise<number> {
  const interrupts = watchInterrupts();
  const keys = enterKeys();
  const folder = throwAwayFolder();
  const spares = createSpares();
  try {
    let project = filesOf(await options.read());
    for (;;) {
      const server = options.serverFor(project);
      const notes: { take: (message: string) => void } = { take: () => {} };
      const log: SessionOptions["log"] = (level, message) => level !== "info" && notes.take(message);
      const next = await withServer({ ...server, preloadedFork: "python", ahead: spares.ahead, log }, (session) =>
        new Watch({ session, options, server, interrupts, keys, folder, spares, notes }).run(project),
      );
      if (next === undefined) return EXIT.fine;
      project = next;
    }
  } finally {
    keys.close();
    interrupts.stop();
    folder.remove();
  }
}

interface Parts {
  readonly session: Session;
  readonly options: WatchProject;
  readonly server: SessionOptions;
  readonly interrupts: Interrupts;
  readonly keys: EnterKeys;
  readonly folder: ThrowAwayFolder;
  readonly spares: Spares;
  /** Where what the server says is shown, while something is. */
  readonly notes: { take: (message: string) => void };
}

/** The life of one server. It ends with Ctrl-C, or with a project that needs another server. */
class Watch {
  readonly #parts: Parts;
  readonly #called = calledActions();
  /** By the job that is run again. */
  readonly #ready = new Map<string, Project>();

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.session.server.watch(this.#called.take);
  }

  /** Answers the project that the next server is for; nothing after Ctrl-C. */
  async run(first: FileProject): Promise<FileProject | undefined> {
    const { interrupts, keys, server, options } = this.#parts;
    let project = first;
    let files = await this.#watchFiles(project);
    try {
      await this.#attempt(() => this.#runAll(project, files));
      for (;;) {
        say("Watching. Save a file to run it again, Enter runs the whole pipeline, Ctrl-C ends.");
        await Promise.race([files.saved(), keys.pressed(), interrupts.first]);
        if (interrupts.came()) return undefined;
        if (keys.take()) {
          await this.#attempt(() => this.#runAll(project, files));
          continue;
        }
        const { paths, at } = files.take();
        const change = whatChanged(paths, project);
        if (!change) continue;
        const saved = `${paths.map(shown).join(", ")} ${paths.length > 1 ? "were" : "was"} saved`;
        if (change.type === "functions") {
          await this.#attempt(() => this.#runFunctions(change.names, { project, files, saved, at }));
          continue;
        }
        say(`${saved}: the whole pipeline again.`);
        const read = await this.#attempt(async () => filesOf(await options.read()));
        if (!read) continue;
        if (JSON.stringify(options.serverFor(read)) !== JSON.stringify(server)) return read;
        await files.close();
        project = read;
        files = await this.#watchFiles(project);
        await this.#attempt(() => this.#runAll(project, files));
      }
    } finally {
      await files.close();
    }
  }

  #watchFiles(project: FileProject): Promise<WatchedFiles> {
    return watchFiles(watchedPaths(project), this.#parts.server.dataDir);
  }

  /** What is wrong is said, and the next save awaited. */
  async #attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      tell(toFailure(error));
      return undefined;
    }
  }

  async #runAll(project: Project, files: WatchedFiles): Promise<void> {
    await this.#show({ project, variables: this.#parts.options.variables, showsInterpreter: true }, files);
    if (!files.hasSaved() && !this.#parts.interrupts.came()) await this.#prepare(project);
  }

  /** What the next save will need is made ready while nobody waits. */
  async #prepare(project: Project): Promise<void> {
    const { session, folder, spares } = this.#parts;
    for (const called of this.#called.of(project)) {
      const declared = project.functions[called.functionName];
      if (!declared) continue;
      spares.keep(called.functionName, declared);
      if (this.#ready.get(called.jobId)) continue;
      // What cannot be run alone runs with the whole pipeline.
      const ready = await makeReady(project, called, { ...session, folder: folder.path }).catch(() => undefined);
      if (ready) this.#ready.set(called.jobId, ready);
    }
  }

  async #runFunctions(names: readonly string[], { project, files, saved, at }: SavedFunctions): Promise<void> {
    const actions = this.#called.of(project).filter(({ functionName }) => names.includes(functionName));
    if (actions.length === 0 || actions.some(({ jobId }) => !this.#ready.has(jobId))) {
      say(`${saved}: the whole pipeline again.`);
      await this.#runAll(project, files);
      return;
    }
    say(`${saved}: ${actions.map(({ stage, action }) => `${stage}/${action}`).join(", ")} again.`);
    const changed = { ...project, functions: only(project.functions, names) };
    checkSupplies({ ...changed, inputs: {} });
    for (const [index, { stage, action, jobId }] of actions.entries()) {
      const ready = this.#ready.get(jobId);
      if (!ready || files.hasSaved() || this.#parts.interrupts.came()) return;
      const deploy = ({ server }: Session) => (index === 0 ? deployFunctions(server, changed) : Promise.resolve());
      const run = { project: ready, variables: {}, showsInterpreter: false, only: { stage: INVOKE_STAGE }, deploy };
      const words = (await this.#show(run, files)) === EXIT.fine ? "Succeeded" : "did not succeed";
      if (!files.hasSaved()) say(`${stage}/${action} ${words}, ${duration(performance.now() - at)} after the save.`);
    }
    for (const [name, declared] of Object.entries(changed.functions)) this.#parts.spares.keep(name, declared);
  }

  async #show(run: Omit<Parameters<typeof runOn>[1], "screen">, files: WatchedFiles): Promise<number> {
    const { session, interrupts, notes } = this.#parts;
    const screen = await chooseScreen({ json: false, ...(run.only && { only: run.only }) });
    const viewer = createViewer(run.project.pipeline, screen);
    notes.take = viewer.note;
    try {
      return await runOn(session, { ...run, screen }, viewer, endedBySaves(interrupts, files));
    } finally {
      viewer.close();
      screen.close();
      notes.take = () => {};
    }
  }
}

interface SavedFunctions {
  readonly project: Project;
  readonly files: WatchedFiles;
  /** What was saved, as a sentence's beginning. */
  readonly saved: string;
  /** When. Unit: milliseconds of `performance.now()`. */
  readonly at: number;
}

function only<T>(all: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}

/** Folders are taken as they are now, by new processes; zips are read anew. */
async function deployFunctions(server: Server, project: Project): Promise<void> {
  await Promise.all([deployFolders(server, project), deployZips(server, project)]);
}

/** A run ends with Ctrl-C, or when something is saved. */
function endedBySaves(interrupts: Interrupts, files: WatchedFiles): Interrupts {
  return {
    first: Promise.race([interrupts.first, files.saved().then(() => "SIGHUP" as const)]),
    came: () => interrupts.came() || files.hasSaved(),
    get words() {
      return interrupts.came() ? interrupts.words : "Something was saved, so this run is stopped.";
    },
    stop() {},
  };
}

interface EnterKeys {
  pressed(): Promise<void>;
  /** Whether Enter was pressed since it was last asked. */
  take(): boolean;
  close(): void;
}

/** Only a terminal has keys. */
function enterKeys(): EnterKeys {
  if (!process.stdin.isTTY) return { pressed: () => new Promise(() => {}), take: () => false, close() {} };
  const lines = createInterface({ input: process.stdin });
  let next = Promise.withResolvers<void>();
  let count = 0;
  lines.on("line", () => {
    count += 1;
    next.resolve();
  });
  return {
    pressed: () => next.promise,
    take() {
      const wasPressed = count > 0;
      count = 0;
      next = Promise.withResolvers<void>();
      return wasPressed;
    },
    close: () => lines.close(),
  };
}

function filesOf(project: Project): FileProject {
  return { ...project, files: project.files ?? [] };
}

function say(line: string): void {
  process.stdout.write(`\n${line}\n`);
}

function tell({ message, remedy }: Failure): void {
  process.stdout.write(`\npenstock: ${message}\n${remedy.replace(/^(?=.)/gm, "  ")}${remedy ? "\n" : ""}`);
}
