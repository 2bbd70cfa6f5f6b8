import type { WireRequest } from "../request.ts";

/** What the query of a presigned URL may say in the place of a header, in lower case. */
const HEADER_NAME = /^(?:x-amz-.+|content-type|content-md5)$/;

/**
 * The request with the headers that stand in the query of a presigned URL: whoever signs one puts there what the
 * request itself may then leave out. A header that is sent has the word. Other requests come back as they are.
 */
export function withQueryHeaders(request: WireRequest): WireRequest {
  if (!request.query.includes("Signature=")) return request;
  const headers: Record<string, string> = {};
  for (const { name, value } of request.parameters) {
    const lower = name.toLowerCase();
    // Node gives a header's bytes as Latin-1.
    if (HEADER_NAME.test(lower)) headers[lower] = Buffer.from(value, "utf8").toString("latin1");
  }
  return { ...request, headers: { ...headers, ...request.headers } };
}
