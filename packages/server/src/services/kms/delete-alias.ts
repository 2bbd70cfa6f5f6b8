import { aliasNotFound } from "../../keys/errors.ts";
import { deleteAlias as deleteAliasRow } from "../../store/key.ts";
import { operation } from "../../wire/operation.ts";
import { aliasArn, requireCustomerAlias } from "./alias.ts";
import { authorize, type Input, type Kms, type KmsCall, type Output } from "./context.ts";

/**
 * Takes a name from a key. Errors: `NotFoundException`, `NotAuthorizedException`, `ValidationException`.
 * Source: KMS API reference, DeleteAlias.
 */
export const deleteAlias = operation<Kms, Input<"DeleteAlias">, Output<"DeleteAlias">>({
  name: "DeleteAlias",
  access: ({ AliasName }, { account }, { region }) => [
    { action: "kms:DeleteAlias", resource: aliasArn(region, account, AliasName) },
  ],
  async run({ AliasName: name }, kms, call: KmsCall) {
    requireCustomerAlias(name);
    const { region } = call;
    await authorize("kms:DeleteAlias", await kms.keys.find(name, region), kms, call);
    const deleted = await kms.store.transact((tx) => tx.run(deleteAliasRow, { region, name }));
    if (deleted === 0) throw aliasNotFound(aliasArn(region, kms.account, name));
    return {};
  },
});
