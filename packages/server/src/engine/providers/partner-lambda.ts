import { readPartnerResult } from "@penstock/pipeline";
import type { FunctionHost, InvocationEnd } from "../../functions/host.ts";
import { type ReservedConcurrency, withinReserved } from "../../functions/reserved-concurrency.ts";
import type { Identity, PolicyDocument } from "../../identity/identity.ts";
import { findActionExecution } from "../../store/action-execution.ts";
import { findJob, type JobTable } from "../../store/job.ts";
import type { Store, Tx } from "../../store/store.ts";
import { deleteWork, insertWork, type WorkTable } from "../../store/work.ts";
import type { StoryEvent } from "../../story.ts";
import { ServiceError } from "../../wire/error.ts";
import type { Home } from "../../wire/operation.ts";
import type { Declarations } from "../declarations.ts";
import type { Engine } from "../engine.ts";
import { uuidOfPath } from "../ids.ts";
import { readAction, storyPlace } from "../jobs.ts";
import type { StoryTeller } from "../story-teller.ts";
import { type CalledFunction, toldError } from "./attempts.ts";
import { artifactCredentials, jobArtifact } from "./job-event.ts";
import { type ActionError, homeOfAction, type JobProvider, type PromisedJob, type StartedAction } from "./provider.ts";
import { workerOutput, workLimits } from "./worker-job.ts";

/*
 * Actions of partners whose executor is a function. It is called for every job, and what it returns is the job's report.
 * The call is a row of the outbox until its report is on record, so after a crash the function is called again with the
 * same job id. Nobody but CodePipeline itself calls it, so its policy must let the service do so.
 *
 * Source: user guide, "Integration model reference", Lambda integration model.
 */

export interface PartnerLambdaOptions {
  readonly store: Store;
  readonly story: StoryTeller;
  readonly host: FunctionHost;
  readonly identity: Identity;
  readonly concurrency: ReservedConcurrency;
  readonly declarations: Declarations;
  readonly engine: () => Pick<Engine, "report" | "failJob">;
  findFunction(reference: string, home: Home): Promise<CalledFunction | undefined>;
  functionPolicy(functionArn: string): Promise<PolicyDocument | undefined>;
  now(): number;
  onFault(error: unknown): void;
}

export interface PartnerLambda extends JobProvider {
  /** Calls the function that a row promises: after a restart, or because its job was just made. */
  begin(work: WorkTable): void;
  /** From now on, ends of calls are not acted on: the server is stopping, the rows stay. */
  close(): void;
}

/** The service as a policy names it. */
const CODEPIPELINE = "codepipeline.amazonaws.com";

export function createPartnerLambda(options: PartnerLambdaOptions): PartnerLambda {
  const inHand = new Set<string>();
  let closed = false;

  function begin(work: WorkTable): void {
    if (closed || inHand.has(work.id)) return;
    inHand.add(work.id);
    run(work)
      .catch((error: unknown) => void (!closed && options.onFault(error))) // a server that stops kills functions, which is no fault
      .finally(() => inHand.delete(work.id));
  }

  async function run(work: WorkTable): Promise<void> {
    const { jobId } = JSON.parse(work.body) as { jobId: string }; // `promise` wrote it
    const job = await options.store.read.first(findJob, { id: jobId });
    const action = job && (await waitingAction(job, options));
    if (action) {
      const done = await callFor({ job, action, requestId: work.id }, options);
      if (closed) return;
      await settle(job, done, options);
    }
    await options.store.transact((tx) => tx.run(deleteWork, { id: work.id }));
  }

  return {
    type: "job",
    async promise(tx: Tx, { id }: PromisedJob) {
      const work: WorkTable = {
        id: uuidOfPath(`${id}/invocation`),
        kind: "callPartner",
        body: JSON.stringify({ jobId: id }),
        attempt: 1,
        due_at: options.now(),
      };
      await tx.run(insertWork, work);
      return () => begin(work);
    },
    limitsOf: workLimits,
    outputOf: workerOutput,
    progressOf: workerOutput,
    begin,
    close: () => {
      closed = true;
    },
  };
}

/** The action of a job that waits for its report; nothing when it does not, or no longer. */
async function waitingAction(
  job: JobTable,
  { store, declarations }: PartnerLambdaOptions,
): Promise<StartedAction | undefined> {
  const row = await store.read.first(findActionExecution, { id: job.action_execution_id });
  if (job.status !== "Dispatched" || row?.status !== "InProgress") return undefined;
  return await readAction(store.read, row, declarations);
}

interface PartnerCall {
  readonly job: JobTable;
  readonly action: StartedAction;
  readonly requestId: string;
}

async function callFor(call: PartnerCall, options: PartnerLambdaOptions): Promise<InvocationEnd | ActionError> {
  const { action, requestId } = call;
  const executor = action.input.work?.executor;
  const arn = executor?.type === "Lambda" ? executor.functionArn : "";
  const spec = await options.findFunction(arn, homeOfAction(action));
  if (!spec) return { code: "ConfigurationError", message: `The AWS Lambda function ${arn} does not exist.` };
  const resource = spec.invokedArn ?? spec.arn;
  const policy = await options.functionPolicy(resource);
  const isAllowed = await options.identity.serviceMayCall(
    { service: CODEPIPELINE, action: "lambda:InvokeFunction", resource, ...(policy && { policy }) },
    { "aws:SourceAccount": action.account, "aws:SourceArn": action.pipeline },
  );
  if (!isAllowed) {
    const message = `The policy of the function ${resource} does not allow lambda:InvokeFunction to ${CODEPIPELINE}. Allow it with AddPermission.`;
    return { code: "PermissionError", message }; // Source: our choice of words
  }
  const tell = (event: StoryEvent) =>
    options.story.tell({ ...storyPlace(action, call.job.id, options.now()), ...event });
  tell({ type: "invoked", functionName: spec.name, requestId, attempt: 1 });
  try {
    const end = await withinReserved(options.concurrency, spec, () => invoke(call, spec, tell, options));
    tell(attemptEnded(requestId, end));
    return end;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { code: "SystemUnavailable", message: `${error.code}: ${error.message}` };
  }
}

function invoke(
  call: PartnerCall,
  spec: CalledFunction,
  tell: (event: StoryEvent) => void,
  options: PartnerLambdaOptions,
): Promise<InvocationEnd> {
  const { requestId } = call;
  const credentials = artifactCredentials(options.identity, call.action, options.now());
  return options.host.invoke(spec, {
    requestId,
    payload: Buffer.from(JSON.stringify(partnerEvent(call, credentials))),
    ...(spec.invokedArn !== undefined && { invokedArn: spec.invokedArn }),
    secrets: [credentials.secretAccessKey, credentials.sessionToken],
    onLine: (line) => tell({ type: "logLine", requestId, line }),
  });
}

/** What the function is given for a job. Source: user guide, as above; revisions that are not known are left out. */
function partnerEvent({ job, action }: PartnerCall, credentials: ReturnType<typeof artifactCredentials>): object {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  return {
    jobId: job.id,
    accountId: action.account,
    data: {
      actionConfiguration: action.input.resolvedConfiguration,
      ...(action.encryptionKey && { encryptionKey: action.encryptionKey }),
      inputArtifacts: action.input.inputArtifacts.map(partnerArtifact),
      outputArtifacts: action.input.outputArtifacts.map(partnerArtifact),
      actionExecutionId: action.id,
      actionCredentials: { accessKeyId, secretAccessKey, sessionToken },
      ...(job.continuation_token !== null && { continuationToken: job.continuation_token }),
    },
  };
}

function partnerArtifact(place: Parameters<typeof jobArtifact>[0]): object {
  const { name, revision, location } = jobArtifact(place);
  return { name, ...(revision !== null && { revision }), location };
}

function attemptEnded(requestId: string, { outcome, durationMs, error }: InvocationEnd): StoryEvent {
  return { type: "attemptEnded", requestId, attempt: 1, outcome, durationMs, ...toldError(error) };
}

/** A function that ends with an error fails its job: it was called for an answer, and has given none. Source: our choice. */
async function settle(
  job: JobTable,
  done: InvocationEnd | ActionError,
  { engine }: PartnerLambdaOptions,
): Promise<void> {
  if ("code" in done) return await engine().failJob(job.id, done);
  if (done.outcome !== "returned") {
    const { errorType, errorMessage } = done.error ?? { errorType: done.outcome, errorMessage: "" };
    const message = `The function of the action type failed: ${errorType}: ${errorMessage}`;
    return await engine().failJob(job.id, { code: "JobFailed", message });
  }
  const report = readPartnerResult(done.payload.toString("utf8"));
  const problem = await engine().report({ jobId: job.id, account: job.account, region: job.region, report });
  if (problem?.reason === "tokenWithVariables" || problem?.reason === "outputVariablesTooLarge") {
    const message = "The function of the action type returned output variables that are larger than 122880 bytes.";
    await engine().failJob(job.id, { code: "JobFailed", message });
  }
}
