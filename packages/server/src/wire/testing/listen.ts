import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createWire } from "../server.ts";
import type { Service } from "../service.ts";
import type { CallRecord, WireOptions } from "../wire-options.ts";

/** The account of every test. */
export const ACCOUNT = "000000000000";
export const rootPrincipal = { account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, accessKeyId: "test" };

/** A listening server over some services, with what it logged and what was called. */
export interface Listening extends AsyncDisposable {
  readonly endpoint: string;
  readonly port: number;
  readonly calls: CallRecord[];
  readonly warnings: string[];
  readonly errors: object[];
  readonly loads: string[];
}

/** Listens on a free port of the loopback. The key `test` / `test` is root; `session` needs the token `token`. */
export async function listen(
  services: Readonly<Record<string, Service>>,
  options: Partial<WireOptions> = {},
): Promise<Listening> {
  const calls: CallRecord[] = [];
  const warnings: string[] = [];
  const errors: object[] = [];
  const loads: string[] = [];
  let requests = 0;
  const wire = createWire({
    services: Object.fromEntries(
      Object.entries(services).map(([name, one]) => [
        name,
        async () => {
          loads.push(name);
          return one;
        },
      ]),
    ),
    findKey,
    authorize: () => ({ allowed: true }),
    now: () => Date.now(),
    newRequestId: () => `00000000-0000-4000-8000-${String(++requests).padStart(12, "0")}`,
    log: { warn: (_fields, message) => warnings.push(message), error: (fields) => errors.push(fields) },
    onCall: (record) => calls.push(record),
    ...options,
  });
  const server = createServer(wire).on("checkContinue", wire).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // A TCP server has an address of this kind.
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    calls,
    warnings,
    errors,
    loads,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function findKey(accessKeyId: string, sessionToken: string | undefined): ReturnType<WireOptions["findKey"]> {
  if (accessKeyId === "test") return { found: true, secretAccessKey: "test", principal: rootPrincipal };
  if (accessKeyId !== "session") return { found: false, reason: "unknownKey" };
  if (sessionToken === "old") return { found: false, reason: "expiredToken" };
  if (sessionToken !== "token") return { found: false, reason: "badToken" };
  const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/role/session`;
  return { found: true, secretAccessKey: "secret", principal: { account: ACCOUNT, arn, accessKeyId } };
}

/** What SDK clients need to talk to a test's server. */
export function clientOptions(server: Listening) {
  return {
    endpoint: server.endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  };
}
