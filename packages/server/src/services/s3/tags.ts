import { invalidArgument, invalidTag, tooManyTags } from "./errors.ts";
import type { Tag } from "./shapes.generated.ts";

/** Source: S3 user guide, "Categorizing your storage using tags". */
const OBJECT_TAGS_COUNT_MAX = 10;
const BUCKET_TAGS_COUNT_MAX = 50;
const TAG_KEY_LENGTH_MAX = 128;
const TAG_VALUE_LENGTH_MAX = 256;

/** Reads the `x-amz-tagging` header, which is spelled as a query. Errors: `InvalidArgument`, `InvalidTag`, `BadRequest`. */
export function tagsOfHeader(header: string | undefined): Readonly<Record<string, string>> | undefined {
  if (header === undefined) return undefined;
  const pairs = [...new URLSearchParams(header)].map(([Key, Value]) => ({ Key, Value }));
  if (new Set(pairs.map(({ Key }) => Key)).size < pairs.length) {
    throw invalidArgument(
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
      "x-amz-tagging",
      header,
    );
  }
  return checkTags(pairs, "Object");
}

/** Errors: `InvalidTag`, `BadRequest`. */
export function checkTags(tags: readonly Tag[], kind: "Object" | "Bucket"): Readonly<Record<string, string>> {
  const max = kind === "Object" ? OBJECT_TAGS_COUNT_MAX : BUCKET_TAGS_COUNT_MAX;
  if (tags.length > max) throw tooManyTags(kind, max);
  const known = new Map<string, string>();
  for (const { Key, Value } of tags) {
    if (Key.length === 0 || Key.length > TAG_KEY_LENGTH_MAX)
      throw invalidTag("The TagKey you have provided is invalid");
    if (Value.length > TAG_VALUE_LENGTH_MAX) throw invalidTag("The TagValue you have provided is invalid");
    if (known.has(Key)) throw invalidTag("Cannot provide multiple Tags with the same key");
    known.set(Key, Value);
  }
  return Object.fromEntries(known);
}

export function toTagSet(tags: Readonly<Record<string, string>>): readonly Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
