/** An action of an execution as a pipeline of its own: the same function, parameters and artifacts, and nothing before it. */
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline as pump } from "node:stream/promises";
import { plainName } from "../capture/replay-function.ts";
import type { Project } from "../project/project.ts";
import { singleActionProject } from "../project/single-action.ts";
import type { Server, StoryEntry } from "../server-port.ts";

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
    of: ({ pipeline: { name } }: Project, functionName: string): readonly CalledAction[] =>
      [...called.values()].filter((one) => one.pipeline === name && one.functionName === functionName),
  };
}

/**
 * The project that runs an action again. Its input artifacts are put into `folder`, which must outlast it. Undefined when
 * they are not there any more.
 */
export async function againProject(
  project: Project,
  { jobId, functionName }: CalledAction,
  { server, folder }: { readonly server: Server; readonly folder: string },
): Promise<Project | undefined> {
  const declared = project.functions[functionName];
  const capture = await server.capture(jobId);
  if (!capture || !declared) return undefined;
  const { data } = capture.event["CodePipeline.job"];
  const { UserParameters } = data.actionConfiguration.configuration;
  const inputs = await fetchInputs(server, capture.artifacts, join(folder, jobId));
  return {
    ...singleActionProject({
      functionName,
      declared,
      inputs,
      outputs: data.outputArtifacts.map(({ name }) => name),
      ...(UserParameters === undefined ? {} : { userParameters: UserParameters }),
      ...(data.encryptionKey ? { encryptionKey: data.encryptionKey.id } : {}),
      surroundings: {
        roles: project.roles,
        buckets: project.buckets,
        keys: project.keys ?? {},
        account: project.account,
        region: project.region,
      },
    }),
    origin: project.origin,
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
