import { operation } from "../../wire/operation.ts";
import { nameOf, readAccess } from "./access.ts";
import { checkRead } from "./conditions.ts";
import { type Input, type Output, requireBucket, type S3 } from "./context.ts";
import { refuseCustomerKey } from "./encryption.ts";
import { readHeaders } from "./object-headers.ts";
import { type AskedRange, askedRange } from "./range.ts";

/**
 * Gives an object, or a range of it, as a stream.
 *
 * Errors: `NoSuchBucket`, `NoSuchKey`, `NoSuchVersion`, `MethodNotAllowed`, `InvalidRange`, `InvalidPartNumber`,
 * `PreconditionFailed`, `NotModified`, `KMS.*`. Source: S3 API reference, GetObject.
 */
export const getObject = operation<S3, Input<"GetObject">, Output<"GetObject">>({
  name: "GetObject",
  async access(input, s3, call) {
    await requireBucket(s3, input, call);
    return readAccess(s3, nameOf(input), call);
  },
  async run(input, { objects }) {
    refuseCustomerKey(input);
    let asked: AskedRange = { range: undefined, partsCount: undefined };
    const { version, body } = await objects.open(nameOf(input), async (found) => {
      checkRead(found, input);
      asked = await askedRange(objects, found, input);
      return asked.range;
    });
    return { ...readHeaders(version, asked, input), Body: body };
  },
});
