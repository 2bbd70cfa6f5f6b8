/** The rest-json protocol of Lambda: operations by URI, members in URI, query and headers, JSON or bytes as body. */
import type { Readable } from "node:stream";
import { ServiceError } from "../error.ts";
import { type ServiceModel, shapeOf, structureOf } from "../model.ts";
import { violationText } from "../validate.ts";
import {
  decodeJson,
  decodeJsonMembers,
  encodeJson,
  encodeJsonMembers,
  parseJsonObject,
  serializationError,
} from "./json-shapes.ts";
import { type Reply, splitDetail, type WireProtocol } from "./protocol.ts";
import { type MemberPlan, planOf, readPlacedMembers, writeHeaders } from "./rest-members.ts";
import { findRoute } from "./rest-route.ts";

/** Unit: bytes; 6 MiB of payload, and room for what is around it. Source: Lambda quotas, invocation payload. */
const BODY_BYTES_MAX = 6 * 1024 * 1024 + 64 * 1024;

/** Unit: bytes; 50 MB of zipped code as Base64. Source: Lambda's `RequestEntityTooLargeException` for CreateFunction. */
const CODE_BODY_BYTES_MAX = 70_167_211;

export const restJsonProtocol: WireProtocol = {
  bodyBytesMax(model, request) {
    const route = findRoute(model, request, request.path);
    return route && carriesBytes(model, route.name) ? CODE_BODY_BYTES_MAX : BODY_BYTES_MAX;
  },

  open(model, request) {
    const route = findRoute(model, request, request.path);
    if (!route) return { name: `${request.method} ${request.path}` };
    if (!route.labels) throw serializationError("The URI has a malformed escape");
    return { name: route.name, labels: route.labels };
  },

  parse(model, { name, labels = {} }, request, body) {
    const shapeName = model.operations[name]?.input;
    if (!shapeName) return {};
    const plan = planOf(model, shapeName);
    const input = readPlacedMembers(model, plan, request, labels, ({ wireName }, text) =>
      serializationError(`'${text.slice(0, 100)}' is no value of ${wireName}`),
    );
    readBody(model, shapeName, plan, body, input);
    return input;
  },

  invalid: (_model, violations) => new ServiceError("ValidationException", violationText(violations, "echo")),

  reply(model, name, output, requestId) {
    const operation = model.operations[name];
    const status = operation?.status ?? 200;
    const head = { "x-amzn-requestid": requestId, "content-type": "application/json" };
    if (!operation?.output) return { status, headers: head, body: "" };
    const plan = planOf(model, operation.output);
    const chosen = plan.status === undefined ? undefined : output[plan.status];
    return {
      status: typeof chosen === "number" ? chosen : status,
      headers: { ...head, ...writeHeaders(model, plan, output) },
      body: writeBody(model, operation.output, plan, output),
    };
  },

  errorReply(model, error, requestId) {
    const { headers, rest } = splitDetail(error);
    const spelling = model?.capitalMessages?.includes(error.code) ? "Message" : "message";
    const message = error.message === "" ? {} : { [spelling]: error.message };
    return {
      status: error.status,
      headers: {
        ...headers,
        "x-amzn-requestid": requestId,
        "x-amzn-errortype": error.code,
        "content-type": "application/json",
      },
      body: JSON.stringify({ Type: error.status < 500 ? "User" : "Service", ...message, ...Object.fromEntries(rest) }),
    };
  },

  denied: (message) => new ServiceError("AccessDeniedException", message, 403),
  unknownOperation: () => new ServiceError("UnknownOperationException", "", 404),
  tooLarge: (bytesMax) =>
    new ServiceError("RequestEntityTooLargeException", `Request must be smaller than ${bytesMax} bytes`, 413),
  internal: () => new ServiceError("ServiceException", "An error occurred and the request cannot be processed.", 500),
};

/** Whether an input has bytes inside its document, as CreateFunction has its code. */
function carriesBytes(model: ServiceModel, operation: string): boolean {
  const shapeName = model.operations[operation]?.input;
  if (!shapeName) return false;
  const { members } = structureOf(model, shapeName);
  return planOf(model, shapeName).body.some((name) => {
    const shape = shapeOf(model, members[name]?.shape ?? "");
    if (shape.type !== "structure") return shape.type === "blob";
    return Object.values(shape.members).some((member) => shapeOf(model, member.shape).type === "blob");
  });
}

function readBody(
  model: ServiceModel,
  shapeName: string,
  plan: MemberPlan,
  body: Buffer | Readable,
  input: Record<string, unknown>,
): void {
  const { payload } = plan;
  if (!Buffer.isBuffer(body)) {
    if (payload) input[payload.name] = body;
    return;
  }
  if (body.length === 0) return;
  if (!payload) {
    if (plan.body.length > 0) decodeJsonMembers(model, plan.body, shapeName, parseJsonObject(body), input);
    return;
  }
  const type = shapeOf(model, payload.member.shape).type;
  if (type === "blob") input[payload.name] = body;
  else
    input[payload.name] =
      type === "string" ? body.toString("utf8") : decodeJson(model, payload.member.shape, parseJsonObject(body));
}

function writeBody(
  model: ServiceModel,
  shapeName: string,
  plan: MemberPlan,
  output: Readonly<Record<string, unknown>>,
): Reply["body"] {
  if (!plan.payload) return JSON.stringify(encodeJsonMembers(model, plan.body, shapeName, output));
  const value = output[plan.payload.name];
  if (value === undefined || value === null) return "";
  const type = shapeOf(model, plan.payload.member.shape).type;
  // The types of the outputs allow nothing else for a payload of bytes or text.
  if (type === "blob" || type === "string") return value as Reply["body"];
  return JSON.stringify(encodeJson(model, plan.payload.member.shape, value));
}
