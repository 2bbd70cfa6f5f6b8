import { operation } from "../../wire/operation.ts";
import { nameOf, onObject } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { notImplemented } from "./errors.ts";
import { given } from "./given.ts";

/**
 * Deletes an object or a version of it; what is not there counts as deleted. Errors: `NoSuchBucket`;
 * `PreconditionFailed`, `NoSuchKey` for `If-Match`.
 * Source: S3 API reference, DeleteObject.
 */
export const deleteObject = operation<S3, Input<"DeleteObject">, Output<"DeleteObject">>({
  name: "DeleteObject",
  access: onObject("s3:DeleteObject", "s3:DeleteObjectVersion"),
  async run(input, { objects }) {
    if (input.IfMatchLastModifiedTime !== undefined) throw notImplemented("x-amz-if-match-last-modified-time");
    if (input.IfMatchSize !== undefined) throw notImplemented("x-amz-if-match-size");
    const { versionId, deleteMarker } = await objects.deleteVersion(nameOf(input), { ifMatch: input.IfMatch });
    return given({ VersionId: versionId, DeleteMarker: deleteMarker || undefined });
  },
});
