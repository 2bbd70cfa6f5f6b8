import { preconditionFailed } from "../../objects/errors.ts";
import type { StoredVersion, WriteCondition } from "../../objects/object-store.ts";
import { matchesEtag } from "../../objects/versions.ts";
import { notImplemented, notModified } from "./errors.ts";

interface ReadConditions {
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
  readonly IfModifiedSince?: Date;
  readonly IfUnmodifiedSince?: Date;
}

/**
 * Holds back a read whose conditions fail. An ETag has the word over a date of the same kind.
 *
 * Errors: `PreconditionFailed`, `NotModified`. Source: S3 API reference, GetObject, and RFC 9110 §13.2.2.
 */
export function checkRead(version: StoredVersion, input: ReadConditions): void {
  if (failsMatch(version, input))
    throw preconditionFailed(input.IfMatch === undefined ? "If-Unmodified-Since" : "If-Match");
  if (isUnchanged(version, input)) throw notModified(version);
}

/**
 * The conditions of a write. They are looked at in the transaction that makes the object, where writes stand in a row, so
 * that there is no moment for the service's 409 `ConditionalRequestConflict`.
 *
 * Errors: `NotImplemented` for `If-None-Match` with an ETag. Source: S3 API reference, PutObject.
 */
export function writeConditions({
  IfMatch,
  IfNoneMatch,
}: Pick<ReadConditions, "IfMatch" | "IfNoneMatch">): WriteCondition {
  if (IfNoneMatch !== undefined && IfNoneMatch !== "*") throw notImplemented("If-None-Match");
  return { ifMatch: IfMatch, ifNoneMatch: IfNoneMatch };
}

interface CopyConditions {
  readonly CopySourceIfMatch?: string;
  readonly CopySourceIfNoneMatch?: string;
  readonly CopySourceIfModifiedSince?: Date;
  readonly CopySourceIfUnmodifiedSince?: Date;
}

/** The same for the source of a copy, where nothing is "not modified". Errors: `PreconditionFailed`. */
export function checkCopySource(version: StoredVersion, input: CopyConditions): void {
  const conditions: ReadConditions = {
    ...(input.CopySourceIfMatch !== undefined && { IfMatch: input.CopySourceIfMatch }),
    ...(input.CopySourceIfNoneMatch !== undefined && { IfNoneMatch: input.CopySourceIfNoneMatch }),
    ...(input.CopySourceIfModifiedSince && { IfModifiedSince: input.CopySourceIfModifiedSince }),
    ...(input.CopySourceIfUnmodifiedSince && { IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince }),
  };
  if (failsMatch(version, conditions)) {
    const byEtag = conditions.IfMatch !== undefined;
    throw preconditionFailed(byEtag ? "x-amz-copy-source-If-Match" : "x-amz-copy-source-If-Unmodified-Since");
  }
  if (!isUnchanged(version, conditions)) return;
  const byEtag = conditions.IfNoneMatch !== undefined;
  throw preconditionFailed(byEtag ? "x-amz-copy-source-If-None-Match" : "x-amz-copy-source-If-Modified-Since");
}

function failsMatch(version: StoredVersion, { IfMatch, IfUnmodifiedSince }: ReadConditions): boolean {
  if (IfMatch !== undefined) return !matchesEtag(IfMatch, version.etag);
  return IfUnmodifiedSince !== undefined && seconds(version.lastModified) > seconds(IfUnmodifiedSince.getTime());
}

function isUnchanged(version: StoredVersion, { IfNoneMatch, IfModifiedSince }: ReadConditions): boolean {
  if (IfNoneMatch !== undefined) return matchesEtag(IfNoneMatch, version.etag);
  return IfModifiedSince !== undefined && seconds(version.lastModified) <= seconds(IfModifiedSince.getTime());
}

/** Dates in headers have whole seconds. */
function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
