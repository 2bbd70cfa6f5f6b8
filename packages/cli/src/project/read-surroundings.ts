/** Reading `penstock.yaml`: what a pipeline needs beside its declaration. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { CustomActionTypeDeclaration } from "@penstock/pipeline";
import { inputWrong } from "../failure.ts";
import type { Accounts } from "../server-port.ts";
import { handlerFile } from "./function-code.ts";
import { type PenstockFile, penstockSchema } from "./penstock-schema.ts";
import type { BucketDeclaration, FunctionDeclaration, KeyDeclaration, RoleDeclaration } from "./project.ts";
import { DEFAULT_MEMORY_MB, DEFAULT_TIMEOUT_SECONDS } from "./project.ts";
import { shown } from "./shown.ts";
import { readSource } from "./source-text.ts";
import { validate } from "./validate.ts";

const PENSTOCK_FILES = ["penstock.yaml", "penstock.yml"];

/** `penstock.yaml` with its paths made absolute and its defaults filled in. */
export interface Surroundings {
  /** Absolute path of the file; absent where there is none. */
  readonly file?: string;
  readonly pipeline?: string;
  readonly account?: string;
  readonly accounts?: Accounts;
  readonly region?: string;
  readonly timing?: "fast" | "aws";
  readonly throttling?: "off" | "aws";
  readonly strict?: boolean;
  readonly functions: Readonly<Record<string, FunctionDeclaration>>;
  readonly roles: Readonly<Record<string, RoleDeclaration>>;
  readonly buckets: Readonly<Record<string, BucketDeclaration>>;
  readonly keys: Readonly<Record<string, KeyDeclaration>>;
  readonly actionTypes?: readonly CustomActionTypeDeclaration[];
  readonly otherServices?: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, string>>;
}

/** Reads the one of a folder; without one, everything is empty. Throws a `Failure` (exit status 2). */
export async function readSurroundings(folder: string): Promise<Surroundings> {
  const file = penstockFileIn(folder);
  if (!file) return { functions: {}, roles: {}, buckets: {}, keys: {}, inputs: {} };
  return toSurroundings(await validate(penstockSchema, await readSource(file, shown(file))), file);
}

/** The `penstock.yaml` of a folder, if it has one. */
export function penstockFileIn(folder: string): string | undefined {
  return PENSTOCK_FILES.map((name) => join(folder, name)).find((candidate) => existsSync(candidate));
}

function toSurroundings(parsed: PenstockFile, file: string): Surroundings {
  const folder = dirname(file);
  const { pipeline, account, accounts, region, timing, throttling, strict } = parsed;
  return {
    file,
    ...(pipeline ? { pipeline: resolve(folder, pipeline) } : {}),
    ...(account ? { account } : {}),
    ...(accounts ? { accounts } : {}),
    ...(region ? { region } : {}),
    ...(timing ? { timing } : {}),
    ...(throttling ? { throttling } : {}),
    ...(strict === undefined ? {} : { strict }),
    // Without members that are undefined, which the declaration's type does not know.
    ...(parsed.actionTypes ? { actionTypes: structuredJson(parsed.actionTypes) } : {}),
    ...(parsed.aws ? { otherServices: parsed.aws } : {}),
    functions: mapEntries(parsed.functions, (declared, name) => toFunction(name, declared, file)),
    roles: mapEntries(parsed.roles, toRole),
    buckets: mapEntries(parsed.buckets, toBucket),
    keys: Object.fromEntries(Object.entries(parsed.keys ?? {}).map(([name, key]) => [aliasOf(name), toKey(key)])),
    inputs: mapEntries(parsed.inputs, (input) => resolve(folder, input)),
  };
}

function structuredJson(types: NonNullable<PenstockFile["actionTypes"]>): readonly CustomActionTypeDeclaration[] {
  return JSON.parse(JSON.stringify(types)) as CustomActionTypeDeclaration[]; // the schema has held the shape
}

function toFunction(
  name: string,
  declared: NonNullable<PenstockFile["functions"]>[string],
  file: string,
): FunctionDeclaration {
  const code = resolve(dirname(file), declared.code);
  const runtime = declared.runtime ?? handlerFile(code, declared.handler ?? "")?.runtime;
  if (!runtime) {
    const message = `${shown(file)}: function ${name} has no runtime, and its handler's file does not tell it`;
    throw inputWrong(message, 'Add "runtime", such as python3.12.');
  }
  const handler = declared.handler ?? (runtime.startsWith("provided") ? "bootstrap" : undefined);
  if (!handler) {
    throw inputWrong(
      `${shown(file)}: function ${name} has no handler`,
      'Add "handler", such as lambda_function.lambda_handler.',
    );
  }
  return {
    runtime,
    handler,
    code,
    environment: mapEntries(declared.environment, String),
    timeoutSeconds: declared.timeout ?? DEFAULT_TIMEOUT_SECONDS,
    memoryMb: declared.memory ?? DEFAULT_MEMORY_MB,
    ...(declared.role ? { role: declared.role } : {}),
  };
}

function toRole({ trust, policies }: NonNullable<PenstockFile["roles"]>[string]): RoleDeclaration {
  return { ...(trust ? { trust } : {}), policies: policies ?? {} };
}

function toBucket(bucket: NonNullable<PenstockFile["buckets"]>[string]): BucketDeclaration {
  return {
    ...(bucket?.versioning === undefined ? {} : { versioning: bucket.versioning }),
    ...(bucket?.policy ? { policy: bucket.policy } : {}),
  };
}

function toKey(key: NonNullable<PenstockFile["keys"]>[string]): KeyDeclaration {
  return key?.policy ? { policy: key.policy } : {};
}

/** `artifacts` and `alias/artifacts` are the same key. */
function aliasOf(name: string): string {
  return name.startsWith("alias/") ? name : `alias/${name}`;
}

function mapEntries<A, B>(
  record: Readonly<Record<string, A>> | undefined,
  change: (value: A, key: string) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(record ?? {}).map(([key, value]) => [key, change(value, key)]));
}
