import { keyNotFound } from "../../keys/errors.ts";
import { operation } from "../../wire/operation.ts";
import type { Input, Kms, KmsCall, Output } from "./context.ts";
import { ownKey } from "./key-state.ts";

/** Shows a key's policy, whose only name is `default`. Errors: `NotFoundException`. Source: KMS API reference, GetKeyPolicy. */
export const getKeyPolicy = operation<Kms, Input<"GetKeyPolicy">, Output<"GetKeyPolicy">>({
  name: "GetKeyPolicy",
  async run({ KeyId, PolicyName = "default" }, kms, call: KmsCall) {
    const key = await ownKey("kms:GetKeyPolicy", KeyId, kms, call);
    if (PolicyName !== "default") throw keyNotFound("No such policy exists");
    return { Policy: key.policy, PolicyName };
  },
});
