import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type HeadStart, startAhead } from "./functions/head-start.ts";
import { machineInterpreters } from "./functions/interpreters.ts";
import { commandFor } from "./functions/runtime-command.ts";
import type { DeployFunction, ServerOptions } from "./server.ts";

/*
 * The package's second entry, small on purpose: it starts a function's process while the server's code still loads.
 * Import it alone, and hand what it answers to `startServer`.
 */

export type { HeadStart } from "./functions/head-start.ts";

/** Names that a handler's text must hold for its import to be sure enough. */
const IMPORTS_BOTO3 = /^\s*(import|from)\s+(boto3|botocore)\b/m;

const IMPORTS_SDK = /^import [^;]*? from ["'](@aws-sdk\/client-[\w-]+)["']/gm;

const IMPORTS_TOOLKIT = /^import [^;]*? from ["']@penstock\/toolkit["']/m;

/** Bytes of a handler's file that are looked at. */
const SEARCHED_BYTES_MAX = 256 * 1024;

/**
 * Starts the process of one function before its server is there. Answers nothing when that cannot be done at once:
 * an interpreter that must be looked for first, or a runtime that is not ours.
 *
 * `handlerFile` is the absolute path of the file that holds the handler.
 */
export function startFunctionAhead(
  declared: Pick<DeployFunction, "runtime" | "codeDir" | "memoryMb" | "environment">,
  handlerFile: string,
  installation: Pick<ServerOptions, "assetsDir" | "cacheDir" | "python" | "nodeModulesDirs">,
): HeadStart | undefined {
  const { cacheDir, assetsDir, nodeModulesDirs } = installation;
  const spec = { ...NOBODY, ...declared };
  const command = commandFor(spec, {
    interpreters: machineInterpreters(installation),
    serverAddress: () => "",
    nodeModulesDirs: nodeModulesDirs ?? [],
    ...(cacheDir !== undefined && { cacheDir }),
    ...(assetsDir !== undefined && { assetsDir }),
  });
  if (command instanceof Promise || "refused" in command || command.runtimeApi === undefined) return undefined;
  return startAhead(command, declared.codeDir, surelyImported(declared.codeDir, handlerFile));
}

const NOBODY = {
  arn: "",
  name: "",
  region: "",
  account: "",
  version: "",
  handler: "",
  timeoutSeconds: 0,
  roleArn: "",
  revisionId: "",
};

const clientsOf = (text: string) => [...text.matchAll(IMPORTS_SDK)].map(([, name = ""]) => name);

/** The toolkit loads its clients when a job needs them: every job is reported, and some have artifacts. */
function toolkitOf(text: string): readonly string[] {
  if (!IMPORTS_TOOLKIT.test(text)) return [];
  const s3 = /\.(input|output)\(/.test(text) ? ["@aws-sdk/client-s3"] : [];
  return ["@penstock/toolkit", "@aws-sdk/client-codepipeline", ...s3];
}

/** What the handler's own text imports of the AWS SDK. Who requires it, as CommonJS, gets another copy: not that. */
function surelyImported(codeDir: string, handlerFile: string): readonly string[] {
  const text = readFileSync(handlerFile).toString("utf8", 0, SEARCHED_BYTES_MAX);
  if (!handlerFile.endsWith(".py")) return [...new Set([...clientsOf(text), ...toolkitOf(text)])];
  // A code folder that brings a boto3 of its own must be on the path before it is imported.
  const brings = ["boto3", "botocore"].some((name) => existsSync(join(codeDir, name)));
  return IMPORTS_BOTO3.test(text) && !brings ? ["boto3"] : [];
}
