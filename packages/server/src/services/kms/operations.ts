import type { Operation } from "../../wire/operation.ts";
import { type Service, service } from "../../wire/service.ts";
import { cancelKeyDeletion } from "./cancel-key-deletion.ts";
import type { Input, Kms, Output } from "./context.ts";
import { createAlias } from "./create-alias.ts";
import { createKey } from "./create-key.ts";
import { decrypt } from "./decrypt.ts";
import { deleteAlias } from "./delete-alias.ts";
import { describeKey } from "./describe-key.ts";
import { disableKey } from "./disable-key.ts";
import { enableKey } from "./enable-key.ts";
import { encrypt } from "./encrypt.ts";
import { generateDataKey } from "./generate-data-key.ts";
import { generateDataKeyWithoutPlaintext } from "./generate-data-key-without-plaintext.ts";
import { getKeyPolicy } from "./get-key-policy.ts";
import { listAliases } from "./list-aliases.ts";
import { listKeys } from "./list-keys.ts";
import { model } from "./model.generated.ts";
import { putKeyPolicy } from "./put-key-policy.ts";
import { scheduleKeyDeletion } from "./schedule-key-deletion.ts";
import type { Operations } from "./shapes.generated.ts";

/** Everything that KMS does here, by name; one that is in the shapes and not here does not compile. */
export const operations: { readonly [Name in keyof Operations]: Operation<Kms, Input<Name>, Output<Name>> } = {
  CreateKey: createKey,
  DescribeKey: describeKey,
  ListKeys: listKeys,
  CreateAlias: createAlias,
  DeleteAlias: deleteAlias,
  ListAliases: listAliases,
  EnableKey: enableKey,
  DisableKey: disableKey,
  ScheduleKeyDeletion: scheduleKeyDeletion,
  CancelKeyDeletion: cancelKeyDeletion,
  Encrypt: encrypt,
  Decrypt: decrypt,
  GenerateDataKey: generateDataKey,
  GenerateDataKeyWithoutPlaintext: generateDataKeyWithoutPlaintext,
  GetKeyPolicy: getKeyPolicy,
  PutKeyPolicy: putKeyPolicy,
};

/** KMS, ready to be served. */
export function kms(context: Kms): Service<Operations> {
  return service<Kms, Operations>({ model, context, operations });
}
