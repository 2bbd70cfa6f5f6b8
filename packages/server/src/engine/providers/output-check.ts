import type { KeyStore } from "../../keys/keys.ts";
import type { Objects, StoredObject } from "../../objects/objects.ts";
import { type ArtifactLocation, findActionExecution } from "../../store/action-execution.ts";
import { listJobsOfAction } from "../../store/job.ts";
import type { Reader } from "../../store/store.ts";
import type { EntryOf, OutputCause } from "../../story.ts";
import { ServiceError } from "../../wire/error.ts";
import type { Home } from "../../wire/operation.ts";
import type { Declarations } from "../declarations.ts";
import { readAction, storyPlace } from "../jobs.ts";
import type { StoryTeller } from "../story-teller.ts";
import { Outstanding } from "./outstanding.ts";
import { type ActionError, homeOfAction, type StartedAction } from "./provider.ts";

/*
 * Whether the outputs that an action declares are where its function should have put them.
 *
 * The service never looks: an action succeeds by its report, and the next one meets the hole. So, by default, this
 * only looks after the report, beside the path of the pipeline, and adds a note to the job's story. Where outputs
 * are strict, a missing one is an objection to the report, and the action fails.
 */

export interface OutputCheck {
  /** Why a reported success is none, where outputs are strict. */
  objectionTo(action: StartedAction): Promise<ActionError | undefined>;
  /** Resolves when the outputs of an execution's actions have been looked at. */
  idle(executionId: string): Promise<void>;
}

export interface OutputCheckOptions {
  readonly read: Reader;
  readonly objects: Objects;
  readonly keys: KeyStore;
  readonly declarations: Declarations;
  readonly story: StoryTeller;
  now(): number;
  onFault(error: unknown): void;
}

/** Begins to look at what every action of a job leaves. */
export function createOutputCheck(options: OutputCheckOptions): OutputCheck {
  const outstanding = new Outstanding();
  options.story.watch((entry) => {
    const isOfInterest = entry.type === "actionFinished" && entry.status === "Succeeded";
    if (!isOfInterest || entry.outputArtifacts.length === 0) return;
    outstanding.add(entry.executionId);
    void lookAt(entry, options)
      .catch(options.onFault)
      .finally(() => outstanding.remove(entry.executionId));
  });
  return {
    async objectionTo({ input }) {
      const missing = await firstMissing(input.outputArtifacts, options.objects);
      return missing && { code: "ConfigurationError", message: missingText(missing) };
    },
    idle: (executionId) => outstanding.none(executionId),
  };
}

async function lookAt(entry: EntryOf<"actionFinished">, options: OutputCheckOptions): Promise<void> {
  const { read, story, declarations } = options;
  const id = entry.actionExecutionId ?? "";
  const job = (await read.all(listJobsOfAction, { action_execution_id: id })).at(-1);
  const row = job && (await read.first(findActionExecution, { id }));
  if (!row) return; // a source writes its own output, and of a deleted pipeline nothing is left to tell
  const action = await readAction(read, row, declarations);
  for (const artifact of action.input.outputArtifacts) {
    const found = await problemOf(artifact, action, options);
    if (found) story.tell({ ...storyPlace(action, job.id, options.now()), type: "note", ...found });
  }
}

interface OutputProblem {
  readonly cause: OutputCause;
  readonly message: string;
}

async function problemOf(
  artifact: ArtifactLocation,
  action: StartedAction,
  options: OutputCheckOptions,
): Promise<OutputProblem | undefined> {
  const object = await headOf(artifact, options.objects);
  if (!object) return { cause: "noDeclaredOutput", message: missingText(artifact) };
  if (!action.encryptionKey) return undefined;
  const declared = await arnOfKey(action.encryptionKey.id, homeOfAction(action), options.keys);
  const name = `output artifact ${artifact.name}, ${addressOf(artifact)},`;
  if (object.encryption.type !== "aws:kms") {
    const message = `${name} was written without the key of the artifact store, ${declared}`;
    return { cause: "outputWithoutKey", message };
  }
  if (object.encryption.keyArn === declared) return undefined;
  const message = `${name} was written with the key ${object.encryption.keyArn}, but the artifact store declares ${declared}`;
  return { cause: "outputWithWrongKey", message };
}

async function firstMissing(artifacts: readonly ArtifactLocation[], objects: Objects) {
  for (const artifact of artifacts) if (!(await headOf(artifact, objects))) return artifact;
  return undefined;
}

async function headOf({ bucket, key }: ArtifactLocation, objects: Objects): Promise<StoredObject | undefined> {
  try {
    return await objects.head({ bucket, key });
  } catch (error) {
    if (error instanceof ServiceError) return undefined;
    throw error;
  }
}

/** A key may be declared by its id, its alias, or the ARN of either; one that is gone keeps the name that it was given. */
async function arnOfKey(id: string, home: Home, keys: KeyStore): Promise<string> {
  try {
    return (await keys.find(id, home)).arn;
  } catch (error) {
    if (error instanceof ServiceError) return id;
    throw error;
  }
}

const missingText = (artifact: ArtifactLocation) =>
  `the declared output artifact ${artifact.name} was not written: there is no object ${artifact.key} in bucket ${artifact.bucket}`;

const addressOf = ({ bucket, key }: ArtifactLocation) => `s3://${bucket}/${key}`;
