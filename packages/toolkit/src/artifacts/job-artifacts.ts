import type { CodePipelineJobData } from "../event.ts";
import { ConfigurationError, JobFailed } from "../failure.ts";
import { failureText } from "../failure-of.ts";
import type { Job } from "../job.ts";
import type { StateStorage } from "../state-token.ts";
import type { JobReport, ObjectStore } from "../surroundings.ts";
import { removeFolder } from "../zip/extract.ts";
import type { ArtifactLimits } from "../zip/read-directory.ts";
import { inputArtifact } from "./input-artifact.ts";
import { type OpenOutput, outputArtifact } from "./output-artifact.ts";

/** All artifacts of a job. */
export interface JobArtifacts {
  /** What the job itself shows of them. */
  readonly shown: Pick<Job, "inputs" | "outputs" | "input" | "output">;
  /** Takes the first output's place for a state that is too large for a token. */
  readonly claim: StateStorage["claim"];
  /** What lies in that place, as far as this job knows. */
  holds(): ReturnType<OpenOutput["holds"]> | undefined;
  /** Ends every output that was begun, unless the job failed. Errors: `JobFailed` when a state is left in its place. */
  close(status: JobReport["status"]): Promise<void>;
  /** Lets no output be written any more. */
  giveUp(): void;
  /** Leaves nothing of what is not complete, and removes temporary folders. Never fails; the log says what is left. */
  cleanUp(): Promise<void>;
}

/** Opens the artifacts of a job; nothing is read or written yet. */
export function jobArtifacts(
  { inputArtifacts, outputArtifacts, encryptionKey }: CodePipelineJobData,
  store: ObjectStore,
  limits: ArtifactLimits,
): JobArtifacts {
  const temporary: string[] = [];
  const inputs = inputArtifacts.map((each) => inputArtifact(each, store, limits, temporary));
  const opened = outputArtifacts.map((each) => outputArtifact(each, store, encryptionKey));
  const outputs = opened.map(({ artifact }) => artifact);
  const [first] = opened;
  return {
    shown: {
      inputs: namesOf(inputs),
      outputs: namesOf(outputs),
      input: (name) => named(inputs, name, "input"),
      output: (name) => named(outputs, name, "output"),
    },
    claim: first?.claim,
    holds: () => first?.holds(),
    async close(status) {
      if (status === "Failed") return;
      for (const output of outputs) await output.close();
      if (status === "Succeeded" && first?.holds() === "state") {
        throw new JobFailed(
          `The output artifact '${first.artifact.name}' was never written, and the saved state is in its place. Write it, or name a 'stateBucket'.`,
        );
      }
    },
    giveUp() {
      for (const { giveUp } of opened) giveUp();
    },
    async cleanUp() {
      try {
        temporary.forEach(removeFolder);
        for (const { abort } of opened) await abort();
      } catch (error) {
        console.warn(`What the job began could not be removed: ${failureText(error)}`);
      }
    },
  };
}

type Named = { readonly name: string };

const namesOf = (artifacts: readonly Named[]) => artifacts.map(({ name }) => name);

function named<T extends Named>(artifacts: readonly T[], name: string, kind: string): T {
  const artifact = artifacts.find((each) => each.name === name);
  if (artifact) return artifact;
  const known = artifacts.length === 0 ? "none" : `'${namesOf(artifacts).join("', '")}'`;
  throw new ConfigurationError(`The action declares no ${kind} artifact '${name}'; it declares ${known}.`);
}
