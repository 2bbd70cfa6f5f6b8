import { operation } from "../../wire/operation.ts";
import { nameOf, onObject } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { given } from "./given.ts";
import { toTagSet } from "./tags.ts";

/** Errors: `NoSuchKey`, `NoSuchVersion`. Source: S3 API reference, GetObjectTagging. */
export const getObjectTagging = operation<S3, Input<"GetObjectTagging">, Output<"GetObjectTagging">>({
  name: "GetObjectTagging",
  access: onObject("s3:GetObjectTagging", "s3:GetObjectVersionTagging"),
  async run(input, { objects }) {
    const { tags, versionId } = await objects.find(nameOf(input));
    return { TagSet: toTagSet(tags), ...given({ VersionId: versionId ?? undefined }) };
  },
});
