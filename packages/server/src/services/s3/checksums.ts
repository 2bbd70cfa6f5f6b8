import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { CHECKSUM_ALGORITHMS, type Checksum, type ChecksumAlgorithm, isDigest } from "../../objects/checksum.ts";
import { invalidChecksum, invalidRequest } from "../../objects/errors.ts";
import type { Expectation } from "../../objects/object-store.ts";
import type { Call } from "../../wire/operation.ts";
import { trailersOf } from "../../wire/signature/payload.ts";
import { invalidContentMd5 } from "./errors.ts";

/** The members for checksums that inputs and outputs have. */
export type ChecksumMembers = { readonly [A in ChecksumAlgorithm as `Checksum${A}`]?: string };

interface BodyInput extends ChecksumMembers {
  readonly Body: Readable;
  readonly ContentMD5?: string;
  readonly ChecksumAlgorithm?: string;
}

const MD5_BYTES = 16;

/** What a client says of its body, in headers or behind it. Errors: `InvalidDigest`, `InvalidRequest`. */
export function expectationOf(input: BodyInput, { request }: Call): Expectation {
  const { ContentMD5: contentMd5 } = input;
  if (contentMd5 !== undefined && !isMd5(contentMd5)) throw invalidContentMd5(contentMd5);
  const inHeader = checksumMember(input);
  if (inHeader) {
    const { algorithm, value } = inHeader;
    return { contentMd5, checksum: { algorithm, expected: () => value } };
  }
  const algorithm = trailerAlgorithm(request) ?? supported(input.ChecksumAlgorithm);
  if (!algorithm) return { contentMd5 };
  // Trailing headers are there once the body has ended, which is when they are asked for.
  return { contentMd5, checksum: { algorithm, expected: () => trailersOf(input.Body)[headerOf(algorithm)] } };
}

/** The one checksum among the members. Errors: `InvalidRequest`. */
export function checksumMember(
  input: ChecksumMembers,
): { readonly algorithm: ChecksumAlgorithm; readonly value: string } | undefined {
  const all = checksumsOf(input);
  const [first, second] = CHECKSUM_ALGORITHMS.filter((algorithm) => all[algorithm] !== undefined);
  if (second)
    throw invalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
  const value = first && all[first];
  if (first === undefined || value === undefined) return undefined;
  if (!isDigest(first, value.replace(COMPOSITE, ""))) throw invalidChecksum(first);
  return { algorithm: first, value };
}

/** The members by algorithm. */
export function checksumsOf(input: ChecksumMembers): Partial<Record<ChecksumAlgorithm, string>> {
  const all: Partial<Record<ChecksumAlgorithm, string>> = {};
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const value = input[`Checksum${algorithm}`];
    if (value !== undefined) all[algorithm] = value;
  }
  return all;
}

/** A checksum as members of an output. */
export function checksumHeaders(checksum: Checksum | undefined) {
  if (!checksum) return {};
  return { ...partChecksum(checksum), ChecksumType: checksum.type };
}

/** The same for a part, which has no type. */
export function partChecksum(checksum: Checksum | undefined): ChecksumMembers {
  return checksum ? { [`Checksum${checksum.algorithm}`]: checksum.value } : {};
}

/** As listings show it. */
export function listedChecksum(checksum: Checksum | undefined) {
  return checksum ? { ChecksumAlgorithm: [checksum.algorithm], ChecksumType: checksum.type } : {};
}

/** An algorithm's name, if it is one that we have. Errors: `InvalidRequest` for any other. */
export function supported(name: string | undefined): ChecksumAlgorithm | undefined {
  if (name === undefined) return undefined;
  const found = CHECKSUM_ALGORITHMS.find((algorithm) => algorithm === name.toUpperCase());
  if (found) return found;
  throw invalidRequest(
    "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
  );
}

const COMPOSITE = /-\d+$/;

function headerOf(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

function trailerAlgorithm(request: IncomingMessage | undefined): ChecksumAlgorithm | undefined {
  const announced = request?.headers["x-amz-trailer"];
  if (announced === undefined) return undefined;
  const names = String(announced).toLowerCase();
  return CHECKSUM_ALGORITHMS.find((algorithm) => names.split(",").some((name) => name.trim() === headerOf(algorithm)));
}

function isMd5(value: string): boolean {
  const bytes = Buffer.from(value, "base64");
  return bytes.length === MD5_BYTES && bytes.toString("base64") === value;
}
