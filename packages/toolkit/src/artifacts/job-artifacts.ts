import { rmSync } from "node:fs";
import type { CodePipelineJob, JobArtifact } from "../event.ts";
import { ConfigurationError, JobFailed } from "../failure.ts";
import type { Job } from "../job.ts";
import type { StateStorage } from "../state-token.ts";
import type { ObjectPlace, ObjectStore } from "../surroundings.ts";
import type { ArtifactLimits } from "../zip/read-directory.ts";
import { inputArtifact } from "./input-artifact.ts";
import { type OpenOutput, outputArtifact } from "./output-artifact.ts";

/** All artifacts of a job. */
export interface JobArtifacts {
  /** What the job itself shows of them. */
  readonly shown: Pick<Job, "inputs" | "outputs" | "input" | "output">;
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
export function jobArtifacts({ data }: CodePipelineJob, store: ObjectStore, limits: ArtifactLimits): JobArtifacts {
  const { inputArtifacts, outputArtifacts, encryptionKey } = data;
  const encryption = encryptionKey && ({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: encryptionKey.id } as const);
  const targetOf = (artifact: JobArtifact) => ({ ...placeOf(artifact), ...encryption });
  const temporary: string[] = [];
  const inputs = new Map(
    inputArtifacts.map((each) => {
      const { name, revision = null } = each;
      const source = { name, revision, place: placeOf(each) };
      return [name, inputArtifact(source, store, limits, (dir) => temporary.push(dir))];
    }),
  );
  const outputs = new Map(outputArtifacts.map((each) => [each.name, outputArtifact(each.name, targetOf(each), store)]));
  const [first] = outputs.values();
  return {
    shown: {
      inputs: [...inputs.keys()],
      outputs: [...outputs.keys()],
      input: (name) => named(inputs, name, "input"),
      output: (name) => named(outputs, name, "output").artifact,
    },
    stateOutput: first && { place: first.target, store, claim: () => refuseBegun(first) },
    isStateReplaced: () => first?.isComplete() ?? false,
    async closeOutputs() {
      for (const { artifact } of outputs.values()) await artifact.close();
    },
    giveUp() {
      for (const output of outputs.values()) output.giveUp();
    },
    async cleanUp() {
      for (const dir of temporary) rmSync(dir, { recursive: true, force: true });
      for (const output of outputs.values()) await output.abort();
    },
  };
}

function refuseBegun({ artifact, isBegun }: OpenOutput): void {
  if (!isBegun()) return;
  throw new JobFailed(
    `The state is too large for a token, and its place, the output artifact '${artifact.name}', has content already. Write that in the last job, or name a 'stateBucket'.`,
  );
}

function placeOf({ location: { s3Location } }: JobArtifact): ObjectPlace {
  return { Bucket: s3Location.bucketName, Key: s3Location.objectKey };
}

function named<T>(artifacts: ReadonlyMap<string, T>, name: string, kind: string): T {
  const artifact = artifacts.get(name);
  if (artifact) return artifact;
  const known = artifacts.size === 0 ? "none" : `'${[...artifacts.keys()].join("', '")}'`;
  throw new ConfigurationError(`The action declares no ${kind} artifact '${name}'; it declares ${known}.`);
}
