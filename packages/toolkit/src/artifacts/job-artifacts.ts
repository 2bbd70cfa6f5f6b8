import { rmSync } from "node:fs";
import type { CodePipelineJob, JobArtifact } from "../event.ts";
import { ConfigurationError, JobFailed } from "../failure.ts";
import type { StateStorage } from "../state-token.ts";
import type { ObjectCalls, ObjectPlace } from "../surroundings.ts";
import type { ArtifactLimits } from "../zip/read-directory.ts";
import { type InputArtifact, inputArtifact } from "./input-artifact.ts";
import { type OpenOutput, type OutputArtifact, outputArtifact } from "./output-artifact.ts";

/** All artifacts of a job. */
export interface JobArtifacts {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  input(name: string): InputArtifact;
  output(name: string): OutputArtifact;
  /** The first output's place, for a state that is too large for a token. */
  readonly stateOutput: StateStorage["output"];
  /** Whether that place has the artifact itself by now. */
  isStateReplaced(): boolean;
  /** Ends every output that was begun. */
  closeOutputs(): Promise<void>;
  /** Lets no output be written any more. */
  giveUp(): void;
  /** Gives up what was begun, and removes temporary folders. */
  cleanUp(): Promise<void>;
}

/** Opens the artifacts of a job; nothing is read or written yet. */
export function jobArtifacts({ data }: CodePipelineJob, calls: ObjectCalls, limits: ArtifactLimits): JobArtifacts {
  const kmsKeyId = data.encryptionKey?.id;
  const temporary: string[] = [];
  const context = { calls, limits, onTemporaryFolder: (dir: string) => void temporary.push(dir) };
  const inputs = new Map<string, InputArtifact>();
  for (const each of data.inputArtifacts) {
    const { name, revision } = each;
    inputs.set(name, inputArtifact({ name, revision: revision ?? null, place: placeOf(each) }, context));
  }
  const outputs = new Map<string, OpenOutput>();
  for (const each of data.outputArtifacts) {
    outputs.set(each.name, outputArtifact(each.name, placeOf(each), { calls, kmsKeyId }));
  }
  const [first] = outputs.values();
  return {
    inputs: [...inputs.keys()],
    outputs: [...outputs.keys()],
    input: (name) => named(inputs, name, "input"),
    output: (name) => named(outputs, name, "output").artifact,
    stateOutput: first && {
      place: { bucket: first.artifact.bucket, key: first.artifact.key },
      calls,
      kmsKeyId,
      claim: () => refuseBegun(first),
    },
    isStateReplaced: () => first?.isComplete() ?? false,
    async closeOutputs() {
      for (const { artifact } of outputs.values()) await artifact.close();
    },
    giveUp() {
      for (const output of outputs.values()) output.giveUp();
    },
    async cleanUp() {
      for (const dir of temporary) rmSync(dir, { recursive: true, force: true });
      for (const output of outputs.values()) {
        output.giveUp();
        await output.abort();
      }
    },
  };
}

function refuseBegun({ artifact, isBegun }: OpenOutput): void {
  if (!isBegun()) return;
  throw new JobFailed(
    `The state is too large for a continuation token, and its place, the output artifact '${artifact.name}', has content already. Write that artifact in the last job, or name a bucket by 'stateBucket'.`,
  );
}

function placeOf({ location: { s3Location } }: JobArtifact): ObjectPlace {
  return { bucket: s3Location.bucketName, key: s3Location.objectKey };
}

function named<T>(artifacts: ReadonlyMap<string, T>, name: string, kind: string): T {
  const artifact = artifacts.get(name);
  if (artifact) return artifact;
  const known = artifacts.size === 0 ? "none" : `'${[...artifacts.keys()].join("', '")}'`;
  throw new ConfigurationError(`The action declares no ${kind} artifact '${name}'; it declares ${known}.`);
}
