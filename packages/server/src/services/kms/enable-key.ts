import { operation } from "../../wire/operation.ts";
import type { Input, Kms, KmsCall, Output } from "./context.ts";
import { changeableKey } from "./key-state.ts";

/**
 * Lets a disabled key be used again. Errors: `NotFoundException`, `KMSInvalidStateException`.
 * Source: KMS API reference, EnableKey.
 */
export const enableKey = operation<Kms, Input<"EnableKey">, Output<"EnableKey">>({
  name: "EnableKey",
  async run({ KeyId }, kms, call: KmsCall) {
    await kms.keys.setState(await changeableKey("kms:EnableKey", KeyId, kms, call), "Enabled");
    return {};
  },
});
