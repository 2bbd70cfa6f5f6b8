import { createHash, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";
import { ServiceError } from "../error.ts";
import { header, type WireRequest } from "../request.ts";

type Digest = (body: Buffer) => Buffer;

const hashed =
  (algorithm: string): Digest =>
  (body) =>
    createHash(algorithm).update(body).digest();

const digests: Readonly<Record<string, Digest>> = {
  "content-md5": hashed("md5"),
  "x-amz-checksum-sha1": hashed("sha1"),
  "x-amz-checksum-sha256": hashed("sha256"),
  "x-amz-checksum-crc32": (body) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(body));
    return bytes;
  },
};

/**
 * Holds a document to the digests that its headers give. Bodies that stream are the service's to check, as is
 * everything that is not among these four.
 *
 * Errors: S3's `InvalidDigest` and `BadDigest`.
 */
export function checkBodyDigests(request: WireRequest, body: Buffer): void {
  for (const [name, compute] of Object.entries(digests)) {
    const sent = header(request, name);
    if (sent !== undefined) checkDigest(name, sent, compute(body));
  }
}

function checkDigest(name: string, sent: string, computed: Buffer): void {
  const shown = name === "content-md5" ? "Content-MD5" : name;
  const claimed = Buffer.from(sent, "base64");
  if (claimed.length !== computed.length) {
    throw new ServiceError("InvalidDigest", `The ${shown} you specified was invalid.`, 400, { [shown]: sent });
  }
  if (timingSafeEqual(claimed, computed)) return;
  throw new ServiceError("BadDigest", `The ${shown} you specified did not match what we received.`, 400, {
    ExpectedDigest: sent,
    CalculatedDigest: computed.toString("base64"),
  });
}
