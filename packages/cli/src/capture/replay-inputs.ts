/** The input artifacts of a replay: given anew, embedded in the capture, or still in the data folder that it came from. */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline as pump } from "node:stream/promises";
import { inputWrong, isServiceError } from "../failure.ts";
import { suggestion } from "../nearest.ts";
import type { ReadCapture } from "./capture-schema.ts";
import { fromDataFolder } from "./resting-folder.ts";

export interface InputChoice {
  /** Paths by artifact, which win. */
  readonly given: Readonly<Record<string, string>>;
  readonly dataDir: string | undefined;
  /** Where fetched artifacts are put; it must outlast the replay. */
  readonly folder: string;
  readonly note: (message: string) => void;
}

type Artifact = ReadCapture["artifacts"][number];

/** A path or the bytes of each input, by name, in the event's order. Throws a `Failure` (exit status 2) for one that is nowhere. */
export async function inputsOf(capture: ReadCapture, choice: InputChoice): Promise<Record<string, string | Buffer>> {
  const { inputArtifacts } = capture.event["CodePipeline.job"].data;
  const names = inputArtifacts.map(({ name }) => name);
  const stranger = Object.keys(choice.given).find((name) => !names.includes(name));
  if (stranger !== undefined) {
    throw inputWrong(`the captured job has no input artifact ${stranger}`, suggestion(stranger, names));
  }
  const artifacts = capture.artifacts.filter(({ direction }) => direction === "input");
  const missing = names.filter((name) => !isAtHand(name, artifacts, choice));
  if (missing.length > 0) await fetchAll(missing, artifacts, capture, choice);
  return Object.fromEntries(names.map((name) => [name, at(name, artifacts, choice)]));
}

function isAtHand(name: string, artifacts: readonly Artifact[], { given }: InputChoice): boolean {
  return given[name] !== undefined || artifacts.find((one) => one.name === name)?.base64 !== undefined;
}

function at(name: string, artifacts: readonly Artifact[], { given, folder, note }: InputChoice): string | Buffer {
  const artifact = artifacts.find((one) => one.name === name);
  const path = given[name];
  if (path !== undefined) return path;
  if (artifact?.base64 === undefined) return fetchedPath(folder, name);
  const bytes = Buffer.from(artifact.base64, "base64");
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (artifact.sha256 !== null && sha256 !== artifact.sha256) {
    note(`artifact ${name} in the capture is not what was captured: its checksum differs`);
  }
  return bytes;
}

function fetchedPath(folder: string, name: string): string {
  return join(folder, `${name}.zip`);
}

async function fetchAll(
  names: readonly string[],
  artifacts: readonly Artifact[],
  { job }: ReadCapture,
  { dataDir, folder }: InputChoice,
): Promise<void> {
  const [first = ""] = names;
  if (dataDir === undefined) throw nowhere(first, "The capture only says where it was.");
  await fromDataFolder(dataDir, job?.id ?? "", async ({ objects }) => {
    for (const name of names) {
      const artifact = artifacts.find((one) => one.name === name);
      if (!artifact) throw nowhere(name, "The capture does not say where it was.");
      const { bucket, key, versionId } = artifact;
      const version = versionId === null || job === null ? {} : { versionId };
      try {
        const { body } = await objects.get({ bucket, key, ...version });
        await pump(body, createWriteStream(fetchedPath(folder, name)));
      } catch (error) {
        if (isServiceError(error))
          throw nowhere(name, `${dataDir} does not have s3://${bucket}/${key} any more.`, error);
        throw error;
      }
    }
  });
}

function nowhere(name: string, why: string, cause?: unknown) {
  return inputWrong(
    `input artifact ${name} is not at hand. ${why}`,
    `Give it: --input ${name}=PATH, or --data DIR of the server that has it, or capture with --embed.`,
    cause,
  );
}
