import { invalidPartNumber, invalidRange, invalidRequest } from "../../objects/errors.ts";
import type { ByteRange, ObjectStore, StoredVersion } from "../../objects/object-store.ts";
import { invalidArgument } from "./errors.ts";

interface RangeInput {
  readonly Range?: string;
  readonly PartNumber?: number;
}

/** A range of an answer, and of how many parts the object is when one of them was asked for. */
export interface AskedRange {
  readonly range: ByteRange | undefined;
  readonly partsCount: number | undefined;
}

/** Errors: `InvalidRange`, `InvalidPartNumber`, `InvalidRequest`. */
export async function askedRange(
  objects: ObjectStore,
  version: StoredVersion,
  { Range, PartNumber }: RangeInput,
): Promise<AskedRange> {
  if (PartNumber === undefined) {
    const range = Range === undefined ? undefined : parseRange(Range, version.sizeBytes);
    return { range, partsCount: undefined };
  }
  if (Range !== undefined) throw invalidRequest("Cannot specify both Range header and partNumber query parameter");
  const parts = await objects.partsOf(version);
  const sizes = parts.length > 0 ? parts.map((part) => part.sizeBytes) : [version.sizeBytes];
  const sizeBytes = sizes[PartNumber - 1];
  if (sizeBytes === undefined) throw invalidPartNumber(PartNumber, sizes.length);
  const start = sizes.slice(0, PartNumber - 1).reduce((sum, size) => sum + size, 0);
  return { range: { start, end: start + sizeBytes - 1 }, partsCount: parts.length > 0 ? parts.length : undefined };
}

/**
 * One range of bytes. Whatever is not exactly that is as if it were not there, as RFC 9110 wants it.
 *
 * Errors: `InvalidRange` when it is outside of the object.
 */
function parseRange(header: string, sizeBytes: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  const [, from = "", to = ""] = match ?? [];
  if (!match || (from === "" && to === "")) return undefined;
  if (from === "") return suffixRange(header, Number(to), sizeBytes);
  const start = Number(from);
  const end = to === "" ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
  if (to !== "" && Number(to) < start) return undefined;
  if (start >= sizeBytes) throw invalidRange(header, sizeBytes);
  return { start, end };
}

/** The range of a copied part, which must be exact. Errors: `InvalidArgument`, `InvalidRange`. */
export function parseCopyRange(header: string, sizeBytes: number): ByteRange {
  const match = /^bytes=(\d+)-(\d+)$/.exec(header);
  const [start, end] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || end < start) {
    throw invalidArgument(
      "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
      "x-amz-copy-source-range",
      header,
    );
  }
  if (end >= sizeBytes) {
    throw invalidArgument(
      `Range specified is not valid for source object of size: ${sizeBytes}`,
      "x-amz-copy-source-range",
      header,
    );
  }
  return { start, end };
}

function suffixRange(header: string, length: number, sizeBytes: number): ByteRange {
  if (length === 0 || sizeBytes === 0) throw invalidRange(header, sizeBytes);
  return { start: Math.max(sizeBytes - length, 0), end: sizeBytes - 1 };
}
