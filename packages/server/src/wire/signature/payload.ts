import { createHash, type Hash } from "node:crypto";
import { type Readable, Transform, type TransformCallback } from "node:stream";
import { ClientGone } from "../body.ts";
import { ServiceError } from "../error.ts";
import { header, type WireRequest } from "../request.ts";
import type { SignatureSeed } from "./authenticate.ts";
import { ChunkedBody } from "./aws-chunked.ts";
import { EMPTY_SHA256 } from "./canonical.ts";

/**
 * The body of an S3 request, decoded, and checked against what was signed while it is read.
 *
 * A mismatch is the stream's `error`, a `ServiceError`, so only what was read to its end may be kept. A client that
 * goes away destroys the stream. Destroying the stream leaves the connection alone.
 */
export function openPayload(request: WireRequest, seed: SignatureSeed | undefined): Readable {
  const decoded = decoder(request, seed);
  const { message } = request;
  message.once("close", () => {
    if (!message.complete) decoded.destroy(new ClientGone("The client closed the connection before the body's end"));
  });
  message.on("error", (cause) =>
    decoded.destroy(new ClientGone("The connection broke before the body's end", { cause })),
  );
  decoded.on("error", () => {}); // An operation that refuses early never listens; whoever reads gets the error as well.
  return message.pipe(decoded);
}

/** Whether a request says that it has a body. */
export function hasBody({ headers }: WireRequest): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

/** The body of a request that has none, held to the hash that was signed. */
export function checkNoPayload(request: WireRequest): Buffer {
  const signed = header(request, "x-amz-content-sha256") ?? "";
  if (/^[0-9a-f]{64}$/.test(signed) && signed !== EMPTY_SHA256) throw hashMismatch(signed, EMPTY_SHA256);
  return Buffer.alloc(0);
}

/**
 * The trailing headers of a body that came in the `aws-chunked` encoding, in lower case, such as
 * `x-amz-checksum-crc32`; complete once the body was read to its end. Empty for any other body.
 */
export function trailersOf(body: Readable): Readonly<Record<string, string>> {
  return body instanceof ChunkedBody ? body.trailers : {};
}

/** Whether the body comes in the `aws-chunked` encoding. */
export function isChunked(request: WireRequest): boolean {
  return header(request, "x-amz-content-sha256")?.startsWith("STREAMING-") === true;
}

function decoder(request: WireRequest, seed: SignatureSeed | undefined): Transform {
  const signed = header(request, "x-amz-content-sha256") ?? "UNSIGNED-PAYLOAD";
  const decodedBytes = decodedLength(request);
  const trailers = (header(request, "x-amz-trailer") ?? "").toLowerCase().split(/[, ]+/).filter(Boolean);
  switch (signed) {
    case "UNSIGNED-PAYLOAD":
      return new PlainBody(undefined);
    case "STREAMING-UNSIGNED-PAYLOAD-TRAILER":
      return new ChunkedBody({ trailers, decodedBytes });
    case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD":
      return new ChunkedBody({ seed: required(seed), decodedBytes });
    case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER":
      return new ChunkedBody({ seed: required(seed), trailers, decodedBytes });
  }
  if (/^[0-9a-f]{64}$/.test(signed)) return new PlainBody(signed);
  throw new ServiceError(
    "InvalidArgument",
    "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
    400,
    { ArgumentName: "x-amz-content-sha256", ArgumentValue: signed },
  );
}

/** Signed chunks continue a signature of Version 4. */
function required(seed: SignatureSeed | undefined): SignatureSeed {
  if (seed) return seed;
  throw new ServiceError(
    "InvalidRequest",
    "A body of signed chunks needs a request that is signed with AWS4-HMAC-SHA256.",
  );
}

function decodedLength(request: WireRequest): number | undefined {
  const text = header(request, "x-amz-decoded-content-length");
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new ServiceError("InvalidArgument", "x-amz-decoded-content-length is not a number", 400, {
    ArgumentName: "x-amz-decoded-content-length",
    ArgumentValue: text,
  });
}

/** A body as it is, hashed on its way when the client signed its hash. */
class PlainBody extends Transform {
  readonly #signedHash: string | undefined;
  readonly #hash: Hash | undefined;

  constructor(signedHash: string | undefined) {
    super();
    this.#signedHash = signedHash;
    this.#hash = signedHash ? createHash("sha256") : undefined;
  }

  override _transform(bytes: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#hash?.update(bytes);
    done(null, bytes);
  }

  override _flush(done: TransformCallback): void {
    const computed = this.#hash?.digest("hex");
    done(computed === this.#signedHash ? null : hashMismatch(this.#signedHash, computed));
  }
}

function hashMismatch(claimed: string | undefined, computed: string | undefined): ServiceError {
  return new ServiceError(
    "XAmzContentSHA256Mismatch",
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    400,
    { ClientComputedContentSHA256: claimed, S3ComputedContentSHA256: computed },
  );
}
