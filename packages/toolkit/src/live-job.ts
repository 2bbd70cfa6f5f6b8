import type { JobArtifacts } from "./artifacts/job-artifacts.ts";
import type { LambdaContext } from "./define-job.ts";
import type { CodePipelineJob } from "./event.ts";
import { ConfigurationError, type FailureType, JobFailed } from "./failure.ts";
import type { Job, Outcome, Success } from "./job.ts";
import { accepted, type StandardSchema } from "./standard-schema.ts";
import { readToken, type StateStorage, TOKEN_OF_OUTPUT, tokenOf } from "./state-token.ts";
import type { Surroundings } from "./surroundings.ts";

type Variables = Readonly<Record<string, string>>;

/** What `run` said. */
export type Word =
  | { readonly type: "succeed"; readonly result: Success<Variables> }
  | { readonly type: "continue"; readonly token: Promise<string> }
  | { readonly type: "fail"; readonly failureType: FailureType; readonly message: string };

/** A job with what only the toolkit may ask of it. */
export interface LiveJob {
  readonly job: Job<unknown, unknown, unknown, Variables>;
  /** The first word that was said. */
  word(): Word | undefined;
  /** Whether the first output artifact's place has a state in it instead of the artifact. */
  hasStateInOutput(): boolean;
}

/** What a live job stands on. */
export interface LiveJobGround {
  readonly source: CodePipelineJob;
  readonly context: LambdaContext;
  readonly surroundings: Surroundings;
  readonly definition: { readonly continuation?: StandardSchema | undefined };
  readonly artifacts: JobArtifacts;
  readonly storage: StateStorage;
  /** Is aborted when the job is over. */
  readonly over: AbortController;
  /** When the job must be reported. Unit: epoch milliseconds. */
  readonly deadlineAt: number;
}

/**
 * Builds the job that `run` gets; `onSave` is told of each saved state's token.
 *
 * Errors: those of the state of the job before, when it cannot be read.
 */
export async function liveJob(
  ground: LiveJobGround,
  parameters: unknown,
  onSave: (token: string) => void,
): Promise<LiveJob> {
  const { source, context, surroundings, artifacts, storage, deadlineAt } = ground;
  const schema = ground.definition.continuation;
  const before = await stateBefore(source.data.continuationToken, schema, storage);
  let word: Word | undefined;
  let isStateInOutput = before.liesInOutput;
  const say = (said: Word): Outcome => {
    if (word) throw new Error(`job.${said.type} was called after job.${word.type}; the first word counts.`);
    word = said;
    return SAID;
  };
  const toToken = async (state: unknown): Promise<string> => {
    const token = await tokenOf(await checkedJson(state, schema), storage);
    isStateInOutput ||= token === TOKEN_OF_OUTPUT;
    return token;
  };
  const job: LiveJob["job"] = {
    id: source.id,
    accountId: source.accountId,
    requestId: context.awsRequestId,
    parameters,
    continuation: before.state,
    inputs: artifacts.inputs,
    outputs: artifacts.outputs,
    signal: ground.over.signal,
    remainingMs: () => Math.max(0, deadlineAt - surroundings.now()),
    input: artifacts.input,
    output: artifacts.output,
    succeed: (result: Success<Variables> = {}) => say({ type: "succeed", result }),
    fail: (message, type = "JobFailed") => say({ type: "fail", failureType: type, message }),
    async continue(state) {
      const token = toToken(state);
      token.catch(() => {}); // whoever waits for the word gets it
      const outcome = say({ type: "continue", token });
      await token;
      return outcome;
    },
    async save(state) {
      onSave(await toToken(state));
      surroundings.onSave?.();
    },
  };
  return { job, word: () => word, hasStateInOutput: () => isStateInOutput && !artifacts.isStateReplaced() };
}

const SAID = Object.freeze({}) as Outcome; // nobody looks into it; what was said is kept beside it

/** The state as JSON. What the next job will read must be what the schema takes, so that is tried here. */
async function checkedJson(state: unknown, schema: StandardSchema | undefined): Promise<string> {
  const json: string | undefined = JSON.stringify(state);
  if (json === undefined) throw new JobFailed("A state to continue with must be something that JSON can tell.");
  await accepted(
    schema,
    [JSON.parse(json)],
    ([issues]) => new JobFailed(`The state to continue with is not what was declared: ${issues}`),
  );
  return json;
}

async function stateBefore(
  token: string | undefined,
  schema: StandardSchema | undefined,
  storage: StateStorage,
): Promise<{ readonly state: unknown; readonly liesInOutput: boolean }> {
  if (token === undefined) return { state: undefined, liesInOutput: false };
  const { readings, liesInOutput } = await readToken(token, storage);
  const state = await accepted(
    schema,
    readings,
    ([issues = "it is no JSON"]) =>
      new ConfigurationError(`The state that the job before continued with is not what is declared now: ${issues}`),
  );
  return { state, liesInOutput };
}
