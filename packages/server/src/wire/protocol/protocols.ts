import type { Protocol } from "../model.ts";
import { header, type WireRequest } from "../request.ts";
import { jsonProtocol } from "./json.ts";
import type { WireProtocol } from "./protocol.ts";
import { queryProtocol } from "./query.ts";
import { restJsonProtocol } from "./rest-json.ts";
import { restXmlProtocol } from "./rest-xml.ts";

/** The protocols by the names that models use. */
export const protocols: Readonly<Record<Protocol, WireProtocol>> = {
  json: jsonProtocol,
  "rest-json": restJsonProtocol,
  "rest-xml": restXmlProtocol,
  query: queryProtocol,
};

/** The protocol of an answer to a request before its service is known. */
export function likelyProtocol(request: WireRequest, serviceName: string): WireProtocol {
  if (request.headers["x-amz-target"] !== undefined) return protocols.json;
  if (serviceName === "s3") return protocols["rest-xml"];
  if (serviceName === "lambda" || header(request, "content-type")?.includes("json")) return protocols["rest-json"];
  return protocols.query;
}
