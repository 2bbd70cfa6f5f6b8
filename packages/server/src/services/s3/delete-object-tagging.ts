import { operation } from "../../wire/operation.ts";
import { nameOf, onObject } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { given } from "./given.ts";

/** Errors: `NoSuchKey`, `NoSuchVersion`. Source: S3 API reference, DeleteObjectTagging. */
export const deleteObjectTagging = operation<S3, Input<"DeleteObjectTagging">, Output<"DeleteObjectTagging">>({
  name: "DeleteObjectTagging",
  access: onObject("s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging"),
  async run(input, { objects }) {
    const { versionId } = await objects.setTags(nameOf(input), {});
    return given({ VersionId: versionId ?? undefined });
  },
});
