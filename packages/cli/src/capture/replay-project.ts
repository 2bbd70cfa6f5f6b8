/** From a capture to the pipeline around one function that plays it again: what `penstock invoke` runs, with the captured job. */
import type { PolicyText, Project } from "../project/project.ts";
import type { SelectedFunction } from "../project/select-function.ts";
import { INVOKE_STAGE, singleActionProject } from "../project/single-action.ts";
import type { ServerOptions } from "../server-port.ts";
import type { ReadCapture } from "./capture-schema.ts";
import { plainName } from "./replay-function.ts";

export interface Replay {
  readonly project: Project;
  /** The captured token, for the action's first job. */
  readonly replayed?: NonNullable<ServerOptions["replayed"]>;
}

/** Key of a replay whose own key cannot be made again: only an alias can be given a second time. */
const REPLAY_KEY = "alias/penstock-replay";

/** Puts together what was captured, the function, and its inputs. Notes what cannot be as it was. */
export function replayOf(
  capture: ReadCapture,
  { functionName, declared, surroundings }: SelectedFunction,
  inputs: Project["inputs"],
  policy: PolicyText | undefined,
  note: (message: string) => void,
): Replay {
  const { accountId, data } = capture.event["CodePipeline.job"];
  const { FunctionName, UserParameters } = data.actionConfiguration.configuration;
  const key = keyOf(data.encryptionKey?.id, note);
  const { roles = {}, buckets = {}, keys = {} } = surroundings ?? {};
  const project = singleActionProject({
    functionName,
    declared,
    reference: referenceOf(FunctionName, note),
    inputs,
    outputs: data.outputArtifacts.map(({ name }) => name),
    ...(UserParameters === undefined ? {} : { userParameters: UserParameters }),
    ...(policy ? { policy } : {}),
    ...(key ? { encryptionKey: key.id } : {}),
    surroundings: {
      roles,
      buckets,
      keys: key ? { [key.alias]: {}, ...keys } : keys,
      account: accountId,
      region: regionOf(capture, FunctionName),
    },
  });
  const { continuationToken } = data;
  if (continuationToken === undefined) return { project };
  return { project, replayed: { stage: INVOKE_STAGE, action: functionName, continuationToken } };
}

/** A version or an alias would have to be published first. */
function referenceOf(given: string, note: (message: string) => void): string {
  const name = plainName(given);
  const unqualified = given.slice(0, given.lastIndexOf(name) + name.length);
  if (unqualified !== given) note(`the action called ${given}; what is run again is the code as it is now`);
  return unqualified;
}

function regionOf({ job }: ReadCapture, functionName: string): string {
  return /^arn:[^:]+:lambda:([a-z0-9-]+):/.exec(functionName)?.[1] ?? job?.region ?? "us-east-1";
}

function keyOf(id: string | undefined, note: (message: string) => void) {
  if (id === undefined) return undefined;
  const alias = /(?:^|:)(alias\/.+)$/.exec(id)?.[1];
  if (alias !== undefined && !alias.startsWith("alias/aws/")) return { id, alias };
  note(`the event names the encryption key ${REPLAY_KEY} in place of ${id}, which cannot be made here`);
  return { id: REPLAY_KEY, alias: REPLAY_KEY };
}
