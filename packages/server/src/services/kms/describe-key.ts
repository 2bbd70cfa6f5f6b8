import { homeOf, operation } from "../../wire/operation.ts";
import { authorize, type Input, type Kms, type KmsCall, type Output } from "./context.ts";
import { toMetadata } from "./key-metadata.ts";

/** Shows a key. Errors: `NotFoundException`. Source: KMS API reference, DescribeKey. */
export const describeKey = operation<Kms, Input<"DescribeKey">, Output<"DescribeKey">>({
  name: "DescribeKey",
  async run({ KeyId }, kms, call: KmsCall) {
    const key = await kms.keys.find(KeyId, homeOf(call));
    await authorize("kms:DescribeKey", key, kms, call);
    return { KeyMetadata: toMetadata(key) };
  },
});
