import { aliasNotFound } from "../../keys/errors.ts";
import { deleteAlias as deleteAliasRow } from "../../store/key.ts";
import { homeOf, operation } from "../../wire/operation.ts";
import { aliasArn, requireCustomerAlias } from "./alias.ts";
import { authorize, type Input, type Kms, type KmsCall, type Output } from "./context.ts";

/**
 * Takes a name from a key. Errors: `NotFoundException`, `NotAuthorizedException`, `ValidationException`.
 * Source: KMS API reference, DeleteAlias.
 */
export const deleteAlias = operation<Kms, Input<"DeleteAlias">, Output<"DeleteAlias">>({
  name: "DeleteAlias",
  access: ({ AliasName }, _, call) => [{ action: "kms:DeleteAlias", resource: aliasArn(homeOf(call), AliasName) }],
  async run({ AliasName: name }, kms, call: KmsCall) {
    requireCustomerAlias(name);
    const home = homeOf(call);
    await authorize("kms:DeleteAlias", await kms.keys.find(name, home), kms, call);
    const deleted = await kms.store.transact((tx) => tx.run(deleteAliasRow, { ...home, name }));
    if (deleted === 0) throw aliasNotFound(aliasArn(home, name));
    return {};
  },
});
