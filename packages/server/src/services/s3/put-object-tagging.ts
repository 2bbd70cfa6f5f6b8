import { operation } from "../../wire/operation.ts";
import { nameOf, onObject } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { given } from "./given.ts";
import { checkTags } from "./tags.ts";

/** Replaces all tags. Errors: `NoSuchKey`, `NoSuchVersion`, `InvalidTag`, `BadRequest`. Source: S3 API reference, PutObjectTagging. */
export const putObjectTagging = operation<S3, Input<"PutObjectTagging">, Output<"PutObjectTagging">>({
  name: "PutObjectTagging",
  access: onObject("s3:PutObjectTagging", "s3:PutObjectVersionTagging"),
  async run(input, { objects }) {
    const { versionId } = await objects.setTags(nameOf(input), checkTags(input.Tagging.TagSet, "Object"));
    return given({ VersionId: versionId ?? undefined });
  },
});
