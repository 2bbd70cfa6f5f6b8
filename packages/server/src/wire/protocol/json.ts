/**
 * The awsJson 1.1 protocol of CodePipeline, KMS and others: the operation in `X-Amz-Target`, JSON both ways.
 * Source: reference §1 and §1.1.
 */
import { ServiceError } from "../error.ts";
import { header } from "../request.ts";
import { violationText } from "../validate.ts";
import { decodeJson, encodeJson, parseJsonObject } from "./json-shapes.ts";
import { type Reply, splitDetail, type WireProtocol } from "./protocol.ts";

/** Unit: bytes. A pipeline's definition stays far below; results of jobs carry at most 122,880 bytes of variables. */
export const JSON_BODY_BYTES_MAX = 8 * 1024 * 1024;

export const jsonProtocol: WireProtocol = {
  bodyBytesMax: () => JSON_BODY_BYTES_MAX,

  open(model, request, body) {
    const document = parseJsonObject(body ?? Buffer.alloc(0));
    const target = header(request, "x-amz-target") ?? "";
    const prefix = `${model.targetPrefix}.`;
    const name = target.startsWith(prefix) ? target.slice(prefix.length) : target;
    return { name, document };
  },

  parse(model, { name, document }) {
    const shape = model.operations[name]?.input;
    if (!shape) return {};
    return decodeJson(model, shape, document) as Record<string, unknown>; // A structure's decoder makes an object.
  },

  // KMS and CloudWatch Logs still show the value, as the older services do; Logs has a code of its own for it.
  invalid({ name }, violations) {
    const code = name === "logs" ? "InvalidParameterException" : "ValidationException";
    return new ServiceError(code, violationText(violations, name === "kms" || name === "logs" ? "echo" : "silent"));
  },

  reply(model, operation, output, requestId) {
    const shape = model.operations[operation]?.output;
    return reply(200, shape ? JSON.stringify(encodeJson(model, shape, output)) : "", requestId);
  },

  errorReply(_model, error, requestId) {
    const { headers, rest } = splitDetail(error);
    const message = error.message === "" ? {} : { message: error.message };
    const body = JSON.stringify({ __type: error.code, ...message, ...Object.fromEntries(rest) });
    return reply(error.status, body, requestId, headers);
  },

  denied: (message) => new ServiceError("AccessDeniedException", message),
  unknownOperation: () => new ServiceError("UnknownOperationException", ""),
  tooLarge: (bytesMax) =>
    new ServiceError("RequestEntityTooLargeException", `Request must be smaller than ${bytesMax} bytes`, 413),
  internal: () =>
    new ServiceError(
      "InternalFailure",
      "The request processing has failed because of an unknown error, exception or failure.",
      500,
    ),
};

function reply(status: number, body: string, requestId: string, extra: Readonly<Record<string, string>> = {}): Reply {
  return {
    status,
    headers: { ...extra, "x-amzn-requestid": requestId, "content-type": "application/x-amz-json-1.1" },
    body,
  };
}
