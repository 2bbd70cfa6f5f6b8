import { keyPendingDeletion } from "../../keys/errors.ts";
import { findAlias, insertAlias } from "../../store/key.ts";
import { homeOf, operation } from "../../wire/operation.ts";
import { aliasArn, requireCustomerAlias } from "./alias.ts";
import { authorize, type Input, type Kms, type KmsCall, type Output } from "./context.ts";
import { aliasAlreadyExists, invalid } from "./errors.ts";

/**
 * Gives a key another name.
 *
 * Errors: `AlreadyExistsException`, `NotFoundException`, `KMSInvalidStateException`, `NotAuthorizedException` for AWS's
 * own names, `ValidationException`. Source: KMS API reference, CreateAlias.
 */
export const createAlias = operation<Kms, Input<"CreateAlias">, Output<"CreateAlias">>({
  name: "CreateAlias",
  access: ({ AliasName }, _, call) => [{ action: "kms:CreateAlias", resource: aliasArn(homeOf(call), AliasName) }],
  async run({ AliasName: name, TargetKeyId }, kms, call: KmsCall) {
    requireCustomerAlias(name);
    if (TargetKeyId.includes("alias/")) throw invalid("Aliases must refer to keys. Not aliases");
    const home = homeOf(call);
    const key = await kms.keys.find(TargetKeyId, homeOf(call));
    await authorize("kms:CreateAlias", key, kms, call);
    if (key.state === "PendingDeletion") throw keyPendingDeletion(key.arn);
    await kms.store.transact(async (tx) => {
      if (await tx.first(findAlias, { ...home, name })) throw aliasAlreadyExists(aliasArn(home, name));
      await tx.run(insertAlias, { ...home, name, key_id: key.id, created_at: call.now });
    });
    return {};
  },
});
