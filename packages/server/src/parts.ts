import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { rootKeysOf } from "./build-access.ts";
import { buildEngine } from "./build-engine.ts";
import { createMovableClock, systemClock } from "./clock.ts";
import type { DataFolder } from "./data-folder.ts";
import type { CallAsRole } from "./engine/providers/role-calls.ts";
import { createFunctionHost } from "./functions/function-host.ts";
import type { FunctionHost, FunctionSpec } from "./functions/host.ts";
import { machineInterpreters } from "./functions/interpreters.ts";
import { openFunctions } from "./functions/open-functions.ts";
import { lazyFunctionProxy } from "./functions/redirection/lazy-function-proxy.ts";
import { createReservedConcurrency } from "./functions/reserved-concurrency.ts";
import { createIdentity } from "./identity/create-identity.ts";
import type { Identity } from "./identity/identity.ts";
import { createMasterKey, openMasterKey } from "./identity/master-key.ts";
import { createKeys } from "./keys/create-keys.ts";
import { createLineWriter, type LineWriter } from "./logs/line-writer.ts";
import { openObjects } from "./objects/open-objects.ts";
import type { ServerOptions } from "./server.ts";
import { openSqliteStore } from "./store/sqlite/sqlite-store.ts";

/** Whose things are that are made in the process itself, such as by `penstock run`. */
export interface Owner {
  readonly account: string;
  readonly region: string;
}

/** Everything that a server is made of, connected, and not yet at work. */
export type Parts = ReturnType<typeof buildParts>;

/** How long the credentials of a function's process live. Unit: seconds. Source: our choice. */
const FUNCTION_CREDENTIALS_SECONDS = 12 * 3600;

/** What parts are told that stands around them, once it does. */
export interface Surroundings {
  /** Where the server listens: functions are told. */
  url(): string;
  /** How actions call services. */
  readonly callAsRole: CallAsRole;
}

export function buildParts(
  folder: DataFolder,
  owner: Owner,
  options: ServerOptions,
  { url, callAsRole }: Surroundings,
) {
  const { account } = owner;
  const log = options.log ?? (() => {});
  const clock = createMovableClock(systemClock, options.clockAheadMs);
  const { now } = clock;
  const syncs = !options.isThrowAway;
  const masterKey = syncs ? openMasterKey({ dataDir: folder.dir, env: process.env }) : createMasterKey(randomBytes(32));
  const store = openSqliteStore({ path: folder.database, syncs });
  const identity = createIdentity({
    store,
    masterKey,
    rootKeys: rootKeysOf(account, options),
    takesAccountNumbers: !options.rootKeys,
    mode: options.iam ?? "enforce",
    log: { warn: (_, message) => log("warn", message) },
    now,
  });
  const keys = createKeys({ store, masterKey, now });
  const sealing = masterKey.derive("objects");
  const objects = openObjects({
    ...{ dir: folder.objects, store, keys, masterKey: sealing, account, syncs, now },
    wakeAt: clock.wakeAt,
    onFault: (error) => log("error", `The artifact store could not be tidied: ${String(error)}`),
  });
  const functions = openFunctions({ store, dir: folder.functions, objects, now });
  const concurrency = createReservedConcurrency();
  const lines = createLineWriter({ store, now, log: { warn: (text) => log("warn", text) } });
  const proxy = lazyFunctionProxy(() => ({
    secret: masterKey.derive("certificates"),
    folder: join(folder.dir, "certificates"),
    url,
    now: Date.now, // by which clients judge certificates
    env: process.env,
  }));
  const host = buildHost({ folder, identity, lines, now, proxyVariables: proxy.variables }, options, url);
  const foundation = {
    ...owner,
    log,
    clock,
    store,
    identity,
    keys,
    objects,
    functions,
    concurrency,
    lines,
    host,
    proxy,
    scratch: folder.scratch,
    callAsRole,
  };
  return { ...foundation, ...buildEngine(foundation, options) };
}

interface HostGround {
  readonly folder: DataFolder;
  readonly identity: Identity;
  readonly lines: LineWriter;
  readonly now: () => number;
  proxyVariables(): Promise<Readonly<Record<string, string>>>;
}

function buildHost(
  { folder, identity, lines, now, proxyVariables }: HostGround,
  options: ServerOptions,
  url: () => string,
): FunctionHost {
  const { ahead, cacheDir, assetsDir, nodeModulesDirs } = options;
  return createFunctionHost({
    endpointUrl: url,
    credentialsFor: ({ roleArn, name }: FunctionSpec) =>
      identity.issueSession({ roleArn, sessionName: name, durationSeconds: FUNCTION_CREDENTIALS_SECONDS, now: now() }),
    interpreters: machineInterpreters(options, (text) => options.log?.("info", text)),
    now,
    log: { warn: (text) => options.log?.("warn", text) },
    openLog: ({ account, region, name }, stream) =>
      lines.open({ account, region, group: `/aws/lambda/${name}`, stream }),
    workDir: folder.scratch,
    proxyVariables,
    nodeModulesDirs: nodeModulesDirs ?? [],
    ...(options.debugPort !== undefined && { debugPort: options.debugPort }),
    ...(options.preloadedFork !== undefined && { preloadedFork: options.preloadedFork }),
    ...(ahead && { ahead }),
    ...(cacheDir !== undefined && { cacheDir }),
    ...(assetsDir !== undefined && { assetsDir }),
  });
}
