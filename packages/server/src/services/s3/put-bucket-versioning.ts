import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { malformedXml, notImplemented } from "./errors.ts";

/** Begins or suspends keeping versions. Errors: `NoSuchBucket`, `MalformedXML`. Source: S3 API reference, PutBucketVersioning. */
export const putBucketVersioning = operation<S3, Input<"PutBucketVersioning">, Output<"PutBucketVersioning">>({
  name: "PutBucketVersioning",
  access: onBucket("s3:PutBucketVersioning"),
  async run({ Bucket, VersioningConfiguration: { Status, MFADelete } }, { objects }) {
    if (MFADelete === "Enabled") throw notImplemented("MfaDelete");
    if (Status !== "Enabled" && Status !== "Suspended") throw malformedXml();
    await objects.setVersioning(Bucket, Status);
    return {};
  },
});
