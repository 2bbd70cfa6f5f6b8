import { keyInvalidState } from "../../keys/errors.ts";
import { operation } from "../../wire/operation.ts";
import type { Input, Kms, KmsCall, Output } from "./context.ts";
import { ownKey } from "./key-state.ts";

/**
 * Keeps a key after all. It is disabled then, as in the service.
 *
 * Errors: `NotFoundException`; `KMSInvalidStateException` when it is not to be deleted.
 * Source: KMS API reference, CancelKeyDeletion.
 */
export const cancelKeyDeletion = operation<Kms, Input<"CancelKeyDeletion">, Output<"CancelKeyDeletion">>({
  name: "CancelKeyDeletion",
  async run({ KeyId }, kms, call: KmsCall) {
    const key = await ownKey("kms:CancelKeyDeletion", KeyId, kms, call);
    if (key.state !== "PendingDeletion") throw keyInvalidState(`${key.arn} is not pending deletion.`);
    await kms.keys.setState(key, "Disabled");
    return { KeyId: key.arn };
  },
});
