import { randomUUID } from "node:crypto";
import type { Clock } from "./clock.ts";
import { createDeclarations } from "./engine/declarations.ts";
import { createEngine, type EngineOptions } from "./engine/engine.ts";
import { createCallTeller } from "./engine/providers/call-teller.ts";
import { createInvocationQueue } from "./engine/providers/invocation-queue.ts";
import { artifactCredentials } from "./engine/providers/job-event.ts";
import { createLambdaInvoke, unreportedError } from "./engine/providers/lambda-invoke.ts";
import { manualApproval } from "./engine/providers/manual-approval.ts";
import { createOutputCheck } from "./engine/providers/output-check.ts";
import type { ActionProvider, StartedAction } from "./engine/providers/provider.ts";
import { createS3Source } from "./engine/providers/s3-source.ts";
import { createStoryTeller } from "./engine/story-teller.ts";
import { awsTiming, fastTiming, type Timing } from "./engine/timing.ts";
import { parseFunctionReference } from "./functions/function-name.ts";
import type { FunctionHost } from "./functions/host.ts";
import type { Functions } from "./functions/open-functions.ts";
import { specOf } from "./functions/registry.ts";
import type { ReservedConcurrency } from "./functions/reserved-concurrency.ts";
import type { Identity, PolicyDocument } from "./identity/identity.ts";
import { storedPolicy } from "./identity/policy.ts";
import type { KeyStore } from "./keys/keys.ts";
import type { Objects } from "./objects/objects.ts";
import type { ServerOptions } from "./server.ts";
import type { Store } from "./store/store.ts";

/** What the engine stands on. */
export interface Foundation {
  readonly clock: Clock;
  readonly store: Store;
  readonly identity: Identity;
  readonly objects: Objects;
  readonly keys: KeyStore;
  readonly functions: Functions;
  readonly concurrency: ReservedConcurrency;
  readonly host: FunctionHost;
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
  const providerOf = providers(foundation, () => queue);
  const outputs = createOutputCheck({ ...shared, read: store.read, objects, keys, now: clock.now });
  const engine = createEngine({
    ...shared,
    providerOf,
    unreportedError,
    invoke: (work) => queue.begin(work),
    tokenOfFirstJob: ({ stage, name }) => {
      const { replayed } = options;
      return replayed?.stage === stage && replayed.action === name ? replayed.continuationToken : undefined;
    },
    ...(options.strictOutputs && { objectionTo: outputs.objectionTo }),
  });
  const queue = createInvocationQueue({
    ...shared,
    host,
    identity,
    concurrency,
    findFunction: (reference, region) => findFunction(functions, reference, region),
    functionPolicy: (arn) => functionPolicyFor(functions, arn),
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
    newId: randomUUID,
  };
  const tellCall = createCallTeller({ ...shared, queue, now: clock.now });
  return { engine, queue, outputs, story: shared.story, tellCall, canAssume, codePipeline };
}

function timingOf({ timing, debugPort }: ServerOptions): Timing {
  const chosen = timing === "fast" ? fastTiming : awsTiming;
  return debugPort === undefined ? chosen : { ...chosen, waitsForDebugger: true };
}

/** A function as it is called through a reference, which may be of another region. */
async function findFunction({ registry, invokeConfigs }: Functions, reference: string, ownRegion: string) {
  const region = parseFunctionReference(reference)?.region ?? ownRegion;
  const found = await registry.route(region, reference);
  if (!found) return undefined;
  const asynchronous = await invokeConfigs.settingsOf(region, found.version.name, found.qualifier);
  return { ...specOf(found.version), invokedArn: found.invokedArn, asynchronous };
}

/** The policy of a function, a version or an alias, for a check of access. Nothing when it has none. */
export async function functionPolicyFor({ policies }: Functions, arn: string): Promise<PolicyDocument | undefined> {
  const document = await policies.documentOf(arn);
  return document === undefined ? undefined : storedPolicy(document, "resource");
}

function providers(
  { objects, identity, clock }: Foundation,
  queue: Parameters<typeof createLambdaInvoke>[0],
): EngineOptions["providerOf"] {
  const byType: Readonly<Record<string, ActionProvider>> = {
    "Approval/AWS/Manual": manualApproval,
    "Invoke/AWS/Lambda": createLambdaInvoke(queue, clock.now),
    "Source/AWS/S3": createS3Source(objects, identity, clock.now),
  };
  return ({ input: { actionTypeId } }) =>
    byType[`${actionTypeId.category}/${actionTypeId.owner}/${actionTypeId.provider}`];
}

function describeFault(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
