import { randomUUID } from "node:crypto";
import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createAuthorize } from "./build-access.ts";
import { createRoleCalls } from "./build-calls.ts";
import { createOwnPages, inspectorOptions, settled } from "./build-inspector.ts";
import type { CaptureOptions } from "./capture/capture-job.ts";
import type { JobCapture } from "./capture/job-capture.ts";
import { takeDataFolder } from "./data-folder.ts";
import { readAction } from "./engine/jobs.ts";
import { asCaller } from "./engine/providers/as-caller.ts";
import { artifactCredentials, buildJobEvent } from "./engine/providers/job-event.ts";
import { isForOthers } from "./functions/redirection/aws-hosts.ts";
import type { FunctionProxy } from "./functions/redirection/function-proxy.ts";
import { specOf } from "./functions/registry.ts";
import { withinReserved } from "./functions/reserved-concurrency.ts";
import { handleRuntimeApi } from "./functions/runtime-api.ts";
import { accountOfArn } from "./identity/arn.ts";
import { awsCredentials } from "./identity/aws-credentials.ts";
import type { Caller } from "./identity/identity.ts";
import { buildParts, type Parts } from "./parts.ts";
import { type DeployFunction, type Server, type ServerOptions, type ServiceName, StartError } from "./server.ts";
import type { Lambda } from "./services/lambda/context.ts";
import { findActionExecution } from "./store/action-execution.ts";
import { findJob } from "./store/job.ts";
import type { Diagnosis } from "./why/diagnosis.ts";
import { ServiceError } from "./wire/error.ts";
import type { Call } from "./wire/operation.ts";
import type { OtherService } from "./wire/other-services.ts";
import { createWire } from "./wire/server.ts";
import { invokeOperation, type Service } from "./wire/service.ts";
import type { RequestRate } from "./wire/throttle.ts";

/*
 * Builds and connects everything; nobody imports it but the package's index.
 *
 * A server takes its data folder, opens what is in it, listens, and begins what an earlier life left undone.
 * Each service's module is loaded on its first request, because a start should cost what it uses.
 */

/** An import would evaluate all that the module exports, an HTTP client of 20 ms among it. */
const { createServer } = process.getBuiltinModule("node:http");

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;

/**
 * Starts a server. Resolves when requests are served.
 *
 * Errors: `StartError`, `DataFolderError`, `MasterKeyError`, `StoreVersionError`: each says what is wrong and what to do.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const host = options.host ?? "127.0.0.1";
  if (!LOOPBACK.test(host) && !options.rootKeys) {
    throw new StartError(
      `Penstock does not listen on ${host} with its well-known key: anyone could use it. Give it keys of its own with PENSTOCK_ROOT_ACCESS_KEY_ID and PENSTOCK_ROOT_SECRET_ACCESS_KEY, or leave out --host.`,
    );
  }
  const folder = takeDataFolder(options.dataDir);
  const http = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 });
  try {
    await listen(http, host, options.port ?? 0);
    const { port } = http.address() as AddressInfo; // it listens on a port, not on a pipe
    const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
    const owner = { account: options.account ?? "000000000000", region: options.region ?? "us-east-1" };
    const parts: Parts = buildParts(folder, owner, options, {
      url: () => url,
      callAsRole: (call) => callAsRole(call),
    });
    const services = loadServices(parts, options);
    const callAsRole = createRoleCalls(parts, services);
    connect(http, parts, services, options);
    await parts.engine.recover();
    return describe({ url, port, parts, services, http, options, release: folder.release });
  } catch (error) {
    http.close();
    folder.release();
    throw error;
  }
}

/** How long an idle connection is kept. Unit: milliseconds. */
const KEEP_ALIVE_MS = 60_000;

type Services = Readonly<Record<ServiceName, () => Promise<Service>>>;

function otherServices(
  { otherServices: given = {} }: ServerOptions,
  served: Services,
): ReadonlyMap<string, OtherService> {
  return new Map(
    Object.entries(given).map(([name, way]) => {
      if (!Object.hasOwn(served, name)) return [name, otherService(name, way)];
      throw new StartError(`Penstock serves ${name} itself; its calls go nowhere else.`);
    }),
  );
}

function otherService(name: string, way: string): OtherService {
  if (way === "refuse" || way === "aws") return way;
  const url = URL.canParse(way) ? new URL(way) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new StartError(
    `Calls of ${name} cannot go to ${way}: say refuse, aws, or a URL such as http://localhost:8000.`,
  );
}

function listen(http: HttpServer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once("error", (error: NodeJS.ErrnoException) =>
      reject(new StartError(listenText(error, host, port), { cause: error })),
    );
    http.listen(port, host, () => resolve());
  });
}

function listenText(error: NodeJS.ErrnoException, host: string, port: number): string {
  const otherPort = "choose another port with --port (0 takes any free one)";
  switch (error.code) {
    case "EADDRINUSE":
      return `Port ${port} on ${host} is in use. Stop what listens there, or ${otherPort}.`;
    case "EACCES":
      return `This user may not listen on port ${port}. Take one above 1023: ${otherPort}.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `${host} is not an address of this machine. Name one that is with --host, or leave it out for 127.0.0.1.`;
    default:
      return `Penstock cannot listen on ${host}:${port} (${error.message}). Name another address with --host, or ${otherPort}.`;
  }
}

function connect(http: HttpServer, parts: Parts, services: Services, options: ServerOptions): void {
  const others = otherServices(options, services);
  const wire = createWire<Caller>({
    services,
    findKey: parts.identity.findKey,
    otherService: (name) => others.get(name) ?? "refuse",
    authorize: createAuthorize(parts),
    awsCredentials: awsCredentials(process.env),
    now: parts.clock.now,
    newRequestId: randomUUID,
    log: {
      warn: (_, message) => parts.log("warn", message),
      error: (fields, message) => parts.log("error", `${message}: ${describeFault(fields)}`),
    },
    onCall: parts.tellCall,
  });
  const ownPages = createOwnPages(parts, options);
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    if (isForOthers(request)) forward(parts, request, response);
    else if (request.url?.startsWith("/_penstock/")) ownPages(request, response);
    else if (!handleRuntimeApi(request, response)) wire(request, response);
  };
  http.on("request", serve).on("checkContinue", serve);
  http.on("connect", (request, socket, head) => {
    const open = (proxy: FunctionProxy) =>
      proxy.connect(request, socket, head, (stream) => http.emit("connection", stream));
    parts.proxy.open().then(open, (error) => {
      parts.log("error", `The proxy for functions cannot be opened: ${describeFault({ err: error })}`);
      socket.destroy();
    });
  });
}

function forward({ proxy, log }: Parts, request: IncomingMessage, response: ServerResponse): void {
  proxy.open().then(
    ({ forward: pass }) => pass(request, response),
    (error) => {
      log("error", `The proxy for functions cannot be opened: ${describeFault({ err: error })}`);
      response.destroy();
    },
  );
}

function describeFault(fields: object): string {
  const error = "err" in fields ? fields.err : undefined;
  return error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(fields);
}

/**
 * What CodePipeline takes with `throttling: aws`. AWS publishes no number; some 20 to 25 starts at once were throttled.
 *
 * Source: our choice, after what others have met.
 */
const AWS_RATE: RequestRate = { burst: 20, perSecond: 5 };

function loadServices(parts: Parts, { throttling }: ServerOptions): Services {
  const { store, identity, keys, objects, lines } = parts;
  return {
    codepipeline: async () => {
      const served = (await import("./services/codepipeline/operations.ts")).codePipeline(parts.codePipeline);
      return throttling === "aws" ? (await import("./wire/throttle.ts")).throttled(served, AWS_RATE) : served;
    },
    lambda: async () => (await import("./services/lambda/operations.ts")).lambda(lambdaContext(parts)),
    s3: async () => (await import("./services/s3/operations.ts")).s3({ objects, keys }),
    sts: async () => (await import("./services/sts/operations.ts")).sts({ store, identity }),
    iam: async () => (await import("./services/iam/operations.ts")).iam({ store, identity }),
    kms: async () => (await import("./services/kms/operations.ts")).kms({ store, keys, identity }),
    logs: async () => (await import("./services/logs/operations.ts")).logs({ store, lines }),
  };
}

function lambdaContext(parts: Parts): Lambda {
  const { functions, concurrency, host, queue, log } = parts;
  const authorize = createAuthorize(parts);
  return {
    ...functions,
    host: {
      invoke: (spec, invocation) => withinReserved(concurrency, spec, () => host.invoke(spec, invocation)),
    },
    invokeAsync: queue.enqueue,
    canAssume: parts.canAssume("lambda.amazonaws.com"),
    async whyNotInvoke(roleArn, resource) {
      const access = await authorize(asCaller(roleArn, "penstock"), { action: "lambda:InvokeFunction", resource });
      return access.allowed ? undefined : access.message;
    },
    retire: (arn) => void host.retire(arn).catch(() => {}), // its processes end with the server at the latest
    warn: (message) => log("warn", message),
  };
}

interface Running {
  readonly url: string;
  readonly port: number;
  readonly parts: Parts;
  readonly services: Services;
  readonly http: HttpServer;
  readonly options: ServerOptions;
  release(): void;
}

function describe(running: Running): Server {
  const { url, port, parts } = running;
  let stopping: Promise<void> | undefined;
  return {
    url,
    port,
    objects: parts.objects,
    watch: parts.story.watch,
    call: (service, operation, input, account) => callAsRoot(running, { service, operation, input, account }),
    deployFunction: (declared) => deployFunction(parts, declared),
    deployPipeline: (declaration) => deployPipeline(parts, declaration),
    jobEvent: (jobId) => jobEvent(parts, jobId),
    capture: (jobId, options) => capture(parts, jobId, options),
    settled: (executionId) => settled(parts, executionId),
    why: (id) => whyOf(running, id),
    advanceClock: (ms) => moveClock(running, ms),
    stop: () => {
      stopping ??= stop(running);
      return stopping;
    },
  };
}

async function stop({ parts, http, release, options }: Running): Promise<void> {
  parts.queue.close();
  parts.partners.close();
  parts.engine.close();
  http.close();
  const gone = parts.host.stop(); // killed in this turn; where the folder goes as well, nobody waits until they are gone
  if (options.isThrowAway) gone.catch(() => {});
  else await gone;
  http.closeAllConnections();
  await parts.objects.close();
  await parts.lines.flush();
  parts.story.handOver();
  await parts.store.close();
  release();
}

function rootCall({ region, clock, ...parts }: Parts, account = parts.account): Call<Caller> {
  const principal = { type: "root", account, arn: `arn:aws:iam::${account}:root`, accessKeyId: "" } as const;
  return { requestId: randomUUID(), region, principal, now: clock.now() };
}

interface RootsCall {
  readonly service: ServiceName;
  readonly operation: string;
  readonly input: object;
  readonly account: string | undefined;
}

async function callAsRoot({ parts, services }: Running, { service: name, operation, input, account }: RootsCall) {
  const service = (await services[name]()) as Service<Record<string, { input: object; output: object }>>; // named by callers at run time
  return await invokeOperation(service, operation, input, rootCall(parts, account));
}

async function deployFunction(parts: Parts, declared: DeployFunction): Promise<{ arn: string }> {
  const { name, codeDir, runtime, handler, roleArn, timeoutSeconds, memoryMb, environment, layers = [] } = declared;
  const { region, host } = parts;
  const home = { account: accountOfArn(roleArn), region };
  const { registry } = parts.functions;
  const settings = { runtime, handler, roleArn, timeoutSeconds, memoryMb, environment, layerFolders: layers };
  const code = { type: "folder", path: codeDir } as const;
  const before = await registry.find(home, name);
  const stored = before
    ? await registry.updateCode({ ...home, reference: name }, code, settings)
    : await registry.create({ ...home, name, code, settings });
  host.prestart(specOf(stored));
  return { arn: stored.arn };
}

async function deployPipeline(parts: Parts, declaration: object): Promise<void> {
  const { deployPipeline: deploy } = await import("./services/codepipeline/deploy-pipeline.ts");
  await deploy(parts.codePipeline, declaration, rootCall(parts));
}

async function jobEvent({ store, codePipeline, identity, clock }: Parts, jobId: string): Promise<object> {
  const job = await store.read.first(findJob, { id: jobId });
  const row = job && (await store.read.first(findActionExecution, { id: job.action_execution_id }));
  if (!row) throw new ServiceError("JobNotFoundException", `Job with id '${jobId}' does not exist`);
  const action = await readAction(store.read, row, codePipeline.declarations);
  const token = job.continuation_token === null ? {} : { continuationToken: job.continuation_token };
  return buildJobEvent({ jobId, action, ...token }, artifactCredentials(identity, action, clock.now()));
}

async function capture(parts: Parts, jobId: string, options: CaptureOptions = {}): Promise<JobCapture | undefined> {
  const { captureOf } = await import("./build-capture.ts");
  await parts.story.kept();
  return await captureOf(parts, jobId, options);
}

async function whyOf({ parts, options }: Running, id: string): Promise<readonly Diagnosis[]> {
  const { why } = await import("./inspector/why.ts");
  await parts.story.kept();
  return await why(id, inspectorOptions(parts, options.timing));
}

async function moveClock({ parts, options }: Running, ms: number): Promise<void> {
  const { advanceClock } = await import("./inspector/move-clock.ts");
  await advanceClock(ms, inspectorOptions(parts, options.timing));
}
