import { operation } from "../../wire/operation.ts";
import { expectationOf, partChecksum } from "./checksums.ts";
import type { Input, Output, S3 } from "./context.ts";
import { encryptionHeaders, refuseCustomerKey } from "./encryption.ts";
import { checkPartNumber, onUpload, uploadNameOf } from "./upload-name.ts";

/** Errors: `NoSuchUpload`, `BadDigest`, `InvalidArgument`. Source: S3 API reference, UploadPart. */
export const uploadPart = operation<S3, Input<"UploadPart">, Output<"UploadPart">>({
  name: "UploadPart",
  access: onUpload("s3:PutObject", "kms:GenerateDataKey"),
  async run(input, { objects }, call) {
    refuseCustomerKey(input);
    checkPartNumber(input.PartNumber);
    const name = uploadNameOf(input);
    const { encryption } = await objects.upload(name);
    const part = await objects.writePart({
      ...name,
      ...expectationOf(input, call),
      partNumber: input.PartNumber,
      body: input.Body,
    });
    return { ETag: part.etag, ...partChecksum(part.checksum), ...encryptionHeaders(encryption) };
  },
});
