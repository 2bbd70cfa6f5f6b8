/**
 * Services of AWS that nobody here serves. Functions call them all the same, and must learn at once what is the matter:
 * their calls are refused in the protocol of the caller, or passed on to another endpoint or to AWS itself by choice.
 */
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { originOf, resign, type Signer } from "./aws-itself.ts";
import { ServiceError } from "./error.ts";
import type { Reply, WireProtocol } from "./protocol/protocol.ts";
import { protocols } from "./protocol/protocols.ts";
import { sendReply } from "./reply.ts";
import { header, parameter, type WireRequest } from "./request.ts";
import { sha256Hex } from "./signature/canonical.ts";

/** What becomes of calls of such a service: they are refused, or AWS itself or another endpoint gets them. */
export type OtherService = "refuse" | "aws" | URL;

/** The most bytes of such a call. Source: our choice, twice what DynamoDB takes. */
export const OTHER_BODY_BYTES_MAX = 32 * 1024 * 1024;

/** The error of a call that is refused. `service` is its name in a signature's scope. */
export function notServed(service: string): ServiceError {
  if (service === "form") return protocols.query.unknownOperation(""); // neither signed nor known by its version
  const choice = `Name an endpoint that serves it in penstock.yaml, such as 'aws: { ${service}: "http://localhost:8000" }', or AWS itself: 'aws: { ${service}: aws }'`;
  return new ServiceError("PenstockServiceNotServed", `Penstock does not serve ${service}. ${choice}.`);
}

/** What is known of such a call. */
export interface OtherCall {
  /** How the caller wants its answer. */
  readonly protocol: WireProtocol;
  /** How errors of its signature are told. */
  readonly dialect: "json" | "query";
  /** By its name, or by method and path where the protocol has no names. */
  readonly operation: string;
}

/** Looks at a call of a service of which there is no model. */
export function openOther(request: WireRequest, service: string, body: Buffer): OtherCall {
  const protocol = protocolOfOther(request, service);
  const target = header(request, "x-amz-target");
  const name = target?.slice(target.lastIndexOf(".") + 1) ?? /\/operation\/(\w+)$/.exec(request.path)?.[1];
  const isForm = protocol === protocols.query || service === "ec2";
  const action = isForm ? /(?:^|&)Action=(\w+)/.exec(body.toString("latin1", 0, FORM_LOOK_BYTES_MAX))?.[1] : undefined;
  const operation = name ?? action ?? parameter(request, "Action") ?? `${request.method} ${request.path}`;
  return { protocol, dialect: isForm ? "query" : "json", operation: operation.slice(0, OPERATION_LENGTH_MAX) };
}

/** How far into a form its action is looked for. */
const FORM_LOOK_BYTES_MAX = 64 * 1024;

/** Longer names are nobody's. */
const OPERATION_LENGTH_MAX = 200;

/** The hash that the caller has signed: that of the body, unless it says that it left the body out. */
export function signedHash(request: WireRequest, body: Buffer): string {
  const stated = header(request, "x-amz-content-sha256");
  return stated !== undefined && /^(UNSIGNED|STREAMING)-/.test(stated) ? stated : sha256Hex(body);
}

/** Services whose protocol is rest-xml; their errors look like those of a form. Source: the official service models. */
const XML_SERVICES: ReadonlySet<string> = new Set(["route53", "cloudfront"]);

function protocolOfOther(request: WireRequest, service: string): WireProtocol {
  if (header(request, "smithy-protocol") === "rpc-v2-cbor") return { ...protocols.json, errorReply: cborError };
  if (request.headers["x-amz-target"] !== undefined) return protocols.json;
  if (service === "ec2") return { ...protocols.query, errorReply: ec2Error };
  if (XML_SERVICES.has(service) || parameter(request, "Action") !== undefined) return protocols.query;
  return header(request, "content-type")?.startsWith("application/x-www-form-urlencoded")
    ? protocols.query
    : protocols["rest-json"];
}

function cborError(_model: unknown, { code, message, status }: ServiceError, requestId: string): Reply {
  const headers = {
    "smithy-protocol": "rpc-v2-cbor",
    "content-type": "application/cbor",
    "x-amzn-requestid": requestId,
  };
  const body = Buffer.concat([Buffer.of(0xa2), ...["__type", code, "message", message].map(cborText)]); // a map of two
  return { status, headers, body };
}

/** Source: RFC 8949 §3.1, major type 3. Error texts are far below 64 KiB. */
function cborText(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.of(0x79, bytes.length >> 8, bytes.length & 0xff), bytes]);
}

/** EC2's own form of a Query error. Source: EC2 API reference, "Error codes". */
function ec2Error(_model: unknown, { code, message, status }: ServiceError, requestId: string): Reply {
  const error = `<Error><Code>${code}</Code><Message>${message.replace(/[<&]/g, escapeXml)}</Message></Error>`;
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors>${error}</Errors><RequestID>${requestId}</RequestID></Response>`;
  return { status, headers: { "content-type": "text/xml" }, body };
}

const escapeXml = (character: string) => (character === "<" ? "&lt;" : "&amp;");

/** Marks what has been passed on once, so that an endpoint that leads back here ends in an error. */
const PASSED_ON = "x-penstock-passed-on";

/** Those that are about one connection. Source: RFC 9110 §7.6.1. */
const HOP_HEADERS = ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "te", "expect"];

type Response = Parameters<typeof sendReply>[1];

/**
 * Passes a call on as it is, with its `Host` and its signature, and answers what comes back. Resolves when that is told.
 *
 * Errors: `ServiceError` where the endpoint cannot be reached, or leads back to this server.
 */
export async function passOn(request: WireRequest, response: Response, endpoint: URL, body: Buffer): Promise<void> {
  if (header(request, PASSED_ON) !== undefined) throw unreachable(endpoint, "it leads back to Penstock itself");
  const headers: Record<string, string | string[] | undefined> = { ...request.headers, [PASSED_ON]: "1" };
  for (const name of HOP_HEADERS) delete headers[name];
  if (body.length > 0) headers["content-length"] = String(body.length);
  const path = endpoint.pathname.replace(/\/$/, "") + (request.message.url ?? "/").replace(/^https?:\/\/[^/]*/i, "");
  await tell(request, response, await ask(endpoint, { method: request.method, path, headers }, body));
}

/** The same to AWS itself, signed anew. Errors: `ServiceError` where AWS cannot be reached. */
export async function passOnToAws(
  request: WireRequest,
  response: Response,
  body: Buffer,
  signer: Signer,
): Promise<void> {
  const origin = originOf(request, signer.service, signer.region);
  const { path, headers } = resign(request, origin, body, signer);
  await tell(request, response, await ask(origin, { method: request.method, path, headers }, body));
}

async function tell(request: WireRequest, response: Response, reply: IncomingMessage): Promise<void> {
  const kept = Object.entries(reply.headers).filter(([name]) => !HOP_HEADERS.includes(name));
  const headers = Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
  await sendReply(request, response, { status: reply.statusCode ?? 502, headers, body: reply });
}

async function ask(endpoint: URL, options: RequestOptions, body: Buffer): Promise<IncomingMessage> {
  // Taken when needed: TLS is slow to load.
  const { request } = process.getBuiltinModule(endpoint.protocol === "https:" ? "node:https" : "node:http");
  return await new Promise((resolve, reject) => {
    const asked: ClientRequest = request(endpoint, options, resolve);
    asked.once("error", (error) => reject(unreachable(endpoint, error.message)));
    asked.end(body);
  });
}

function unreachable(endpoint: URL, why: string): ServiceError {
  const text = `Penstock cannot pass this call on to ${endpoint.origin}, as penstock.yaml says: ${why}.`;
  return new ServiceError("PenstockEndpointUnreachable", text, 502);
}
