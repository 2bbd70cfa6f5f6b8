import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { streamOf } from "./boto3.ts";
import { asClient, type Caller, type Client, cleanEnvironment, Refusal } from "./client.ts";
import { noted, type Penstock } from "./server.ts";

/*
 * The AWS CLI: a process a call, `aws --endpoint-url … <service> <operation> --<member> <value> …`. Structures are
 * given as JSON, bytes in files, as on a real command line.
 */

/** The AWS CLI, as some caller. */
export function awsCli(server: Penstock, caller: Caller = {}): Client {
  const dir = mkdtempSync(join(tmpdir(), "penstock-aws-cli-"));
  server.own(() => rmSync(dir, { recursive: true, force: true }));
  return asClient("AWS CLI", async (service, operation, input) => {
    const streamed = STREAMED_MEMBERS[operation];
    const out = streamed === undefined ? [] : [join(dir, "out")];
    const command = [COMMANDS[service] ?? service.toLowerCase(), kebab(operation), ...inputWords(dir, input), ...out];
    const printed = await aws(server, ["--output", "json", ...command], caller);
    const answered = printed.trim() === "" ? {} : (JSON.parse(printed) as object); // the CLI prints an answer's members
    if (streamed === undefined) return answered;
    return { ...answered, [streamed]: streamOf(readFileSync(join(dir, "out"))) };
  });
}

/** Where the CLI's name of a service is not the API's. */
const COMMANDS: Readonly<Record<string, string>> = { s3: "s3api" };

/** Operations whose bytes the CLI writes to a file that is its last word. */
const STREAMED_MEMBERS: Readonly<Record<string, string>> = { getObject: "Body", invoke: "Payload" };

/** How much the CLI may print. */
const PRINTED_BYTES_MAX = 16 * 1024 * 1024;

function inputWords(dir: string, input: object): readonly string[] {
  const inFile = (name: string, bytes: Uint8Array | string) => {
    const path = join(dir, name);
    writeFileSync(path, bytes);
    return path;
  };
  return Object.entries(input).flatMap(([name, value]: [string, unknown]) => {
    if (name === "Body") return ["--body", inFile(name, value as Uint8Array)]; // what the tests give as a body
    if (isCode(value)) return ["--zip-file", `fileb://${inFile("code.zip", value.ZipFile)}`];
    const option = `--${kebab(name)}`;
    if (value instanceof Uint8Array) return [option, `fileb://${inFile(name, value)}`];
    if (typeof value === "boolean") return [value ? option : option.replace("--", "--no-")];
    return [option, typeof value === "object" ? JSON.stringify(value) : String(value)];
  });
}

function isCode(value: unknown): value is { readonly ZipFile: Uint8Array } {
  return typeof value === "object" && value !== null && "ZipFile" in value;
}

/** `putBucketVersioning` to `put-bucket-versioning`. */
function kebab(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "-").toLowerCase();
}

/** Runs `aws --endpoint-url … <words>`; answers what it printed. Throws a `Refusal` when the server refused. */
export function aws(server: Penstock, words: readonly string[], caller: Caller = {}): Promise<string> {
  const { AWS_ENDPOINT_URL: url = "", ...env } = cleanEnvironment(server, caller);
  const program = noted("aws.json") ?? "aws";
  return new Promise((resolve, reject) => {
    execFile(
      program,
      ["--endpoint-url", url, ...words],
      { env, maxBuffer: PRINTED_BYTES_MAX },
      (error, stdout, stderr) => {
        if (error) reject(toRefusal(stderr) ?? new Error(`aws ${words.join(" ")}: ${stderr}`, { cause: error }));
        else resolve(stdout);
      },
    );
  });
}

function toRefusal(stderr: string): Refusal | undefined {
  const [, code, message] =
    /An error occurred \((\w+)\) when calling the \w+ operation(?: \(.*?\))?: ([\s\S]*)/.exec(stderr) ?? [];
  return code === undefined ? undefined : new Refusal(code, (message ?? "").trimEnd(), undefined);
}
