/**
 * The rest-xml protocol as S3 speaks it: the bucket in the path or in the host, operations told apart by method and
 * subresource, members in headers and query, XML or bytes as body.
 */
import type { Readable } from "node:stream";
import { ServiceError } from "../error.ts";
import { isStreaming, type ServiceModel, shapeOf, structureOf } from "../model.ts";
import { header, type WireRequest } from "../request.ts";
import { isChunked } from "../signature/payload.ts";
import type { Violation } from "../validate.ts";
import { readXml, XmlError } from "../xml/read.ts";
import { decodeXml, encodeXmlMembers } from "../xml/shapes.ts";
import { attribute, element, escapeXml, XML_DECLARATION } from "../xml/write.ts";
import { type Reply, splitDetail, type WireProtocol } from "./protocol.ts";
import { withQueryHeaders } from "./query-headers.ts";
import { type MemberPlan, planOf, readPlacedMembers, writeHeaders } from "./rest-members.ts";
import { findRoute } from "./rest-route.ts";
import { s3Path } from "./s3-path.ts";

/** Unit: bytes. CompleteMultipartUpload with 10,000 parts and their checksums is the largest document. */
const DOCUMENT_BYTES_MAX = 8 * 1024 * 1024;

export const restXmlProtocol: WireProtocol = {
  bodyBytesMax: () => DOCUMENT_BYTES_MAX,

  open(model, request) {
    const route = findRoute(model, withQueryHeaders(request), s3Path(request));
    if (!route) throw methodNotAllowed(request);
    if (!route.labels) throw new ServiceError("InvalidURI", "Couldn't parse the specified URI.");
    return { name: route.name, labels: route.labels };
  },

  parse(model, { name, labels = {} }, request, body) {
    const shapeName = model.operations[name]?.input;
    if (!shapeName) return {};
    const plan = planOf(model, shapeName);
    const input = readPlacedMembers(model, plan, withQueryHeaders(request), labels, ({ wireName }, text) =>
      invalidArgument(wireName, text),
    );
    if (isChunked(request)) hideChunks(request, input);
    readPayload(model, plan, body, input);
    return input;
  },

  invalid(_model, violations) {
    const [first] = violations;
    if (!first || first.path.includes(".")) return malformedXml();
    return invalidArgument(first.path, first.value, violationReason(first));
  },

  reply(model, name, output, requestId) {
    const operation = model.operations[name];
    const status = operation?.status ?? 200;
    if (!operation?.output) return { status, headers: identify(requestId), body: "" };
    const plan = planOf(model, operation.output);
    const headers: Record<string, string> = { ...identify(requestId), ...writeHeaders(model, plan, output) };
    const partial = status === 200 && headers["content-range"] !== undefined;
    return writeBody(model, name, plan, output, { status: partial ? 206 : status, headers });
  },

  errorReply(_model, error, requestId, request) {
    const { headers, rest } = splitDetail(error);
    const head = { ...identify(requestId), ...headers };
    if (error.status === 304 || request.method === "HEAD") return { status: error.status, headers: head, body: "" };
    const parts = [
      element("Code", escapeXml(error.code)),
      element("Message", escapeXml(error.message)),
      ...rest.map(([name, value]) => element(name, escapeXml(String(value)))),
      element("RequestId", head["x-amz-request-id"]),
      element("HostId", head["x-amz-id-2"]),
    ];
    const body = XML_DECLARATION + element("Error", parts.join(""));
    return { status: error.status, headers: { ...head, "content-type": "application/xml" }, body };
  },

  denied: (message) => new ServiceError("AccessDenied", message, 403),
  unknownOperation: (name) =>
    new ServiceError(
      "NotImplemented",
      `A header or query you provided requested a function that is not implemented. ${name} is not served by Penstock.`,
      501,
      {
        Operation: name,
      },
    ),
  tooLarge: (bytesMax) =>
    new ServiceError("MaxMessageLengthExceeded", "Your request was too big.", 400, { MaxMessageLengthBytes: bytesMax }),
  internal: () => new ServiceError("InternalError", "We encountered an internal error. Please try again.", 500),
};

/** Whether an operation's body is handed on as a stream. */
export function streamsInput(model: ServiceModel, operation: string): boolean {
  const shapeName = model.operations[operation]?.input;
  const payload = shapeName ? planOf(model, shapeName).payload : undefined;
  return payload !== undefined && isStreaming(model, payload.member);
}

/** S3's two ids of a request: `x-amz-request-id` has sixteen characters of the uuid. */
function identify(requestId: string): { "x-amz-request-id": string; "x-amz-id-2": string } {
  const digits = requestId.replaceAll("-", "").toUpperCase();
  return { "x-amz-request-id": digits.slice(0, 16), "x-amz-id-2": Buffer.from(digits).toString("base64") };
}

/** Members that speak of the body mean what the body is once its chunks are taken apart. */
function hideChunks(request: WireRequest, input: Record<string, unknown>): void {
  const decoded = header(request, "x-amz-decoded-content-length");
  if (decoded === undefined) delete input["ContentLength"];
  else input["ContentLength"] = Number(decoded);
  const encodings = (header(request, "content-encoding") ?? "").split(",").map((one) => one.trim());
  const rest = encodings.filter((one) => one !== "" && one !== "aws-chunked").join(",");
  if (rest === "") delete input["ContentEncoding"];
  else input["ContentEncoding"] = rest;
}

function readPayload(
  model: ServiceModel,
  { payload }: MemberPlan,
  body: Buffer | Readable,
  input: Record<string, unknown>,
): void {
  if (!payload) return;
  if (!Buffer.isBuffer(body)) {
    input[payload.name] = body;
    return;
  }
  if (body.length === 0) return;
  const shape = shapeOf(model, payload.member.shape);
  if (shape.type === "blob") input[payload.name] = body;
  else if (shape.type === "string") input[payload.name] = body.toString("utf8");
  else input[payload.name] = readDocument(model, payload, body);
}

function readDocument(
  model: ServiceModel,
  { member, wireName }: NonNullable<MemberPlan["payload"]>,
  body: Buffer,
): unknown {
  try {
    const root = readXml(body.toString("utf8"));
    if (root.name !== wireName) throw new XmlError(`The root element is ${root.name}, not ${wireName}`);
    return decodeXml(model, member, root);
  } catch (error) {
    if (error instanceof XmlError) throw malformedXml();
    throw error;
  }
}

function writeBody(
  model: ServiceModel,
  name: string,
  plan: MemberPlan,
  output: Readonly<Record<string, unknown>>,
  { status, headers }: Pick<Reply, "status" | "headers">,
): Reply {
  const operation = model.operations[name];
  const namespace = attribute("xmlns", model.xmlNamespace ?? "");
  const xml = (root: string, markup: string): Reply => ({
    status,
    headers: { "content-type": "application/xml", ...headers },
    body: XML_DECLARATION + element(root, markup, namespace),
  });
  if (plan.payload) {
    const value = output[plan.payload.name];
    const shape = shapeOf(model, plan.payload.member.shape);
    if (value === undefined || value === null) return { status, headers, body: "" };
    if (shape.type === "string") {
      return { status, headers: { "content-type": "application/json", ...headers }, body: String(value) };
    }
    if (shape.type !== "structure") return { status, headers, body: value as Reply["body"] }; // By the output's type.
    const structure = value as Readonly<Record<string, unknown>>; // Likewise.
    const markup = encodeXmlMembers(model, shape, Object.keys(shape.members), structure, { fraction: true });
    return xml(plan.payload.member.locationName ?? plan.payload.member.shape, markup);
  }
  if (plan.body.length === 0) return { status, headers, body: "" };
  const root = operation?.root ?? operation?.output ?? name;
  const [only = ""] = plan.body;
  if (operation?.unwrapped) return xml(root, escapeXml(String(output[only] ?? "")));
  return xml(
    root,
    encodeXmlMembers(model, structureOf(model, operation?.output ?? ""), plan.body, output, { fraction: true }),
  );
}

function methodNotAllowed({ method }: WireRequest): ServiceError {
  return new ServiceError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405, {
    Method: method,
  });
}

function malformedXml(): ServiceError {
  return new ServiceError(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
  );
}

function violationReason({ constraint, missing, path }: Violation): string {
  return missing ? `Missing required argument ${path}` : constraint;
}

function invalidArgument(name: string, value: unknown, message = "Invalid Argument"): ServiceError {
  const shown = value === undefined ? undefined : String(value).slice(0, 1_024);
  return new ServiceError("InvalidArgument", message, 400, { ArgumentName: name, ArgumentValue: shown });
}
