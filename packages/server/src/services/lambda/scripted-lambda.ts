import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipFolder } from "../../archive/zip-folder.ts";
import type { FunctionSpec, Invocation, InvocationEnd } from "../../functions/host.ts";
import { openFunctions } from "../../functions/open-functions.ts";
import { openSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import { ServiceError } from "../../wire/error.ts";
import type { Call } from "../../wire/operation.ts";
import type { AsynchronousCall, Lambda } from "./context.ts";
import { operations } from "./operations.ts";
import type { Operations } from "./shapes.generated.ts";

export const account = "000000000000";
export const greetArn = `arn:aws:lambda:us-east-1:${account}:function:greet`;
export const roleArn = `arn:aws:iam::${account}:role/lambda`;

/** For tests: Lambda over a real store and registry, with a host that answers by script. */
export interface ScriptedLambda {
  readonly context: Lambda;
  readonly call: Call;
  /** What the host was asked to run. */
  readonly invoked: { readonly spec: FunctionSpec; readonly invocation: Invocation }[];
  /** What the host answers, where it differs from a function that returns `"hello"`. */
  ending: Partial<InvocationEnd>;
  /** What the function writes. */
  lines: readonly string[];
  readonly queued: AsynchronousCall[];
  readonly retired: string[];
  readonly warnings: string[];
  /** What divides the calls of an alias, from 0 to below 1. */
  draw: number;
  /** A role that may call no function. */
  mayNotInvoke: string | undefined;
  run<N extends keyof Operations>(name: N, input: Operations[N]["input"]): Promise<Operations[N]["output"]>;
  /** The rights that an operation asks for, as `action resource`. */
  access<N extends keyof Operations>(name: N, input: Operations[N]["input"]): Promise<readonly string[]>;
  zip(text: string): Promise<Buffer>;
  /** What creates the function `greet`. */
  creation(text?: string): Promise<Operations["CreateFunction"]["input"]>;
  close(): Promise<void>;
}

export function openScriptedLambda(): ScriptedLambda {
  const dir = mkdtempSync(join(tmpdir(), "penstock-lambda-"));
  const store = openSqliteStore({ path: ":memory:" });
  const scripted: ScriptedLambda = {
    context: {
      ...openFunctions({
        store,
        dir: join(dir, "functions"),
        objects: { get: noObject },
        now,
        random: () => scripted.draw,
      }),
      host: {
        async invoke(spec, invocation) {
          scripted.invoked.push({ spec, invocation });
          for (const line of scripted.lines) invocation.onLine?.(line);
          return { outcome: "returned", payload: Buffer.from('"hello"'), durationMs: 1, ...scripted.ending };
        },
      },
      invokeAsync: async (asked) => void scripted.queued.push(asked),
      canAssume: async (role) => role === roleArn,
      whyNotInvoke: async (role) => (role === scripted.mayNotInvoke ? "no" : undefined),
      retire: (functionArn) => void scripted.retired.push(functionArn),
      warn: (message) => void scripted.warnings.push(message),
    },
    call: {
      requestId: "11111111-2222-3333-4444-555555555555",
      region: "us-east-1",
      principal: { account, arn: `arn:aws:iam::${account}:root`, accessKeyId: "test" },
      now: now(),
    },
    invoked: [],
    ending: {},
    lines: [],
    queued: [],
    retired: [],
    warnings: [],
    draw: 0,
    mayNotInvoke: undefined,
    run: (name, input) => find(name).run(input, scripted.context, scripted.call),
    async access(name, input) {
      const needed = await find(name).access?.(input, scripted.context, scripted.call);
      return (needed ?? []).map(({ action, resource }) => `${action} ${resource}`);
    },
    zip: (text) => zipOf(mkdtempSync(join(dir, "zip-")), text),
    async creation(text = "x = 1") {
      const Code = { ZipFile: await scripted.zip(text) };
      return { FunctionName: "greet", Runtime: "python3.12", Role: roleArn, Handler: "app.handler", Code };
    },
    async close() {
      await store.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return scripted;
}

const now = () => Date.UTC(2026, 10, 24, 10);

const noObject = async () => {
  throw new ServiceError("NoSuchKey", "The specified key does not exist.", 404);
};

function find<N extends keyof Operations>(name: N): NonNullable<(typeof operations)[N]> {
  const found = operations[name];
  if (!found) throw new Error(`${name} is not served`);
  return found;
}

async function zipOf(folder: string, text: string): Promise<Buffer> {
  mkdirSync(join(folder, "code"));
  writeFileSync(join(folder, "code/app.py"), text);
  await zipFolder(join(folder, "code"), join(folder, "code.zip"));
  return readFileSync(join(folder, "code.zip"));
}
