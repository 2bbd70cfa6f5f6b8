import type { ObjectStore, StoredVersion } from "../../objects/object-store.ts";
import { operation } from "../../wire/operation.ts";
import { nameOf, objectAccess, readAccess } from "./access.ts";
import { checksumHeaders, partChecksum } from "./checksums.ts";
import { type Input, type Output, requireBucket, type S3 } from "./context.ts";
import { given } from "./given.ts";
import { pageLimit } from "./page.ts";

/** Errors: `NoSuchKey`, `NoSuchVersion`. Source: S3 API reference, GetObjectAttributes. */
export const getObjectAttributes = operation<S3, Input<"GetObjectAttributes">, Output<"GetObjectAttributes">>({
  name: "GetObjectAttributes",
  async access(input, s3, call) {
    await requireBucket(s3, input, call);
    const name = nameOf(input);
    const attributes = objectAccess(name, "s3:GetObjectAttributes", "s3:GetObjectVersionAttributes");
    return [...(await readAccess(s3, name, call)), attributes];
  },
  async run(input, { objects }) {
    const version = await objects.find(nameOf(input));
    const asked = new Set(input.ObjectAttributes);
    return given({
      LastModified: version.lastModified,
      VersionId: version.versionId ?? undefined,
      // Without its quotes, here alone. Source: S3 API reference, GetObjectAttributes, example.
      ETag: asked.has("ETag") ? version.etag.replaceAll('"', "") : undefined,
      Checksum: asked.has("Checksum") && version.checksum ? checksumHeaders(version.checksum) : undefined,
      ObjectParts: asked.has("ObjectParts") ? await partsShown(objects, version, input) : undefined,
      StorageClass: asked.has("StorageClass") ? ("STANDARD" as const) : undefined,
      ObjectSize: asked.has("ObjectSize") ? version.sizeBytes : undefined,
    });
  },
});

async function partsShown(objects: ObjectStore, version: StoredVersion, input: Input<"GetObjectAttributes">) {
  const parts = await objects.partsOf(version);
  if (parts.length === 0) return undefined;
  const after = input.PartNumberMarker ?? 0;
  const limit = pageLimit(input.MaxParts, "max-parts");
  const left = parts.filter((part) => part.partNumber > after);
  const page = left.slice(0, limit);
  return {
    TotalPartsCount: parts.length,
    PartNumberMarker: after,
    NextPartNumberMarker: page.at(-1)?.partNumber ?? 0,
    MaxParts: limit,
    IsTruncated: left.length > limit,
    Parts: page.map((part) => ({ PartNumber: part.partNumber, Size: part.sizeBytes, ...partChecksum(part.checksum) })),
  };
}
