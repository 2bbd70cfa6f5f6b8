import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { asClient, type Caller, type Client, cleanEnvironment, Refusal, ROOT } from "./client.ts";
import { noted, type Penstock, WORKSPACE } from "./server.ts";

/*
 * boto3, in one Python process for a server: a start of it costs more than all the calls of a test. The process
 * reads a call a line and answers a line for each, in order (`boto3_runner.py`).
 */

/** What the runner answers to one call. */
interface Answer {
  readonly output?: unknown;
  readonly error?: { readonly code: string; readonly message: string; readonly status?: number };
}

/** Sends one call as some caller. */
type Ask = (caller: Caller, service: string, operation: string, input: object) => Promise<Answer>;

const runners = new WeakMap<Penstock, Ask>();

/** boto3, as some caller. All callers of a server share its process. */
export function boto3(server: Penstock, caller: Caller = {}): Client {
  const known = runners.get(server);
  const ask = known ?? startRunner(server);
  if (!known) runners.set(server, ask);
  const whole = { ...caller, region: caller.region ?? server.region, credentials: caller.credentials ?? ROOT };
  return asClient("boto3", async (service, operation, input) => {
    const { output, error } = await ask(whole, service.toLowerCase(), operation, input);
    if (error) throw new Refusal(error.code, error.message, error.status);
    return output;
  });
}

/** The Python whose boto3 is driven. */
export function pythonPath(): string {
  return process.env["PENSTOCK_PYTHON"] ?? noted("python.json") ?? "python3";
}

function startRunner(server: Penstock): Ask {
  const child = spawn(pythonPath(), ["-I", join(WORKSPACE, "conformance/boto3_runner.py")], {
    env: cleanEnvironment(server),
    stdio: ["pipe", "pipe", "inherit"],
  });
  const waiting: PromiseWithResolvers<Answer>[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.resolve(JSON.parse(line, revive)));
  child.on("exit", (code) => {
    for (const call of waiting.splice(0)) call.reject(new Error(`The boto3 runner has ended with ${code}.`));
  });
  server.own(() => ended(child));
  return (caller, service, operation, input) => {
    const call = Promise.withResolvers<Answer>();
    waiting.push(call);
    child.stdin.write(`${JSON.stringify({ ...caller, service, operation, input: marked(input) })}\n`);
    return call.promise;
  };
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.stdin?.end();
  await exit;
}

/** JSON has no bytes and no dates: they travel as `{"$bytes": base64}` and `{"$date": ISO 8601}`. */
function marked(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  if (value instanceof Date) return { $date: value.toISOString() };
  if (Array.isArray(value)) return value.map(marked);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, marked(member)]));
}

function revive(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("$date" in value) return new Date(String(value.$date));
  if ("$bytes" in value) return new Uint8Array(Buffer.from(String(value.$bytes), "base64"));
  if ("$stream" in value) return streamOf(Buffer.from(String(value.$stream), "base64"));
  return value;
}

/** The face of the SDK's stream over bytes that are there. */
export function streamOf(bytes: Buffer) {
  return {
    transformToString: async () => bytes.toString(),
    transformToByteArray: async () => new Uint8Array(bytes),
  };
}
