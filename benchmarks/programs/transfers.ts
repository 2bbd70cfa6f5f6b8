/** Sends objects to a server and fetches them, one after the other over one connection that stays open. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { answerQuestions } from "../program.ts";
import { type Credentials, signedObjectHeaders } from "../sign.ts";

export interface TransfersQuestion {
  readonly port: number;
  readonly method: "GET" | "PUT";
  /** Such as `/bucket/key`. A repeated one of a PUT is an object that is replaced. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly count: number;
  /** Those of our servers unless given. */
  readonly credentials?: Credentials;
}

export interface TransfersAnswer {
  /** From the first request to the last answer; what is signed is signed before. */
  readonly ms: number;
}

/** What bodies are made of: bytes that no file system can shrink. */
const BLOCK = createHash("shake256", { outputLength: 1 << 20 })
  .update("penstock")
  .digest();
const EMPTY_SHA256 = createHash("sha256").digest("hex");

const OURS: Credentials = { accessKeyId: "test", secretAccessKey: "test" };

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const hashes = new Map<number, string>();

answerQuestions(async (question: TransfersQuestion): Promise<TransfersAnswer> => {
  const headers = headersFor(question);
  agent.destroy(); // A server may have closed the idle connection while the body was being hashed.
  const startedAt = performance.now();
  for (let index = 0; index < question.count; index += 1) await transfer(question, headers);
  return { ms: performance.now() - startedAt };
});

function headersFor({
  port,
  method,
  path,
  sizeBytes,
  credentials = OURS,
}: TransfersQuestion): Readonly<Record<string, string>> {
  const payloadHash = method === "PUT" ? hashOf(sizeBytes) : EMPTY_SHA256;
  const host = `127.0.0.1:${port}`;
  const signed = signedObjectHeaders({
    host,
    method,
    path,
    payloadHash,
    region: "us-east-1",
    credentials,
    at: Date.now(),
  });
  return method === "PUT" ? { ...signed, "content-length": String(sizeBytes) } : signed;
}

function hashOf(sizeBytes: number): string {
  const known = hashes.get(sizeBytes);
  if (known !== undefined) return known;
  const hash = createHash("sha256");
  for (const block of blocksOf(sizeBytes)) hash.update(block);
  const digest = hash.digest("hex");
  hashes.set(sizeBytes, digest);
  return digest;
}

function* blocksOf(sizeBytes: number): Generator<Buffer> {
  for (let left = sizeBytes; left > 0; left -= BLOCK.length) yield BLOCK.subarray(0, Math.min(left, BLOCK.length));
}

async function transfer(question: TransfersQuestion, headers: Readonly<Record<string, string>>): Promise<void> {
  const { port, method, path, sizeBytes } = question;
  const call = request({ host: "127.0.0.1", port, method, path, agent, headers });
  const answered = once(call, "response") as Promise<[IncomingMessage]>; // as node:http documents the event
  if (method === "PUT") await send(call, sizeBytes);
  call.end();
  const [response] = await answered;
  const receivedBytes = await drain(response);
  const isWhole = method === "PUT" || receivedBytes === sizeBytes;
  const isFine = Math.floor((response.statusCode ?? 0) / 100) === 2;
  if (!isFine || !isWhole) {
    throw new Error(`${method} ${path} was answered ${response.statusCode} with ${receivedBytes} bytes`);
  }
}

async function send(call: ClientRequest, sizeBytes: number): Promise<void> {
  for (const block of blocksOf(sizeBytes)) if (!call.write(block)) await once(call, "drain");
}

function drain(response: IncomingMessage): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let bytes = 0;
  response.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  response.once("end", () => resolve(bytes));
  response.once("error", reject);
  return promise;
}
