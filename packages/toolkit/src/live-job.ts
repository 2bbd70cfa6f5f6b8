import type { JobArtifacts } from "./artifacts/job-artifacts.ts";
import type { LambdaContext } from "./define-job.ts";
import type { CodePipelineJob } from "./event.ts";
import { ConfigurationError, type FailureType, JobFailed } from "./failure.ts";
import type { Job, Outcome, Success } from "./job.ts";
import { accepted, type StandardSchema } from "./standard-schema.ts";
import { readToken, type StateStorage, TOKEN_OF_OUTPUT, tokenOf } from "./state-token.ts";
import { successReport } from "./success-report.ts";
import type { JobReport, Surroundings } from "./surroundings.ts";

type Variables = Readonly<Record<string, string>>;

/** A job with what only the toolkit may ask of it. */
export interface LiveJob {
  readonly job: Job<unknown, unknown, unknown, Variables>;
  /** The report of the first word that was said; of a success when none was. */
  report(): Promise<JobReport>;
  /** The report of a failure, if that was the first word. */
  failure(): JobReport | undefined;
  /** Whether the first output artifact's place has a state in it instead of the artifact. */
  hasStateInOutput(): boolean;
}

/** What a live job stands on. */
export interface LiveJobGround {
  readonly source: CodePipelineJob;
  readonly context: LambdaContext;
  readonly surroundings: Surroundings;
  readonly definition: {
    readonly continuation?: StandardSchema | undefined;
    readonly variables?: StandardSchema | undefined;
  };
  readonly artifacts: JobArtifacts;
  readonly storage: StateStorage;
  /** Is aborted when the job is over. */
  readonly over: AbortController;
  /** When the job must be reported. Unit: epoch milliseconds. */
  readonly deadlineAt: number;
  /** The report of a failure. */
  readonly failed: (type: FailureType, text: string) => JobReport;
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
  const { source, context, surroundings, artifacts, storage, failed } = ground;
  const { continuation: schema, variables } = ground.definition;
  const [continuation, wasInOutput] = await stateBefore(source.data.continuationToken, schema, storage);
  let isStateInOutput = wasInOutput;
  let first: string | undefined;
  let toReport = () => successReport({}, variables);
  let failure: JobReport | undefined;
  const say = (word: string, asReport: typeof toReport): Outcome => {
    if (first) throw new Error(`job.${word} was called after job.${first}; the first word counts.`);
    first = word;
    toReport = asReport;
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
    continuation,
    ...artifacts.shown,
    signal: ground.over.signal,
    remainingMs: () => Math.max(0, ground.deadlineAt - surroundings.now()),
    succeed: (result: Success<Variables> = {}) => say("succeed", () => successReport(result, variables)),
    fail(message, type = "JobFailed") {
      const report = failed(type, message);
      const outcome = say("fail", async () => report);
      failure = report;
      return outcome;
    },
    async continue(state) {
      const token = toToken(state);
      token.catch(() => {}); // whoever asks for the report gets it
      const outcome = say("continue", async () => ({ status: "Continued", continuationToken: await token }));
      await token;
      return outcome;
    },
    async save(state) {
      onSave(await toToken(state));
      surroundings.onSave?.();
    },
  };
  return {
    job,
    report: () => toReport(),
    failure: () => failure,
    hasStateInOutput: () => isStateInOutput && !artifacts.isStateReplaced(),
  };
}

const SAID = Object.freeze({}) as Outcome; // nobody looks into it; what was said is kept beside it

/** The state as JSON. What the next job will read must be what the schema takes, so that is tried here. */
async function checkedJson(state: unknown, schema: StandardSchema | undefined): Promise<string> {
  const json: string | undefined = JSON.stringify(state);
  if (json === undefined) throw new JobFailed("A state to continue with must be JSON.");
  await accepted(schema, [JSON.parse(json)], JobFailed, "The state to continue with is not as declared");
  return json;
}

async function stateBefore(
  token: string | undefined,
  schema: StandardSchema | undefined,
  storage: StateStorage,
): Promise<readonly [state: unknown, isInOutput: boolean]> {
  if (token === undefined) return [undefined, false];
  const [readings, isInOutput] = await readToken(token, storage);
  const what = "The state of the job before is not as declared now";
  return [await accepted(schema, readings, ConfigurationError, what), isInOutput];
}
