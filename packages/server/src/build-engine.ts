import { randomUUID } from "node:crypto";
import { createAuthorize, functionPolicyFor } from "./build-access.ts";
import type { Clock } from "./clock.ts";
import { createDeclarations } from "./engine/declarations.ts";
import { createEngine, type EngineOptions } from "./engine/engine.ts";
import { asCaller } from "./engine/providers/as-caller.ts";
import { createCallTeller } from "./engine/providers/call-teller.ts";
import { createInvocationQueue } from "./engine/providers/invocation-queue.ts";
import { artifactCredentials } from "./engine/providers/job-event.ts";
import { createLambdaDeploy } from "./engine/providers/lambda-deploy.ts";
import { createLambdaInvoke, unreportedError } from "./engine/providers/lambda-invoke.ts";
import { manualApproval } from "./engine/providers/manual-approval.ts";
import { createOutputCheck } from "./engine/providers/output-check.ts";
import { createPartnerLambda, type PartnerLambda } from "./engine/providers/partner-lambda.ts";
import type { ActionProvider, StartedAction } from "./engine/providers/provider.ts";
import type { CallAsRole } from "./engine/providers/role-calls.ts";
import type { RunType } from "./engine/providers/run-types.ts";
import { createS3Deploy } from "./engine/providers/s3-deploy.ts";
import { createS3Source } from "./engine/providers/s3-source.ts";
import { createWorkerJobs, unreportedWorkError } from "./engine/providers/worker-job.ts";
import { createStoryTeller, type StoryTeller } from "./engine/story-teller.ts";
import { awsTiming, fastTiming, type Timing } from "./engine/timing.ts";
import { parseFunctionReference } from "./functions/function-name.ts";
import type { FunctionHost } from "./functions/host.ts";
import type { Functions } from "./functions/open-functions.ts";
import { specOf } from "./functions/registry.ts";
import type { ReservedConcurrency } from "./functions/reserved-concurrency.ts";
import type { Identity } from "./identity/identity.ts";
import type { KeyStore } from "./keys/keys.ts";
import type { ObjectStore } from "./objects/object-store.ts";
import type { ServerOptions } from "./server.ts";
import type { Store } from "./store/store.ts";
import type { Home } from "./wire/operation.ts";

/** What the engine stands on. */
export interface Foundation {
  readonly clock: Clock;
  readonly store: Store;
  readonly identity: Identity;
  readonly objects: ObjectStore;
  readonly keys: KeyStore;
  readonly functions: Functions;
  readonly concurrency: ReservedConcurrency;
  readonly host: FunctionHost;
  /** Where files may be put for a while. */
  readonly scratch: string;
  readonly callAsRole: CallAsRole;
  log(level: "info" | "warn" | "error", message: string): void;
}

/** The engine, the queue of invocations and the story, which know each other. */
export function buildEngine(foundation: Foundation, options: ServerOptions) {
  const { clock, store, identity, objects, keys, functions, concurrency, host, log } = foundation;
  const declarations = createDeclarations();
  const shared = {
    store,
    clock,
    timing: timingOf(options),
    story: createStoryTeller(store),
    declarations,
    onFault: (error: unknown) => log("error", describeFault(error)),
    ...(options.onMoment && { onMoment: options.onMoment }),
  };
  const lambdas = {
    findFunction: (reference: string, home: Home) => findFunction(functions, reference, home),
    functionPolicy: (arn: string) => functionPolicyFor(functions, arn),
  };
  const partners = createPartnerLambda({
    ...{ ...shared, ...lambdas, host, identity, concurrency, now: clock.now },
    engine: () => engine,
  });
  const providerOf = providers(foundation, options, { story: shared.story, partners, queue: () => queue });
  const outputs = createOutputCheck({ ...shared, read: store.read, objects, keys, now: clock.now });
  const engine = createEngine({
    ...shared,
    providerOf,
    unreportedError: (action) => (action.input.work ? unreportedWorkError(action) : unreportedError(action)),
    invoke: (work) => queue.begin(work),
    callPartner: partners.begin,
    tokenOfFirstJob: ({ stage, name }) => {
      const { replayed } = options;
      return replayed?.stage === stage && replayed.action === name ? replayed.continuationToken : undefined;
    },
    ...(options.strictOutputs && { objectionTo: outputs.objectionTo }),
  });
  const queue = createInvocationQueue({
    ...shared,
    ...lambdas,
    host,
    identity,
    concurrency,
    warn: (message) => log("warn", message),
    failJob: engine.failJob,
    onExhausted: async (jobId) => void (options.unreported === "fail" && (await engine.timeOut(jobId))),
    wakeAt: engine.wakeAt,
  });
  const canAssume = (service: string) => (roleArn: string) => identity.serviceMayAssume(roleArn, service);
  const codePipeline = {
    store,
    engine,
    declarations,
    clock,
    issueCredentials: (action: StartedAction) => {
      const { accessKeyId, secretAccessKey, sessionToken } = artifactCredentials(identity, action, clock.now());
      return { accessKeyId, secretAccessKey, sessionToken };
    },
    canAssume: canAssume("codepipeline.amazonaws.com"),
    async canChain(roleArn: string, nextRoleArn: string) {
      return (await identity.mayAssume(asCaller(roleArn, "penstock"), nextRoleArn)).allowed;
    },
    newId: randomUUID,
  };
  const tellCall = createCallTeller({ ...shared, queue, now: clock.now });
  return { engine, queue, partners, outputs, story: shared.story, tellCall, canAssume, codePipeline };
}

function timingOf({ timing, debugPort }: ServerOptions): Timing {
  const chosen = timing === "fast" ? fastTiming : awsTiming;
  return debugPort === undefined ? chosen : { ...chosen, waitsForDebugger: true };
}

/** A function as it is called through a reference, which may be of another account and region. */
async function findFunction({ registry, invokeConfigs }: Functions, reference: string, home: Home) {
  const { region = home.region } = parseFunctionReference(reference) ?? {};
  const found = await registry.route({ ...home, region }, reference);
  if (!found) return undefined;
  const asynchronous = await invokeConfigs.settingsOf(found.version, found.qualifier);
  return { ...specOf(found.version), invokedArn: found.invokedArn, asynchronous };
}

/** What jobs are handed on to. */
interface JobHandlers {
  readonly story: StoryTeller;
  readonly partners: PartnerLambda;
  readonly queue: Parameters<typeof createLambdaInvoke>[0];
}

function providers(
  foundation: Foundation,
  { sourceBytesMax }: ServerOptions,
  { story, partners, queue }: JobHandlers,
): EngineOptions["providerOf"] {
  const byType: Readonly<Record<RunType, ActionProvider>> = {
    "Approval/AWS/Manual": manualApproval,
    "Deploy/AWS/Lambda": createLambdaDeploy({ ...foundation, now: foundation.clock.now }),
    "Deploy/AWS/S3": createS3Deploy({ ...foundation, now: foundation.clock.now }),
    "Invoke/AWS/Lambda": createLambdaInvoke(queue, foundation.clock.now),
    "Source/AWS/S3": createS3Source({
      ...foundation,
      now: foundation.clock.now,
      authorize: createAuthorize(foundation),
      bytesMax: sourceBytesMax,
    }),
  };
  const providers: Readonly<Record<string, ActionProvider>> = byType;
  const workers = createWorkerJobs(story, foundation.clock.now);
  return ({ input: { actionTypeId, work } }) => {
    if (work) return work.executor.type === "Lambda" ? partners : workers;
    return providers[`${actionTypeId.category}/${actionTypeId.owner}/${actionTypeId.provider}`];
  };
}

function describeFault(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
