/**
 * The `aws-chunked` encoding: a body in chunks, each perhaps with a signature, then perhaps trailing headers.
 *
 *     10000;chunk-signature=<hex>CRLF <65536 bytes> CRLF … 0;chunk-signature=<hex>CRLF
 *     x-amz-checksum-crc32:<base64>CRLF x-amz-trailer-signature:<hex>CRLF CRLF
 *
 * Each signature continues the one before; the first continues the request's own. Bytes go on as they
 * come, before their chunk's signature is known, so that nothing is held in memory: a reader may trust what it read
 * only when the stream has ended. Source: S3 API reference, "Signature calculations: transferring payload in multiple chunks".
 */
import { createHash, type Hash, timingSafeEqual } from "node:crypto";
import { Transform, type TransformCallback } from "node:stream";
import { ServiceError } from "../error.ts";
import type { SignatureSeed } from "./authenticate.ts";
import { EMPTY_SHA256, sha256Hex } from "./canonical.ts";
import { hmac } from "./signing-key.ts";

/** A chunk's first line, or one trailing header. */
const LINE_BYTES_MAX = 1_024;
/** Checksums and one signature; S3 takes no other trailing headers. */
const TRAILERS_MAX = 16;

export interface ChunkedOptions {
  /** Present when the chunks are signed. */
  readonly seed?: SignatureSeed;
  /** Whether the body ends with trailing headers, and which were announced, in lower case. */
  readonly trailers?: readonly string[];
  /** `x-amz-decoded-content-length`. */
  readonly decodedBytes: number | undefined;
}

type State = "size" | "data" | "dataEnd" | "trailer" | "done";

/** Decodes one body. Errors are S3's `ServiceError`s, as the stream's `error` event. */
export class ChunkedBody extends Transform {
  readonly #options: ChunkedOptions;
  readonly #trailers: Record<string, string> = {};
  #state: State = "size";
  /** The part of a line that has come so far. */
  #line = "";
  #leftBytes = 0;
  #totalBytes = 0;
  #hash: Hash | undefined;
  #claimed = "";
  #previous: string;

  constructor(options: ChunkedOptions) {
    super();
    this.#options = options;
    this.#previous = options.seed?.signature ?? "";
  }

  /** The trailing headers, in lower case; complete once the stream has ended. */
  get trailers(): Readonly<Record<string, string>> {
    return this.#trailers;
  }

  override _transform(bytes: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.#take(bytes);
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error("Not a chunked body", { cause: error }));
    }
  }

  override _flush(done: TransformCallback): void {
    const { decodedBytes } = this.#options;
    const complete = this.#state === "done" && (decodedBytes === undefined || decodedBytes === this.#totalBytes);
    done(complete ? null : incompleteBody());
  }

  #take(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) at = this.#state === "data" ? this.#takeData(bytes, at) : this.#takeLine(bytes, at);
  }

  #takeData(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#leftBytes);
    const data = bytes.subarray(at, end);
    this.#hash?.update(data);
    this.push(data);
    this.#leftBytes -= data.length;
    this.#totalBytes += data.length;
    if (this.#leftBytes === 0) this.#state = "dataEnd";
    return end;
  }

  #takeLine(bytes: Buffer, at: number): number {
    if (this.#state === "done") throw malformed("There is data after the last chunk.");
    const feed = bytes.indexOf(10, at);
    const end = feed < 0 ? bytes.length : feed + 1;
    if (this.#line.length + end - at > LINE_BYTES_MAX) throw malformed("A line of the chunked body is too long.");
    this.#line += bytes.toString("latin1", at, end);
    if (feed < 0) return end;
    if (!this.#line.endsWith("\r\n")) throw malformed("A line of the chunked body does not end with CRLF.");
    const line = this.#line.slice(0, -2);
    this.#line = "";
    this.#finishLine(line);
    return end;
  }

  #finishLine(line: string): void {
    if (this.#state === "size") this.#startChunk(line);
    else if (this.#state === "dataEnd") this.#endChunk(line);
    else if (line === "") this.#finishBody();
    else this.#addTrailer(line);
  }

  #endChunk(line: string): void {
    if (line !== "") throw malformed("A chunk is longer than it says.");
    this.#checkChunk();
    this.#state = "size";
  }

  #startChunk(line: string): void {
    const parts = /^([0-9a-fA-F]{1,10})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
    if (!parts?.[1]) throw malformed("A chunk does not start with its size.");
    if (this.#options.seed && !parts[2]) throw malformed("A chunk has no signature.");
    this.#claimed = parts[2] ?? "";
    this.#leftBytes = Number.parseInt(parts[1], 16);
    this.#hash = this.#options.seed && this.#leftBytes > 0 ? createHash("sha256") : undefined;
    if (this.#leftBytes > 0) {
      this.#state = "data";
      return;
    }
    this.#checkChunk();
    this.#state = "trailer"; // An empty line ends a body without trailing headers in the same way.
  }

  #checkChunk(): void {
    if (!this.#options.seed) return;
    const { date, scope } = this.#options.seed;
    const hash = this.#hash?.digest("hex") ?? EMPTY_SHA256;
    this.#checkSignature(`AWS4-HMAC-SHA256-PAYLOAD\n${date}\n${scope}\n${this.#previous}\n${EMPTY_SHA256}\n${hash}`);
  }

  #checkSignature(text: string): void {
    const { seed } = this.#options;
    if (!seed) return;
    const given = Buffer.from(this.#claimed, "hex");
    const expected = hmac(seed.key, text);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw chunkSignatureWrong();
    this.#previous = this.#claimed;
  }

  #addTrailer(line: string): void {
    const colon = line.indexOf(":");
    if (colon < 1 || Object.keys(this.#trailers).length >= TRAILERS_MAX) throw malformedTrailer();
    const name = line.slice(0, colon).trim().toLowerCase();
    const announced = this.#options.trailers?.includes(name) || name === "x-amz-trailer-signature";
    if (!announced || Object.hasOwn(this.#trailers, name)) throw malformedTrailer();
    this.#trailers[name] = line.slice(colon + 1).trim();
  }

  #finishBody(): void {
    const { seed, trailers } = this.#options;
    const { "x-amz-trailer-signature": signature, ...rest } = this.#trailers;
    if (trailers?.some((name) => rest[name] === undefined)) throw malformedTrailer();
    if (seed && trailers) {
      const text = Object.entries(rest).map(([name, value]) => `${name}:${value}\n`);
      this.#claimed = signature ?? "";
      this.#checkSignature(
        `AWS4-HMAC-SHA256-TRAILER\n${seed.date}\n${seed.scope}\n${this.#previous}\n${sha256Hex(text.join(""))}`,
      );
    }
    this.#state = "done";
  }
}

function malformed(why: string): ServiceError {
  return new ServiceError("InvalidChunkSizeError", `The chunked body is malformed. ${why}`);
}

function malformedTrailer(): ServiceError {
  return new ServiceError(
    "MalformedTrailerError",
    "The request contained trailing data that was not well-formed or did not conform to our published schema.",
  );
}

/** The body ended early, or is longer or shorter than announced. */
function incompleteBody(): ServiceError {
  return new ServiceError(
    "IncompleteBody",
    "You did not provide the number of bytes specified by the Content-Length HTTP header",
  );
}

function chunkSignatureWrong(): ServiceError {
  return new ServiceError(
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    403,
  );
}
