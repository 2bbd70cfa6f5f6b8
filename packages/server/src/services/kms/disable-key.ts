import { operation } from "../../wire/operation.ts";
import type { Input, Kms, KmsCall, Output } from "./context.ts";
import { changeableKey } from "./key-state.ts";

/**
 * Makes a key unusable until it is enabled again. Errors: `NotFoundException`, `KMSInvalidStateException`.
 * Source: KMS API reference, DisableKey.
 */
export const disableKey = operation<Kms, Input<"DisableKey">, Output<"DisableKey">>({
  name: "DisableKey",
  async run({ KeyId }, kms, call: KmsCall) {
    await kms.keys.setState(await changeableKey("kms:DisableKey", KeyId, kms, call), "Disabled");
    return {};
  },
});
