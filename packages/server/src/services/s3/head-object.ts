import { operation } from "../../wire/operation.ts";
import { nameOf, readAccess } from "./access.ts";
import { checkRead } from "./conditions.ts";
import { type Input, type Output, requireBucket, type S3 } from "./context.ts";
import { refuseCustomerKey } from "./encryption.ts";
import { readHeaders } from "./object-headers.ts";
import { askedRange } from "./range.ts";

/** What GetObject says, without the bytes. Errors: as GetObject. Source: S3 API reference, HeadObject. */
export const headObject = operation<S3, Input<"HeadObject">, Output<"HeadObject">>({
  name: "HeadObject",
  async access(input, s3, call) {
    await requireBucket(s3, input, call);
    return readAccess(s3, nameOf(input), call);
  },
  async run(input, { objects }) {
    refuseCustomerKey(input);
    const version = await objects.find(nameOf(input), "HEAD");
    checkRead(version, input);
    return readHeaders(version, await askedRange(objects, version, input), input);
  },
});
