import type { ObjectName } from "../../objects/object-store.ts";
import type { BucketInput } from "./context.ts";
import { invalidArgument } from "./errors.ts";

/** Reads `x-amz-copy-source`: `bucket/key`, perhaps with a slash before and `?versionId=` behind. Errors: `InvalidArgument`. */
export function copySource(header: string): ObjectName {
  const [path = "", query = ""] = splitVersion(header);
  const decoded = decode(path, header).replace(/^\//, "");
  const slash = decoded.indexOf("/");
  if (slash < 1 || slash === decoded.length - 1) throw invalidSource(header);
  const versionId = query === "" ? undefined : decode(query, header);
  return { bucket: decoded.slice(0, slash), key: decoded.slice(slash + 1), versionId };
}

/** The source's bucket, with the owner whom the caller expects. */
export function sourceBucket(bucket: string, expectedOwner: string | undefined): BucketInput {
  return { Bucket: bucket, ...(expectedOwner !== undefined && { ExpectedBucketOwner: expectedOwner }) };
}

function splitVersion(header: string): readonly string[] {
  const at = header.lastIndexOf(VERSION);
  return at < 0 ? [header] : [header.slice(0, at), header.slice(at + VERSION.length)];
}

const VERSION = "?versionId=";

function decode(text: string, header: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidSource(header);
  }
}

const invalidSource = (header: string) =>
  invalidArgument(
    "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
    "x-amz-copy-source",
    header,
  );
