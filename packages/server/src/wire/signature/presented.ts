import { header, parameter, type WireRequest } from "../request.ts";
import { Refusal } from "./refusal.ts";

/** What a client says of its signature, in the `Authorization` header or in the query (a presigned URL). Nothing is checked yet. */
export interface PresentedSignature {
  readonly style: "header" | "query";
  readonly algorithm: string;
  readonly credential: string;
  readonly signedHeaders: string;
  readonly signature: string;
  /** As sent, to be checked: `20130609T100015Z`. */
  readonly date: string;
  readonly sessionToken: string | undefined;
  /** Presigned URLs only, as sent. */
  readonly expires: string | undefined;
}

/**
 * Reads the signature of a request, whichever of the two ways it came.
 *
 * Throws a `Refusal`: two signatures, none, or one with parts missing. Source: reference §1.2, first rows.
 */
export function readSignature(request: WireRequest): PresentedSignature {
  const authorization = header(request, "authorization");
  const inQuery = request.query !== "" && parameter(request, "X-Amz-Algorithm") !== undefined;
  if (inQuery && authorization) {
    throw new Refusal(
      "twoSignatures",
      "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    );
  }
  if (inQuery) return fromQuery(request);
  if (!authorization?.startsWith("AWS4-")) throw new Refusal("noSignature", "Request is missing Authentication Token");
  return fromHeader(request, authorization);
}

function fromHeader(request: WireRequest, authorization: string): PresentedSignature {
  const space = authorization.indexOf(" ");
  const algorithm = space < 0 ? authorization : authorization.slice(0, space);
  const parts = space < 0 ? {} : readParts(authorization.slice(space + 1));
  const date = header(request, "x-amz-date") ?? header(request, "date");
  const { Credential: credential, Signature: signature, SignedHeaders: signedHeaders } = parts;
  if (!credential || !signature || !signedHeaders || !date) {
    const absent = [];
    if (!credential) absent.push("Authorization header requires 'Credential' parameter. ");
    if (!signature) absent.push("Authorization header requires 'Signature' parameter. ");
    if (!signedHeaders) absent.push("Authorization header requires 'SignedHeaders' parameter. ");
    if (!date) absent.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
    const onlyDate = absent.length === 1 && !date;
    throw new Refusal(onlyDate ? "noDate" : "incomplete", `${absent.join("")}Authorization=${authorization}`);
  }
  const sessionToken = header(request, "x-amz-security-token");
  return { style: "header", algorithm, credential, signedHeaders, signature, date, sessionToken, expires: undefined };
}

interface Parts {
  Credential?: string;
  SignedHeaders?: string;
  Signature?: string;
}

function readParts(text: string): Parts {
  const parts: Parts = {};
  for (const part of text.split(",")) {
    const equals = part.indexOf("=");
    const name = part.slice(0, equals).trim();
    if (name === "Credential" || name === "SignedHeaders" || name === "Signature")
      parts[name] = part.slice(equals + 1).trim();
  }
  return parts;
}

function fromQuery(request: WireRequest): PresentedSignature {
  const read = (name: string) => parameter(request, name) ?? "";
  const absent = ["X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"].filter(
    (name) => !read(name),
  );
  if (absent.length > 0) {
    const text = absent.map((name) => `AWS query-string parameters must include '${name}'. `).join("");
    throw new Refusal("incomplete", `${text}Re-examine the query-string parameters.`, {
      s3Code: "AuthorizationQueryParametersError",
      s3Text:
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
    });
  }
  return {
    style: "query",
    algorithm: read("X-Amz-Algorithm"),
    credential: read("X-Amz-Credential"),
    signedHeaders: read("X-Amz-SignedHeaders"),
    signature: read("X-Amz-Signature"),
    date: read("X-Amz-Date"),
    sessionToken: parameter(request, "X-Amz-Security-Token"),
    expires: parameter(request, "X-Amz-Expires"),
  };
}
