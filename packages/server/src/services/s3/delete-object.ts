import { operation } from "../../wire/operation.ts";
import { nameOf, onObject } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { given } from "./given.ts";

/**
 * Deletes an object or a version of it; what is not there counts as deleted. Errors: `NoSuchBucket`.
 * Source: S3 API reference, DeleteObject.
 */
export const deleteObject = operation<S3, Input<"DeleteObject">, Output<"DeleteObject">>({
  name: "DeleteObject",
  access: onObject("s3:DeleteObject", "s3:DeleteObjectVersion"),
  async run(input, { objects }) {
    const { versionId, deleteMarker } = await objects.deleteVersion(nameOf(input), { ifMatch: input.IfMatch });
    return given({ VersionId: versionId, DeleteMarker: deleteMarker || undefined });
  },
});
