import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer as createTcpServer } from "node:net";
import type { Duplex } from "node:stream";
import type { FunctionError } from "./host.ts";

/**
 * Lambda's Runtime API: how a function's process asks for its events and answers them.
 *
 * Every environment has a way in of its own, so that none can take or answer another's events. The runtimes that we
 * ship (Python, Node) inherit a socket and speak HTTP over it: no port to find, no connection to make, and a third
 * less time for each round trip than over TCP. A runtime that brings its own loop (`provided`) gets a TCP listener of
 * its own, on a loopback address and port that no other environment has.
 *
 * All connections end in one HTTP server that itself never listens; what a connection belongs to is noted when it
 * comes. Source: Lambda developer guide, "Using the Lambda runtime API for custom runtimes".
 */
export interface RuntimeApi {
  /** Serves an environment over a connection that it inherited. */
  attach(connection: Duplex, environment: RuntimeApiClient): void;
  /** Opens a listener for one environment, whose address is for `AWS_LAMBDA_RUNTIME_API`. */
  listen(environment: RuntimeApiClient): Promise<RuntimeApiListener>;
}

export interface RuntimeApiListener {
  /** `host:port`. */
  readonly address: string;
  close(): void;
}

/** The environment behind a connection. Each method answers why it refuses, or nothing. */
export interface RuntimeApiClient {
  next(response: ServerResponse): RuntimeApiRefusal | undefined;
  respond(requestId: string, payload: Buffer): RuntimeApiRefusal | undefined;
  /** Ends an invocation whose answer is too large. */
  respondTooLarge(requestId: string, sizeBytes: number): RuntimeApiRefusal | undefined;
  fail(requestId: string, report: ErrorReport): RuntimeApiRefusal | undefined;
  failInit(report: ErrorReport): RuntimeApiRefusal | undefined;
}

export interface RuntimeApiRefusal {
  readonly status: 400 | 403;
  readonly errorType: string;
  readonly errorMessage: string;
}

export interface ErrorReport {
  /** The body as it came, for whoever called the function. */
  readonly payload: Buffer;
  readonly error: FunctionError;
}

/**
 * Largest answer of a function.
 *
 * Unit: bytes. Source: Lambda quotas, synchronous payload of 6 MB, with the slack that the service's own message names.
 */
export const RESPONSE_BYTES_MAX = 6_291_556;

const PREFIX = "/2018-06-01/runtime/";

export function createRuntimeApi(): RuntimeApi {
  const lines = new WeakMap<object, Line>();
  const server = process.getBuiltinModule("node:http").createServer((request, response) => {
    const line = lines.get(request.socket);
    if (line) route(line, request, response);
    else request.destroy();
  });
  waitForEver(server);
  const attach = (connection: Duplex, client: RuntimeApiClient) => {
    lines.set(connection, { client, isReading: false, afterReading: undefined });
    server.emit("connection", connection);
  };
  return { attach, listen: (client) => listen((connection) => attach(connection, client)) };
}

/**
 * One connection. A runtime of ours sends its answer and its next question in one piece, and node tells of the question
 * before the answer's body has been read; so what follows a body waits for its end.
 */
interface Line {
  readonly client: RuntimeApiClient;
  isReading: boolean;
  afterReading: (() => void) | undefined;
}

/** A function may take 15 minutes to answer, and its next event may come tomorrow. */
function waitForEver(server: Server): void {
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  server.timeout = 0;
}

async function listen(attach: (connection: Duplex) => void): Promise<RuntimeApiListener> {
  const host = loopbackAddress();
  const server = createTcpServer({ noDelay: true }, attach);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, resolve);
  });
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  return { address: `${host}:${port}`, close: () => void server.close() };
}

/** Linux answers on all of 127.0.0.0/8: an address by chance keeps strays of an ended environment from the next one. */
function loopbackAddress(): string {
  if (process.platform !== "linux") return "127.0.0.1";
  const byte = () => 1 + Math.floor(Math.random() * 254);
  return `127.${byte()}.${byte()}.${byte()}`;
}

function route(line: Line, request: IncomingMessage, response: ServerResponse): void {
  const { client } = line;
  const path = request.url ?? "";
  const [kind, requestId, verb] = path.startsWith(PREFIX) ? path.slice(PREFIX.length).split("/") : [];
  if (request.method === "GET" && kind === "invocation" && requestId === "next") {
    ask(line, response);
  } else if (request.method === "POST" && kind === "invocation" && requestId && verb === "response") {
    readBody(line, request, (payload, sizeBytes) => {
      if (payload) accept(response, client.respond(requestId, payload));
      else accept(response, client.respondTooLarge(requestId, sizeBytes) ?? tooLarge(sizeBytes));
    });
  } else if (request.method === "POST" && kind === "invocation" && requestId && verb === "error") {
    readReport(line, request, (report) => accept(response, client.fail(requestId, report)));
  } else if (request.method === "POST" && kind === "init" && requestId === "error") {
    readReport(line, request, (report) => accept(response, client.failInit(report)));
  } else {
    request.resume();
    reply(response, 404, { errorType: "InvalidRequest", errorMessage: `No such call: ${request.method} ${path}` });
  }
}

function ask(line: Line, response: ServerResponse): void {
  const question = () => {
    const refusal = line.client.next(response);
    if (refusal) refuse(response, refusal);
  };
  if (line.isReading) line.afterReading = question;
  else question();
}

function accept(response: ServerResponse, refusal: RuntimeApiRefusal | TooLarge | undefined): void {
  if (refusal) refuse(response, refusal);
  else send(response, 202, ACCEPTED);
}

interface TooLarge extends Omit<RuntimeApiRefusal, "status"> {
  readonly status: 413;
}

function tooLarge(sizeBytes: number): TooLarge {
  return { status: 413, errorType: "RequestEntityTooLarge", errorMessage: tooLargeText(sizeBytes) };
}

/** What Lambda tells the caller of a function whose answer is too large. */
export const tooLargeText = (sizeBytes: number) =>
  `Response payload size (${sizeBytes} bytes) exceeded maximum allowed payload size (${RESPONSE_BYTES_MAX} bytes).`;

function refuse(response: ServerResponse, { status, errorType, errorMessage }: RuntimeApiRefusal | TooLarge): void {
  reply(response, status, { errorType, errorMessage });
}

function reply(response: ServerResponse, status: number, body: object): void {
  send(response, status, Buffer.from(JSON.stringify(body)));
}

const ACCEPTED = Buffer.from('{"status":"OK"}\n');

function send(response: ServerResponse, status: number, body: Buffer): void {
  response.sendDate = false;
  response.writeHead(status, ["Content-Type", "application/json", "Content-Length", String(body.length)]);
  response.end(body);
}

/** Hands over the body, or only its size once that is over the limit. */
function readBody(
  line: Line,
  request: IncomingMessage,
  done: (body: Buffer | undefined, sizeBytes: number) => void,
): void {
  let parts: Buffer[] = [];
  let sizeBytes = 0;
  line.isReading = true;
  request.on("data", (part: Buffer) => {
    sizeBytes += part.length;
    if (sizeBytes > RESPONSE_BYTES_MAX) parts = [];
    else parts.push(part);
  });
  request.on("end", () => {
    const [only] = parts;
    const body = parts.length === 1 && only ? only : Buffer.concat(parts);
    line.isReading = false;
    done(sizeBytes > RESPONSE_BYTES_MAX ? undefined : body, sizeBytes);
    line.afterReading?.();
    line.afterReading = undefined;
  });
}

function readReport(line: Line, request: IncomingMessage, done: (report: ErrorReport) => void): void {
  const header = request.headers["lambda-runtime-function-error-type"];
  const typeHeader = typeof header === "string" ? header : "";
  readBody(line, request, (body) => done(readError(body ?? Buffer.alloc(0), typeHeader)));
}

/** Makes sense of an error report. A runtime of the user's own may send anything, so every part may be missing. */
function readError(body: Buffer, typeHeader: string): ErrorReport {
  const fields = parseObject(body);
  const trace = fields["stackTrace"] ?? fields["trace"];
  const error: FunctionError = {
    errorType: textOr(fields["errorType"], typeHeader || "Unknown"),
    errorMessage: textOr(fields["errorMessage"], ""),
    stackTrace: Array.isArray(trace) ? trace.map(String) : [],
  };
  return { payload: Object.keys(fields).length > 0 ? body : Buffer.from(JSON.stringify(error)), error };
}

function parseObject(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
    return value as Record<string, unknown>; // An object that came from JSON has string keys and unknown values.
  } catch {
    return {}; // Not JSON: the error then has the type of the header, or none.
  }
}

const textOr = (value: unknown, otherwise: string) => (typeof value === "string" ? value : otherwise);

/** What the Runtime API says with one event. */
export interface EventHead {
  readonly requestId: string;
  readonly functionArn: string;
  /** Epoch milliseconds by the machine's clock, because the function compares it with that. */
  readonly deadlineAt: number;
  /** JSON. */
  readonly clientContext?: string;
}

/** Answers a waiting `next` with an event. */
export function sendEvent(response: ServerResponse, head: EventHead, payload: Buffer): void {
  const context =
    head.clientContext === undefined ? [] : ["Lambda-Runtime-Client-Context", toAscii(head.clientContext)];
  response.sendDate = false;
  response.writeHead(200, [
    ...context,
    "Content-Type",
    "application/json",
    "Lambda-Runtime-Aws-Request-Id",
    head.requestId,
    "Lambda-Runtime-Deadline-Ms",
    String(head.deadlineAt),
    "Lambda-Runtime-Invoked-Function-Arn",
    head.functionArn,
    "Lambda-Runtime-Trace-Id",
    traceId(head),
    "Content-Length",
    String(payload.length),
  ]);
  response.end(payload);
}

/** The same JSON in characters that a header can carry, on one line. */
function toAscii(json: string): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(JSON.parse(json)).replace(/[\u0080-\uffff]/g, escaped);
}

/** An X-Ray trace header. It leads nowhere, but libraries want to parse one; made of what is at hand, so it costs nothing. */
function traceId({ requestId, deadlineAt }: EventHead): string {
  const hex = requestId.replaceAll("-", "").padEnd(32, "0");
  return `Root=1-${Math.floor(deadlineAt / 1000).toString(16)}-${hex.slice(0, 24)};Parent=${hex.slice(16, 32)};Sampled=0`;
}

/**
 * Answers calls of the Runtime API that come to the server's own port. Functions in our runtimes find that address in
 * `AWS_LAMBDA_RUNTIME_API`, but their events go over the socket that they inherited; so this refuses all, in words.
 * Answers false for a path that is not of the Runtime API.
 */
export function handleRuntimeApi(request: IncomingMessage, response: ServerResponse): boolean {
  if (!request.url?.startsWith("/2018-06-01/")) return false;
  request.resume();
  reply(response, 403, {
    errorType: "InvalidStateTransition",
    errorMessage:
      "This function's events go to the runtime that was started with it. Use a runtime named provided.al2023 to bring your own.",
  });
  return true;
}
