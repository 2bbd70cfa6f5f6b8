import { operation } from "../../wire/operation.ts";
import { nameOf, onObject } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";

/** Is taken and has no effect: policies alone decide. Errors: `NoSuchKey`, `NoSuchVersion`. Source: S3 API reference, PutObjectAcl. */
export const putObjectAcl = operation<S3, Input<"PutObjectAcl">, Output<"PutObjectAcl">>({
  name: "PutObjectAcl",
  access: onObject("s3:PutObjectAcl", "s3:PutObjectVersionAcl"),
  async run(input, { objects }) {
    await objects.find(nameOf(input), "PUT");
    return {};
  },
});
