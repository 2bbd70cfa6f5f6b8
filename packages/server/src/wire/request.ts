import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { parseQuery, type QueryParameter } from "./uri.ts";

/** A request as it came in: nothing is decoded or tidied, because the signature is over the raw form. */
export interface WireRequest {
  readonly message: IncomingMessage;
  readonly method: string;
  /** Raw, with its percent escapes. */
  readonly path: string;
  /** Raw, without the question mark. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /** The query, decoded, in its order. Do not change it. */
  readonly parameters: readonly QueryParameter[];
}

const noParameters: readonly QueryParameter[] = [];

/** Takes a request apart. */
export function readRequest(message: IncomingMessage): WireRequest {
  const url = originForm(message.url ?? "/");
  const mark = url.indexOf("?");
  const query = mark < 0 ? "" : url.slice(mark + 1);
  return {
    message,
    method: message.method ?? "GET",
    path: mark < 0 ? url : url.slice(0, mark),
    query,
    headers: message.headers,
    parameters: query === "" ? noParameters : parseQuery(query),
  };
}

/** One header's value; the first one's where a client repeats it. */
export function header(request: WireRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** One query parameter's value. */
export function parameter(request: WireRequest, name: string): string | undefined {
  return request.parameters.find((one) => one.name === name)?.value;
}

/** Proxies send `http://host/path`; bytes that are not ASCII arrive as Latin-1 although clients mean UTF-8. */
function originForm(url: string): string {
  const path = url.startsWith("/") ? url : url.replace(/^https?:\/\/[^/?]*/i, "").replace(/^(?!\/)/, "/");
  return isAscii(path) ? path : Buffer.from(path, "latin1").toString("utf8");
}

/** Whether every character is one byte of ASCII. */
export function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 127) return false;
  return true;
}
