/**
 * One execution from beginning to end: a server starts, the project is deployed, its pipeline runs and is
 * shown, and everything is put away. Ctrl-C stops the execution first; a second one leaves at once.
 */
import { EXIT, isServiceError } from "../failure.ts";
import { deployProject } from "../project/deploy.ts";
import type { Project } from "../project/project.ts";
import type { Screen } from "../screen/screen.ts";
import type { SummaryOptions } from "../screen/summary.ts";
import { type RunView, reduceView } from "../screen/view.ts";
import type { ArtifactPlace, Server, StoryEntry } from "../server-port.ts";
import { type Interrupts, watchInterrupts } from "./interrupts.ts";
import { type Session, type SessionOptions, withServer } from "./session.ts";
import { startExecution } from "./start-execution.ts";
import { artifactKey, createViewer, type Viewer } from "./viewer.ts";

export interface RunProject {
  readonly project: Project;
  readonly server: SessionOptions;
  /** Values of pipeline variables. */
  readonly variables: Readonly<Record<string, string>>;
  readonly screen: Screen;
  /** Whether it is told which interpreter runs a runtime that somebody named. */
  readonly showsInterpreter: boolean;
  readonly only?: { readonly stage: string };
  /** Brings onto the server what is not there yet; all of the project unless given. */
  readonly deploy?: (session: Session) => Promise<void>;
  /** Work with the finished execution while the server is still there. */
  readonly afterwards?: (session: Session, view: RunView, note: (message: string) => void) => Promise<void>;
}

/** How long a stopped execution may take to say so before the server is stopped all the same. Unit: milliseconds. */
const STOP_MS_MAX = 5_000;

/** Answers the exit status: 0 when it succeeded, 1 when not, 130 after Ctrl-C. */
export async function runProject(run: RunProject): Promise<number> {
  const interrupts = watchInterrupts();
  const viewer = createViewer(run.project.pipeline, run.screen);
  const log: SessionOptions["log"] = (level, message) => {
    if (level !== "info" || run.showsInterpreter) viewer.note(message);
  };
  try {
    return await withServer({ ...run.server, log }, (session) => runOn(session, run, viewer, interrupts));
  } finally {
    run.screen.close();
    interrupts.stop();
  }
}

/** Runs and shows it on a server that is there. Answers the exit status, as `runProject`. */
export async function runOn(
  session: Session,
  run: Omit<RunProject, "server">,
  viewer: Viewer,
  interrupts: Interrupts,
): Promise<number> {
  const { server } = session;
  const unwatch = [
    server.watch(viewer.take),
    server.watch((entry) => {
      if (entry.type === "approvalNeeded") viewer.note(approvalText(entry, server.url));
    }),
  ];
  try {
    return await runWatched(session, run, viewer, interrupts);
  } finally {
    for (const stop of unwatch) stop();
  }
}

async function runWatched(
  session: Session,
  run: Omit<RunProject, "server">,
  viewer: Viewer,
  interrupts: Interrupts,
): Promise<number> {
  const { server } = session;
  for (const note of run.project.notes) viewer.note(note);
  const beginning = begin(session, run, viewer.note);
  const executionId = await Promise.race([beginning, interrupts.first.then(() => undefined)]);
  if (executionId === undefined) {
    beginning.catch(() => {}); // the server is about to be stopped under it
    viewer.note("Interrupted before the pipeline started.");
    return finish(session, run, viewer, interrupts);
  }
  viewer.follow(executionId);
  const settled = server.settled(executionId);
  await Promise.race([settled, interrupts.first]);
  settled.catch(() => {}); // after an interrupt nobody waits for it
  if (interrupts.came()) await stopExecution(session, run.project, { executionId, viewer, interrupts });
  else await run.afterwards?.(session, viewer.view(), viewer.note);
  return finish(session, run, viewer, interrupts);
}

/** The command is whole, so that it can be pasted into another terminal. */
function approvalText(
  { stage, action, token }: Extract<StoryEntry, { readonly type: "approvalNeeded" }>,
  url: string,
): string {
  const command = `penstock approve ${token} --url ${url}`;
  return `${stage}/${action} waits for an approval. In another terminal: ${command} (or add --reject)`;
}

/** Answers the id of the execution. */
async function begin(
  session: Session,
  { project, variables, deploy }: Pick<RunProject, "project" | "variables" | "deploy">,
  note: (message: string) => void,
): Promise<string> {
  const { server, archive } = session;
  await (deploy ? deploy(session) : deployProject(server, archive, project, note));
  return startExecution(server, project.pipeline.name, variables);
}

async function abandon(server: Server, pipelineName: string, pipelineExecutionId: string): Promise<void> {
  const input = { pipelineName, pipelineExecutionId, abandon: true, reason: "penstock: stopped by Ctrl-C" };
  await server.call("codepipeline", "StopPipelineExecution", input);
}

interface Stopping {
  readonly executionId: string;
  readonly viewer: Viewer;
  readonly interrupts: Interrupts;
}

async function stopExecution(
  { server, isThrowAway }: Session,
  project: Project,
  { executionId, viewer, interrupts }: Stopping,
): Promise<void> {
  viewer.note(interrupts.words);
  try {
    await abandon(server, project.pipeline.name, executionId);
    const timer = Promise.withResolvers<void>();
    const timeout = setTimeout(timer.resolve, STOP_MS_MAX);
    await Promise.race([viewer.finished, timer.promise]);
    clearTimeout(timeout);
  } catch (error) {
    if (!isServiceError(error)) throw error;
    if (viewer.view().finishedAt === undefined && !isThrowAway) {
      viewer.note("The execution could not be stopped; it goes on when a server starts with this data directory.");
    }
  }
}

async function finish(
  session: Session,
  run: Omit<RunProject, "server">,
  viewer: Viewer,
  interrupts: Interrupts,
): Promise<number> {
  const isStopped = interrupts.came() && viewer.view().finishedAt === undefined;
  const view = isStopped ? stoppedView(viewer.view()) : viewer.view();
  const sizes = await artifactSizes(session.server, view);
  const diagnoses = await whyOf(session.server, view);
  const summary: SummaryOptions = {
    sizeOf: (artifact) => sizes.get(artifactKey(artifact)),
    diagnoses,
    ...(run.only ? { only: run.only } : {}),
    ...(session.isThrowAway
      ? { artifactsNote: "They go with the throw-away data directory; --data DIR keeps them." }
      : {}),
  };
  viewer.close();
  run.screen.finish(view, summary);
  if (interrupts.came()) return EXIT.interrupted;
  return view.status === "Succeeded" ? EXIT.fine : EXIT.pipelineFailed;
}

/** Of an execution in which all went well there is nothing to ask. */
async function whyOf(server: Server, { executionId, status, stages }: RunView) {
  const actions = stages.flatMap((stage) => stage.actions);
  const isAllWell =
    status === "Succeeded" &&
    actions.every(({ refused, notes, attempts }) => {
      return refused.length + notes.length === 0 && attempts.every(({ outcome }) => outcome === "returned");
    });
  return executionId === undefined || isAllWell ? [] : await server.why(executionId);
}

/** The server goes, and the execution with it; nobody is left to say that it is over. */
function stoppedView(view: RunView): RunView {
  const executionId = view.executionId ?? "";
  return reduceView(view, {
    type: "executionFinished",
    status: "Stopped",
    at: Date.now(),
    pipeline: view.pipeline,
    executionId,
  });
}

async function artifactSizes(server: Server, view: RunView): Promise<ReadonlyMap<string, number>> {
  const artifacts = view.stages.flatMap(({ actions }) => actions.flatMap((action) => action.artifacts));
  const sized = await Promise.all(
    artifacts.map(async (artifact) => [artifactKey(artifact), await sizeOf(server, artifact)] as const),
  );
  return new Map(sized.flatMap(([key, sizeBytes]) => (sizeBytes === undefined ? [] : [[key, sizeBytes] as const])));
}

async function sizeOf(server: Server, { bucket, key }: ArtifactPlace): Promise<number | undefined> {
  try {
    return (await server.objects.head({ bucket, key })).sizeBytes;
  } catch (error) {
    if (isServiceError(error)) return undefined;
    throw error;
  }
}
