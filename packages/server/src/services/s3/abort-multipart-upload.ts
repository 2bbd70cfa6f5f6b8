import { operation } from "../../wire/operation.ts";
import type { Input, Output, S3 } from "./context.ts";
import { onUpload, uploadNameOf } from "./upload-name.ts";

/** Errors: `NoSuchUpload`. Source: S3 API reference, AbortMultipartUpload. */
export const abortMultipartUpload = operation<S3, Input<"AbortMultipartUpload">, Output<"AbortMultipartUpload">>({
  name: "AbortMultipartUpload",
  access: onUpload("s3:AbortMultipartUpload"),
  async run(input, { objects }) {
    await objects.abortUpload(uploadNameOf(input));
    return {};
  },
});
