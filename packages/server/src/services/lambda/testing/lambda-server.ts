import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CreateFunctionCommand, InvokeCommand, type InvokeCommandInput, LambdaClient } from "@aws-sdk/client-lambda";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { type Server, type ServerOptions, type StoryEntry, startServer, zipFolder } from "../../../index.ts";

/*
 * A whole server with the official client of Lambda, for functions that really run. Functions of a test leave what
 * they saw in files of `dir`; a pipe there lets a test wait for one, and one wait for the test, without a clock.
 */

export const ACCOUNT = "000000000000";
export const REGION = "us-east-1";
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/lambda`;

export interface LambdaServer {
  readonly server: Server;
  readonly client: LambdaClient;
  /** For the files of functions. */
  readonly dir: string;
  readonly story: readonly StoryEntry[];
  readonly logged: readonly string[];
  /** Creates a function of Node whose module is `text`. Its folder is `dir`, in DIR. */
  create(name: string, text: string, more?: Partial<CreateFunctionCommand["input"]>): Promise<string>;
  /** Calls a function, and answers its payload, parsed, and the version that ran. */
  call(reference: string, more?: Partial<InvokeCommandInput>): Promise<Called>;
  /** The lines that functions have written to a file of `dir`. */
  lines(file: string): readonly string[];
  /** Makes a pipe in `dir`; whoever opens it waits for the other side. */
  pipe(file: string): string;
  role(name: string, statements: readonly object[], service?: string): Promise<string>;
  /** A client of a session of a role that anyone of the account may assume. */
  clientOf(roleArn: string): Promise<LambdaClient>;
  stop(): Promise<void>;
}

export interface Called {
  readonly value: unknown;
  readonly version: string | undefined;
  readonly error: string | undefined;
}

export async function startLambda(options: Partial<ServerOptions> = {}): Promise<LambdaServer> {
  const dir = mkdtempSync(join(tmpdir(), "penstock-lambda-server-"));
  const logged: string[] = [];
  const server = await startServer({
    dataDir: join(dir, "data"),
    timing: "fast",
    log: (level, message) => void logged.push(`${level} ${message}`),
    ...options,
  });
  const story: StoryEntry[] = [];
  server.watch((entry) => void story.push(entry));
  const client = clientFor(server.url, { accessKeyId: "test", secretAccessKey: "test" });
  const opened: LambdaServer = {
    server,
    client,
    dir,
    story,
    logged,
    create: (name, text, more) => create(opened, name, text, more),
    call: (reference, more) => call(opened, reference, more),
    lines: (file) => readLines(join(dir, file)),
    pipe(file) {
      const path = join(dir, file);
      execFileSync("mkfifo", [path]);
      return path;
    },
    role: (name, statements, service = "lambda.amazonaws.com") => createRole(server, name, statements, service),
    clientOf: async (roleArn) => clientFor(server.url, await assume(server.url, roleArn)),
    async stop() {
      client.destroy();
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  await opened.role("lambda", [{ Effect: "Allow", Action: "*", Resource: "*" }]);
  return opened;
}

/** A zip of files, by their paths. */
export async function zipOf(dir: string, files: Readonly<Record<string, string>>): Promise<Buffer> {
  const folder = writeFiles(mkdtempSync(join(dir, "zip-")), files);
  await zipFolder(folder, `${folder}.zip`);
  return readFileSync(`${folder}.zip`);
}

/** Writes files by their paths; answers the folder. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

async function create(
  { client, dir }: LambdaServer,
  name: string,
  text: string,
  more: Partial<CreateFunctionCommand["input"]> = {},
): Promise<string> {
  const created = await client.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Role: ROLE,
      Code: { ZipFile: await zipOf(dir, { "index.mjs": text }) },
      Environment: { Variables: { DIR: dir } },
      Timeout: 30,
      ...more,
    }),
  );
  return created.FunctionArn ?? "";
}

async function call(
  { client }: LambdaServer,
  FunctionName: string,
  more: Partial<InvokeCommandInput> = {},
): Promise<Called> {
  const answer = await client.send(new InvokeCommand({ FunctionName, ...more }));
  const text = answer.Payload?.transformToString() ?? "";
  return {
    value: text === "" ? undefined : JSON.parse(text),
    version: answer.ExecutedVersion,
    error: answer.FunctionError,
  };
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, "utf8").split("\n").slice(0, -1); // the last line may still be written
  } catch {
    return []; // nobody has written it yet
  }
}

async function createRole(server: Server, name: string, statements: readonly object[], service: string) {
  const Principal = { Service: service, AWS: `arn:aws:iam::${ACCOUNT}:root` };
  const trust = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal, Action: "sts:AssumeRole" }] };
  await server.call("iam", "CreateRole", { RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) });
  if (statements.length > 0) {
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: statements });
    await server.call("iam", "PutRolePolicy", { RoleName: name, PolicyName: "its-own", PolicyDocument });
  }
  return `arn:aws:iam::${ACCOUNT}:role/${name}`;
}

async function assume(endpoint: string, RoleArn: string) {
  const sts = new STSClient({
    region: REGION,
    endpoint,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "tester" }));
  sts.destroy();
  return {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken ?? "",
  };
}

function clientFor(
  endpoint: string,
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string },
): LambdaClient {
  return new LambdaClient({ region: REGION, endpoint, credentials, maxAttempts: 1 });
}
