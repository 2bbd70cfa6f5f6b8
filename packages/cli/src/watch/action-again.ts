/** An action of an execution as a pipeline of its own: the same function, parameters and artifacts, and nothing before it. */
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline as pump } from "node:stream/promises";
import { plainName } from "../capture/replay-function.ts";
import { deployProject } from "../project/deploy.ts";
import type { Action, Project } from "../project/project.ts";
import { singleActionProject } from "../project/single-action.ts";
import type { Server, ServerPackage, StoryEntry } from "../server-port.ts";

/** An action that a function was called for. */
export interface CalledAction {
  readonly pipeline: string;
  readonly stage: string;
  readonly action: string;
  readonly functionName: string;
  /** The first of its jobs: those after it were continuations. */
  readonly jobId: string;
}

/** Notes which actions called which function, the latest of each. */
export function calledActions() {
  const configured = new Map<string, string>();
  const called = new Map<string, CalledAction>();
  return {
    take(entry: StoryEntry): void {
      const { pipeline, stage = "", action = "", jobId = "" } = entry;
      const place = `${pipeline}/${stage}/${action}`;
      if (entry.type === "actionStarted") configured.set(place, entry.configuration["FunctionName"] ?? "");
      if (entry.type === "jobCreated" && entry.number === 1) {
        called.set(place, { pipeline, stage, action, jobId, functionName: plainName(configured.get(place) ?? "") });
      }
    },
    of: ({ pipeline: { name } }: Project): readonly CalledAction[] =>
      [...called.values()].filter((one) => one.pipeline === name),
  };
}

/** Where actions are made ready to be run again. */
export interface Workshop {
  readonly server: Server;
  readonly archive: ServerPackage;
  /** Takes the artifacts; it must outlast the runs. */
  readonly folder: string;
}

/**
 * Makes everything that the action needs but its function, which is there, and answers the project to run. Errors: a
 * `Failure` when an input is no zip; `ServiceError` when it is not there any more.
 */
export async function makeReady(project: Project, called: CalledAction, workshop: Workshop): Promise<Project> {
  const { server, archive, folder } = workshop;
  const capture = await server.capture(called.jobId);
  const declared = project.functions[called.functionName];
  if (!capture || !declared) throw new Error(`Nothing is known of job ${called.jobId}.`);
  const { data } = capture.event["CodePipeline.job"];
  const { UserParameters } = data.actionConfiguration.configuration;
  const { roles, buckets, keys = {}, account, region } = project;
  const single = singleActionProject({
    functionName: called.functionName,
    declared,
    inputs: await fetchInputs(server, capture.artifacts, join(folder, called.jobId)),
    outputs: data.outputArtifacts.map(({ name }) => name),
    ...(UserParameters === undefined ? {} : { userParameters: UserParameters }),
    ...(data.encryptionKey ? { encryptionKey: data.encryptionKey.id } : {}),
    surroundings: { roles, buckets, keys, account, region },
  });
  const own = { ...ofItsOwn(single, called), origin: project.origin };
  await deployProject(server, archive, { ...own, functions: {} }, () => {});
  return own;
}

/** Two actions may have one function, different artifacts of one name, and a pipeline's role each. */
function ofItsOwn(project: Project, { stage, action, jobId }: CalledAction): Project {
  const { pipeline, roles } = project;
  const role = pipeline.roleArn.slice(pipeline.roleArn.lastIndexOf("/") + 1);
  const ownRole = `again-${jobId}`;
  const moved = ({ configuration = {}, ...rest }: Action): Action => {
    const { S3ObjectKey: key } = configuration;
    return {
      ...rest,
      configuration: key ? { ...configuration, S3ObjectKey: `${stage}/${action}/${key}` } : configuration,
    };
  };
  const stages = pipeline.stages.map((each) => ({ ...each, actions: each.actions.map(moved) }));
  const name = `again-${stage}-${action}`.slice(0, 100);
  const roleArn = `arn:aws:iam::${project.account}:role/${ownRole}`;
  return {
    ...project,
    roles: Object.fromEntries(Object.entries(roles).map(([key, value]) => [key === role ? ownRole : key, value])),
    pipeline: { ...pipeline, name, roleArn, stages },
  };
}

type Artifacts = NonNullable<Awaited<ReturnType<Server["capture"]>>>["artifacts"];

async function fetchInputs(server: Server, artifacts: Artifacts, prefix: string): Promise<Record<string, string>> {
  const inputs: Record<string, string> = {};
  for (const { direction, name, bucket, key, versionId } of artifacts) {
    if (direction !== "input") continue;
    const { body } = await server.objects.get({ bucket, key, ...(versionId === null ? {} : { versionId }) });
    const file = `${prefix}-${name}.zip`;
    await pump(body, createWriteStream(file));
    inputs[name] = file;
  }
  return inputs;
}
